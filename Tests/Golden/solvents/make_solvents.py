"""Energies and forces of five peptides in ff19SB, with CMAP, in five generalized Born solvents.

Made with OpenMM 8.6.1 (Reference platform, double precision) and ParmEd 4.3.1:

    python make_solvents.py [NAME...]

Each peptide gets a folder with topology.prmtop, which ParmEd writes from the System that OpenMM's
amber19/protein.ff19SB.xml makes (radii: mbondi3), and energies.nc:

    positions [frame, atom, 3]      10⁻⁴ nm, integers: 24 frames of MD at 310 K, 24 at 600 K, and 16
                                    with Gaussian noise of 0.01 to 0.05 nm (noise_sd)
    E_bond … E_nonbonded [frame]    kJ/mol, of the prmtop as OpenMM reads it
    forces_vacuum, forces_cmap      kJ/mol/nm, [forced, atom, 3], of the frames in `forced`
    radii_SET [atom]                nm, by ParmEd's changeRadii
    MODEL_pol, MODEL_sa             [salt, frame], kJ/mol; salt: 0 and 0.15 mol/l at 310 K (`kappa`)
    MODEL_forces                    [salt, forced, atom, 3], polarization and surface area together
"""

import os
import sys
import warnings

import netCDF4
import numpy as np
import openmm as mm
import parmed
from openmm import app, unit
from openmm.app.internal import customgbforces

HERE = os.path.dirname(os.path.abspath(__file__))
PEPTIDES = {
    "Ace-A-Nme": ["ACE", "ALA", "NME"],
    "MRD": ["NMET", "ARG", "CASP"],
    "Ace-GPC-Nme": ["ACE", "GLY", "PRO", "CYS", "NME"],
    "KWE": ["NLYS", "TRP", "CGLU"],
    "SHY": ["NSER", "HIP", "CTYR"],
}
MODELS = {
    "hct": (app.HCT, "mbondi"),
    "obc1": (app.OBC1, "mbondi2"),
    "obc2": (app.OBC2, "mbondi2"),
    "gbn": (app.GBn, "bondi"),
    "gbn2": (app.GBn2, "mbondi3"),
}
TEMPERATURE, SALT = 310.0, 0.15
FORCED = [0, 30, 47, 48, 55, 62]


def topology_of(field, names):
    """The topology of residue templates in a row."""
    topology = app.Topology()
    chain = topology.addChain()
    atoms, previous = [], None
    for name in names:
        template = field._templates[name]
        plain = name[1:] if len(name) == 4 else name
        residue = topology.addResidue(plain, chain)
        own = [topology.addAtom(a.name, a.element, residue) for a in template.atoms]
        for i, j in template.bonds:
            topology.addBond(own[i], own[j])
        by_name = {a.name: a for a in own}
        if previous is not None:
            topology.addBond(previous["C"], by_name["N"])
        previous = by_name
        atoms += own
    return topology


def rough_structure(topology, generator):
    """Every atom next to a bonded one, as far from the others as 200 random directions allow, and on
    its side of an L residue's N, CA, C."""
    count = topology.getNumAtoms()
    bonds = [[] for _ in range(count)]
    for a, b in topology.bonds():
        bonds[a.index].append(b.index)
        bonds[b.index].append(a.index)
    elements = [a.element.symbol for a in topology.atoms()]
    names = [a.name for a in topology.atoms()]
    order = {"N": 0, "C": 1, "CB": 2, "HA": 3}
    x, placed, queue = np.zeros((count, 3)), [0], [0]
    while queue:
        parent = queue.pop(0)
        for atom in sorted(bonds[parent], key=lambda b: order.get(names[b], 4)):
            if atom in placed:
                continue
            length = 0.105 if "H" in (elements[atom], elements[parent]) else 0.145
            directions = generator.normal(size=(200, 3))
            directions /= np.linalg.norm(directions, axis=1)[:, None]
            places = x[parent] + length * directions
            gaps = np.linalg.norm(places[:, None] - x[placed][None], axis=2)
            # Partners in a ring should stay near.
            partners = [b for b in bonds[atom] if b in placed and b != parent]
            score = (1 / gaps**4).sum(1)
            if partners:
                score += 1e6 * np.linalg.norm(places - x[partners[0]], axis=1)
            if names[parent] == "CA" and names[atom] in ("CB", "HA"):
                ends = {names[b]: x[b] - x[parent] for b in bonds[parent]}
                side = (places - x[parent]) @ np.cross(ends["N"], ends["C"])
                score += 1e9 * (side * (1 if names[atom] == "CB" else -1) < 0.2 * length * 0.02)
            x[atom] = places[np.argmin(score)]
            placed.append(atom)
            queue.append(atom)
    return x


