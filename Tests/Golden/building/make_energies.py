"""Energies, term by term, of peptides that OpenMM parametrises by itself from our start structures.

    python Tests/Golden/building/make_energies.py SET OUTPUT.json [PROGRAM]

SET is `sample`, which is stored beside this script, `capped`, `dipeptides-ff14SB`,
`dipeptides-ff99SB-ILDN`, `dipeptides-ff19SB`, `random` or `random-ff19SB`. For every peptide
`tarflow-mol build` writes topology.pdb; OpenMM 8.6.1 (Reference platform, double precision) reads it,
finds residues, bonds and parameters with its own ForceField, and computes the energies of the structure
and of two copies with Gaussian noise of 0.005 and 0.02 nm. The Born radii are those of OpenMM's own rules. A
D-residue gets the mirror image of its map (CMAP), for which OpenMM has no template. BuiltEnergyTests compares; it also reads
`built-*.json` in the folder that TARFLOW_TEST_GOLDENS names.
"""
import functools
import io
import json
import os
import random
import subprocess
import sys
import tempfile

import numpy as np
import openmm as mm
from openmm import app, unit
from openmm.app.internal import customgbforces as gb

LETTERS = "ARNDCQEGHILKMFPSTWYV"
THREE = dict(zip(LETTERS, "ALA ARG ASN ASP CYS GLN GLU GLY HIE ILE LEU LYS MET PHE PRO SER THR TRP "
                          "TYR VAL".split()))
STATES = ["HID", "HIE", "HIP", "ASH", "GLH", "LYN"]
NAMES = dict(zip("DAL DAR DSG DAS DCY DGN DGL DHI DIL DLE DLY MED DPN DPR DSN DTH DTR DTY DVA".split(),
                 "ALA ARG ASN ASP CYS GLN GLU HIS ILE LEU LYS MET PHE PRO SER THR TRP TYR VAL".split()))
NAMES |= {"LYN": "LYS", "DLYN": "LYS", "DHID": "HIS", "DHIP": "HIS", "DASH": "ASP", "DGLH": "GLU"}
FILES = {"ff14SB": "amber14/protein.ff14SB.xml", "ff99SB-ILDN": "amber99sbildn.xml",
         "ff19SB": "amber19/protein.ff19SB.xml"}
RADII = {"mbondi": gb._mbondi_radii, "mbondi2": gb._mbondi2_radii, "mbondi3": gb._mbondi3_radii,
         "bondi": gb._bondi_radii}


def peptides(kind):
    """(sequence, force field, radii, further options)"""
    draw = random.Random(13)
    capped = [f"Ace-{name}-Nme" for name in list(THREE.values()) + STATES]
    bridged = ["Ace-CYX-GLY-GLY-CYX-Nme", "CYX-PRO-GLY-CYX"]
    dipeptides = [a + b for a in LETTERS for b in LETTERS]
    inner = list(THREE.values()) + STATES
    chains = []
    for index in range(50):
        names = [draw.choice(inner) for _ in range(draw.randint(3, 12))]
        if index < 2 * len(STATES):
            names[1] = STATES[index % len(STATES)]
        if draw.random() < 0.3:
            names = ["D" + n if draw.random() < 0.5 and n != "GLY" else n for n in names]
        first, last = draw.random() < 0.5, draw.random() < 0.5
        # Some states have no parameters with a charged end.
        first = first or names[0].removeprefix("D") in ("ASH", "GLH", "LYN")
        last = last or names[-1].removeprefix("D") in ("ASH", "GLH", "LYN")
        if last:
            names.append(draw.choice(["Nme", "NH2"]))
        chains.append("-".join((["Ace"] if first else []) + names))
    both = ["ff14SB", "ff99SB-ILDN"]
    if kind == "capped":
        return [(s, f, "mbondi2") for s in capped + bridged + ["Ace-A-NH2"] for f in FILES]
    if kind.startswith("dipeptides-"):
        return [(s, kind.removeprefix("dipeptides-"), "mbondi2") for s in dipeptides]
    if kind == "random-ff19SB":
        return [(s, "ff19SB", list(RADII)[i % 4]) for i, s in enumerate(chains)]
    if kind == "random":
        return [(s, list(FILES)[i % 3], list(RADII)[i % 4]) for i, s in enumerate(chains)]
    sample = capped + bridged + ["Ace-A-NH2", "RD", "WP", "HY", "MC", "PG", "KN", "aEk"]
    return [(s, both[i % 2], list(RADII)[i % 4]) for i, s in enumerate(sample)] + [
        ("Ace-IRDW-Nme", "ff14SB", "mbondi3"), ("Ace-LINV-Nme", "ff99SB-ILDN", "amber99-obc"),
        ("Ace-PIDHKETRYWFMSCQ-Nme", "ff14SB", "mbondi3"),
        ("Ace-PIDHKETRYWFMSCQ-Nme", "ff99SB-ILDN", "mbondi2"),
        ("Ace-PIDHKETRYWFMSCQ-Nme", "ff19SB", "mbondi3"), ("AGLVNAkP", "ff19SB", "mbondi2"),
        ("Ace-HID-HIP-ASH-GLH-LYN-Nme", "ff19SB", "mbondi2"), ("Ace-CYX-GLY-GLY-CYX-NH2", "ff19SB", "mbondi")]


@functools.cache
def force_field_of(*files):
    return app.ForceField(*files)


def system_of(pdb, field, radii):
    files = [FILES[field]] + (["amber99_obc.xml"] if radii == "amber99-obc" else [])
    force_field = force_field_of(*files)
    # Names of residues do not matter: OpenMM finds the template of each by its atoms and bonds.
    system = force_field.createSystem(pdb.topology, nonbondedMethod=app.NoCutoff, constraints=None,
                                      rigidWater=False, removeCMMotion=False)
    if radii != "amber99-obc":
        nonbonded = next(f for f in system.getForces() if isinstance(f, mm.NonbondedForce))
        born = mm.GBSAOBCForce()
        born.setSolventDielectric(78.5)
        born.setSoluteDielectric(1)
        born.setNonbondedMethod(mm.GBSAOBCForce.NoCutoff)
        screens = {"H": 0.85, "C": 0.72, "N": 0.79, "O": 0.85, "S": 0.96}
        for index, (atom, radius) in enumerate(zip(pdb.topology.atoms(), RADII[radii](pdb.topology))):
            charge = nonbonded.getParticleParameters(index)[0]
            born.addParticle(charge, radius / 10, screens[atom.element.symbol])
        system.addForce(born)
    return system


def mirror_maps(system, topology, mirrored):
    """Gives residues, by their index, the map of the mirror image: E(-phi, -psi)."""
    residue_of = [atom.residue.index for atom in topology.atoms()]
    for force in system.getForces():
        if not isinstance(force, mm.CMAPTorsionForce):
            continue
        for index in range(force.getNumTorsions()):
            number, *atoms = force.getTorsionParameters(index)
            # The second atom of phi is N of the residue itself.
            if residue_of[atoms[1]] not in mirrored:
                continue
            size, energies = force.getMapParameters(number)
            grid = np.array(energies.value_in_unit(unit.kilojoule_per_mole)).reshape(size, size)
            turned = -np.arange(size) % size
            other = force.addMap(size, grid[np.ix_(turned, turned)].ravel())
            force.setTorsionParameters(index, other, *atoms)