def shape_is_right(topology, x):
    """L residues and trans peptide bonds."""
    residues = [{a.name: x[a.index] for a in r.atoms()} for r in topology.residues()]
    for r in residues:
        if "CB" in r and "CA" in r:
            n, c, b = (r[k] - r["CA"] for k in ("N", "C", "CB"))
            if np.dot(np.cross(n, c), b) < 0:
                return False
    for r, s in zip(residues, residues[1:]):
        before = r["CA"] if "CA" in r else r["CH3"]
        after = s["CA"] if "CA" in s else s["C"] if "C" in s else s["CH3"]
        if np.linalg.norm(before - after) < 0.34:
            return False
    return True


def context_of(system, temperature=None, step=0.0005):
    integrator = mm.LangevinMiddleIntegrator(temperature or 300.0, 5.0, step)
    integrator.setRandomNumberSeed(7)
    name = "Reference" if temperature is None else "CPU"
    properties = {} if temperature is None else {"Threads": "1"}
    return mm.Context(system, integrator, mm.Platform.getPlatformByName(name), properties)


def start_structure(topology, field):
    system = field.createSystem(topology)
    for seed in range(400):
        generator = np.random.default_rng(seed)
        context = context_of(system, 310.0)
        context.setPositions(rough_structure(topology, generator))
        mm.LocalEnergyMinimizer.minimize(context, 100.0, 400)
        state = context.getState(getPositions=True, getEnergy=True)
        x = np.array(state.getPositions(asNumpy=True))
        if shape_is_right(topology, x):
            print("  seed", seed, state.getPotentialEnergy())
            return x
    raise SystemExit("no good start structure")


def frames_of(system, start, generator):
    frames = []
    for temperature in (310.0, 600.0):
        context = context_of(system, temperature)
        context.setPositions(start)
        mm.LocalEnergyMinimizer.minimize(context, 10.0, 500)
        context.setVelocitiesToTemperature(temperature, 3)
        context.getIntegrator().step(1000)
        for _ in range(24):
            context.getIntegrator().step(200)
            x = np.array(context.getState(getPositions=True).getPositions(asNumpy=True))
            frames.append(x - x.mean(0))
    noise = [0.0] * 48
    for k in range(16):
        deviation = 0.01 * (1 + k % 5)
        frames.append(frames[3 * k] + generator.normal(0, deviation, start.shape))
        noise.append(deviation)
    ticks = np.rint(np.array(frames) * 1e4)
    assert np.abs(ticks).max() < 32767
    return ticks.astype(np.int16), np.array(noise)


def evaluate(system, positions, forced, group=None):
    """Energies of all frames, and the forces of some, in one group of forces."""
    context = context_of(system)
    groups = -1 if group is None else 1 << group
    energies, forces = [], []
    for index, x in enumerate(positions):
        context.setPositions(x)
        state = context.getState(getEnergy=True, getForces=index in forced, groups=groups)
        energies.append(state.getPotentialEnergy()._value)
        if index in forced:
            forces.append(np.array(state.getForces(asNumpy=True)))
    return np.array(energies), np.array(forces)


def prmtop_system(path, model=None, kappa=0.0, area="ACE"):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        system = app.AmberPrmtopFile(path).createSystem(
            implicitSolvent=model, implicitSolventKappa=kappa, sasaMethod=area,
            nonbondedMethod=app.NoCutoff, constraints=None, removeCMMotion=False)
    for index, force in enumerate(system.getForces()):
        force.setForceGroup(index)
    return system


def group_of(system, *kinds):
    return next(i for i, f in enumerate(system.getForces()) if isinstance(f, kinds))