def split(system, topology):
    """One force group for each term: propers and impropers, Lennard-Jones and Coulomb, and their
    1-4 parts apart; the surface term apart from the polarization."""
    bonds = {frozenset((a.index, b.index)) for a, b in topology.bonds()}
    groups = {"bond": [], "angle": [], "proper": [], "improper": [], "lj": [], "lj14": [], "coulomb": [],
              "coulomb14": [], "polarization": [], "surface": [], "cmap": []}
    for force in list(system.getForces()):
        copy = mm.XmlSerializer.clone(force)
        if isinstance(force, mm.HarmonicBondForce):
            groups["bond"].append(copy)
        elif isinstance(force, mm.HarmonicAngleForce):
            groups["angle"].append(copy)
        elif isinstance(force, mm.CMAPTorsionForce):
            groups["cmap"].append(copy)
        elif isinstance(force, mm.PeriodicTorsionForce):
            proper, improper = mm.PeriodicTorsionForce(), mm.PeriodicTorsionForce()
            for i in range(force.getNumTorsions()):
                a, b, c, d, n, phase, k = force.getTorsionParameters(i)
                chain = all(frozenset(p) in bonds for p in ((a, b), (b, c), (c, d)))
                (proper if chain else improper).addTorsion(a, b, c, d, n, phase, k)
            groups["proper"].append(proper)
            groups["improper"].append(improper)
        elif isinstance(force, mm.NonbondedForce):
            for lj in (True, False):
                for pairs in (True, False):
                    part = mm.NonbondedForce()
                    part.setNonbondedMethod(mm.NonbondedForce.NoCutoff)
                    for i in range(force.getNumParticles()):
                        q, s, e = force.getParticleParameters(i)
                        keep = not pairs
                        part.addParticle(q if keep and not lj else 0, s, e if keep and lj else 0)
                    for i in range(force.getNumExceptions()):
                        a, b, q, s, e = force.getExceptionParameters(i)
                        part.addException(a, b, q if pairs and not lj else 0, s, e if pairs and lj else 0)
                    groups[("lj" if lj else "coulomb") + ("14" if pairs else "")].append(part)
        elif isinstance(force, mm.GBSAOBCForce):
            bare = mm.XmlSerializer.clone(force)
            bare.setSurfaceAreaEnergy(0)
            groups["polarization"].append(bare)
            groups["surface"].append(copy)
    parts = mm.System()
    for i in range(system.getNumParticles()):
        parts.addParticle(1)
    names = []
    for group, (name, forces) in enumerate(groups.items()):
        for force in forces:
            force.setForceGroup(group)
            parts.addForce(force)
        if forces:
            names.append((group, name))
    return parts, names


def build(program, case, folder):
    sequence, field, radii = case
    output = os.path.join(folder, "system")
    command = [program, "build", sequence, "--output", output, "--force-field", field, "--radii", radii,
               "--solvent", "obc2", "--quiet", "--json"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{case}: {done.stderr}")
    # OpenMM's reader makes the bonds of residues whose names it knows; it tells LYN by its hydrogens.
    # Names of D-residues it does not know; their parameters are those of L, but for
    # the maps.
    with open(os.path.join(output, "topology.pdb")) as file:
        text = file.read()
    names = {line[22:26]: line[17:21].strip() for line in text.split("\n")
             if line.startswith(("ATOM", "HETATM"))}
    mirrored = {i for i, name in enumerate(names.values()) if name in NAMES and name != "LYN"}
    for name, plain in NAMES.items():
        text = text.replace(f" {name} ", f" {plain} ").replace(f" {name}A", f" {plain} A")
    pdb = app.PDBFile(io.StringIO("\n".join(
        line for line in text.split("\n") if "CONECT" not in line or "CYX" in text)))
    return pdb, mirrored


def main():
    kind, path = sys.argv[1:3]
    program = sys.argv[3] if len(sys.argv) > 3 else ".build/debug/tarflow-mol"
    noise = np.random.default_rng(13)
    cases = []
    for case in peptides(kind):
        with tempfile.TemporaryDirectory() as folder:
            pdb, mirrored = build(program, case, folder)
        system = system_of(pdb, *case[1:])
        mirror_maps(system, pdb.topology, mirrored)
        parts, names = split(system, pdb.topology)
        context = mm.Context(parts, mm.VerletIntegrator(0.001), mm.Platform.getPlatformByName("Reference"))
        start = np.array(pdb.getPositions(asNumpy=True).value_in_unit(unit.nanometer))
        frames, energies = [], []
        for deviation in (0, 0.005, 0.02):
            x = (start + deviation * noise.standard_normal(start.shape)).round(5)
            context.setPositions(x)
            terms = {name: context.getState(getEnergy=True, groups=1 << group).getPotentialEnergy()
                     .value_in_unit(unit.kilojoule_per_mole) for group, name in names}
            terms["surface"] -= terms["polarization"]
            frames.append([float(v) for v in x.ravel()])
            energies.append(terms)
        cases.append({"sequence": case[0], "force_field": case[1], "radii": case[2],
                      "solvent_dielectric": 78.3 if case[2] == "amber99-obc" else 78.5,
                      "residues": [r.name for r in pdb.topology.residues()],
                      "positions": frames, "energies": energies})
        print(*case, round(sum(energies[0].values()), 3), flush=True)
    made_by = f"make_energies.py {kind}, OpenMM {mm.version.version}, Reference platform"
    with open(path, "w") as out:
        json.dump({"made_by": made_by, "cases": cases}, out, separators=(",", ":"))


main()