def make(name, field):
    print(name)
    folder = os.path.join(HERE, name)
    os.makedirs(folder, exist_ok=True)
    topology = topology_of(field, PEPTIDES[name])
    generator = np.random.default_rng(19)
    start = start_structure(topology, field)
    system = field.createSystem(topology, constraints=None, removeCMMotion=False)
    structure = parmed.openmm.load_topology(topology, system, xyz=start * 10)
    parm = parmed.amber.AmberParm.from_structure(structure)
    path = os.path.join(folder, "topology.prmtop")
    radii = {}
    for radius_set in ("bondi", "mbondi", "mbondi2", "mbondi3"):
        parmed.tools.changeRadii(parm, radius_set).execute()
        radii[radius_set] = np.array([a.solvent_radius / 10 for a in parm.atoms])
    parm.write_parm(path)

    vacuum = prmtop_system(path)
    solvated = prmtop_system(path, app.GBn2)
    ticks, noise = frames_of(solvated, start, generator)
    positions = ticks / 10000.0
    own, _ = evaluate(system, positions, [])
    total, forces = evaluate(vacuum, positions, FORCED)
    quiet = noise == 0
    print("  prmtop - XML, largest:", np.abs(own - total)[quiet].max(), "kJ/mol;", total[:2])

    standard = customgbforces.GBSAGBn2Force.getStandardParameters(topology)
    print("  mbondi3 - OpenMM's:", np.abs(standard[:, 0] - radii["mbondi3"]).max(), "nm")
    kappa = 7.3 * 50.33355 * np.sqrt(SALT / 78.5 / TEMPERATURE)

    out = netCDF4.Dataset(os.path.join(folder, "energies.nc"), "w")
    out.made_by = f"make_solvents.py, OpenMM {mm.__version__}, ParmEd {parmed.__version__}"
    out.sequence = name
    for dimension, size in (("frame", 64), ("atom", len(start)), ("spatial", 3), ("salt", 2),
                            ("forced", len(FORCED))):
        out.createDimension(dimension, size)

    def put(variable, kind, dimensions, values):
        v = out.createVariable(variable, kind, dimensions, zlib=bool(dimensions), shuffle=True)
        v[...] = values

    put("positions", "i2", ("frame", "atom", "spatial"), ticks)
    put("noise_sd", "f8", ("frame",), noise)
    put("forced", "i4", ("forced",), FORCED)
    put("salt", "f8", ("salt",), [0, SALT])
    put("kappa", "f8", ("salt",), [0, kappa])
    put("temperature", "f8", (), TEMPERATURE)
    for radius_set, values in radii.items():
        put("radii_" + radius_set, "f8", ("atom",), np.round(values, 6))
    for term, kind in (("bond", mm.HarmonicBondForce), ("angle", mm.HarmonicAngleForce),
                       ("torsion", mm.PeriodicTorsionForce), ("cmap", mm.CMAPTorsionForce),
                       ("nonbonded", mm.NonbondedForce)):
        energies, part = evaluate(vacuum, positions, FORCED, group_of(vacuum, kind))
        put("E_" + term, "f8", ("frame",), energies)
        if term == "cmap":
            put("forces_cmap", "f4", ("forced", "atom", "spatial"), part)
            print("  CMAP from", energies.min(), "to", energies.max())
    put("forces_vacuum", "f4", ("forced", "atom", "spatial"), forces)
    born = (mm.CustomGBForce, mm.GBSAOBCForce)
    edited = os.path.join(folder, "radii.prmtop")
    for model, (kind, radius_set) in MODELS.items():
        parmed.tools.changeRadii(parm, radius_set).execute()
        parm.write_parm(edited)
        polarization, surface, both = [], [], []
        for k in (0.0, kappa):
            plain = prmtop_system(edited, kind, k, None)
            full = prmtop_system(edited, kind, k, "ACE")
            energies, _ = evaluate(plain, positions, [], group_of(plain, *born))
            sum_, part = evaluate(full, positions, FORCED, group_of(full, *born))
            polarization.append(energies)
            surface.append(sum_ - energies)
            both.append(part)
        put(model + "_pol", "f8", ("salt", "frame"), np.array(polarization))
        put(model + "_sa", "f8", ("salt", "frame"), np.array(surface))
        put(model + "_forces", "f4", ("salt", "forced", "atom", "spatial"), np.array(both))
        print("  ", model, polarization[0][0], polarization[1][0], surface[0][0],
              "not finite:", int((~np.isfinite(np.array(polarization))).sum()))
    os.remove(edited)
    out.close()


if __name__ == "__main__":
    field = app.ForceField("amber19/protein.ff19SB.xml")
    for name in sys.argv[1:] or PEPTIDES:
        make(name, field)
