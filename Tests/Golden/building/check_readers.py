"""Reads a system folder of `tarflow-mol build` with ParmEd, OpenMM, mdtraj and MDAnalysis.

    python Tests/Golden/building/check_readers.py [PROGRAM]

Builds some peptides and checks that every reader finds the same atoms, residues, bonds, charges and
coordinates, and that the energies of OpenMM's AmberPrmtopFile (Reference platform), ParmEd's system
and `tarflow-mol energy` agree, term by term, to 1e-3 kJ/mol or 1e-6 of a large term.
"""
import json
import os
import subprocess
import sys
import tempfile

import mdtraj
import MDAnalysis
import netCDF4
import numpy as np
import openmm as mm
import parmed
from openmm import app, unit

CASES = [("Ace-A-Nme", "ff99SB-ILDN", "obc2"), ("AAA", "ff14SB", "obc1"),
         ("GYDPETGTWG", "ff14SB", "obc1"), ("Ace-aRH-NH2", "ff14SB", "obc2"),
         ("Ace-CYX-GLY-GLY-CYX-Nme", "ff99SB-ILDN", "obc1"),
         ("Ace-PIDHKETRYWFMSCQNLV-Nme", "ff14SB", "obc2")]
OPENMM = {"obc1": app.OBC1, "obc2": app.OBC2}


def terms(system, positions):
    """bond, angle, torsion, nonbonded, solvent; kJ/mol"""
    groups = {mm.HarmonicBondForce: 0, mm.HarmonicAngleForce: 1, mm.PeriodicTorsionForce: 2,
              mm.NonbondedForce: 3, mm.GBSAOBCForce: 4, mm.CustomGBForce: 4}
    for force in system.getForces():
        force.setForceGroup(groups.get(type(force), 9))
    context = mm.Context(system, mm.VerletIntegrator(0.001), mm.Platform.getPlatformByName("Reference"))
    context.setPositions(positions)
    return [context.getState(getEnergy=True, groups=1 << group).getPotentialEnergy()
            .value_in_unit(unit.kilojoule_per_mole) for group in range(5)]


def main():
    program = sys.argv[1] if len(sys.argv) > 1 else ".build/debug/tarflow-mol"
    worst = 0.0
    for sequence, field, solvent in CASES:
        with tempfile.TemporaryDirectory() as parent:
            folder = os.path.join(parent, "system")
            subprocess.run([program, "build", sequence, "--output", folder, "--force-field", field,
                            "--solvent", solvent, "--quiet"], check=True, stdout=subprocess.DEVNULL)
            files = {n: os.path.join(folder, n) for n in ("topology.prmtop", "start.ncrst", "topology.pdb")}
            top, crd, pdb = files.values()

            amber = app.AmberPrmtopFile(top)
            parm = parmed.load_file(top, crd)
            traj = mdtraj.load(crd, top=top)
            universe = MDAnalysis.Universe(top)
            names = [a.name for a in parm.atoms]
            assert names == list(universe.atoms.names)
            assert names == list(MDAnalysis.Universe(pdb).atoms.names)
            # OpenMM and mdtraj give hydrogens of caps and ends the PDB's names.
            elements = [a.element.symbol for a in amber.topology.atoms()]
            assert elements == [parmed.periodic_table.Element[a.atomic_number] for a in parm.atoms]
            for topology in (traj.topology, mdtraj.load(pdb).topology):
                assert elements == [a.element.symbol for a in topology.atoms]
            residues = [r.name for r in parm.residues]
            assert residues == list(universe.residues.resnames)
            bonds = {tuple(sorted((b.atom1.idx, b.atom2.idx))) for b in parm.bonds}
            assert bonds == {tuple(sorted((a.index, b.index))) for a, b in amber.topology.bonds()}
            assert bonds == {tuple(sorted(b)) for b in universe.bonds.indices.tolist()}
            assert np.allclose([a.charge for a in parm.atoms], universe.atoms.charges, atol=1e-6)
            x = np.asarray(netCDF4.Dataset(crd)["coordinates"][:]) / 10
            assert np.allclose(traj.xyz[0], x, atol=1e-5)
            assert np.allclose(parm.coordinates / 10, x, atol=1e-6)
            assert np.allclose(mdtraj.load(pdb).xyz[0], x, atol=1e-4)
            assert np.allclose(MDAnalysis.Universe(pdb).atoms.positions / 10, x, atol=1e-4)

            kwargs = dict(nonbondedMethod=app.NoCutoff, constraints=None, implicitSolvent=OPENMM[solvent],
                          solventDielectric=78.5, removeCMMotion=False)
            expected = terms(amber.createSystem(**kwargs), x)
            other = terms(parm.createSystem(nonbondedMethod=app.NoCutoff, constraints=None), x)
            # `energy` reads a trajectory.
            frames = os.path.join(parent, "start.nc")
            traj.save_netcdf(frames)
            single = np.asarray(netCDF4.Dataset(frames)["coordinates"][0], dtype=float) / 10
            ours = json.loads(subprocess.run(
                [program, "energy", "--system", folder, "--trajectory", frames, "--json", "--quiet"],
                check=True, capture_output=True, text=True).stdout)
            ours = [ours["bond"][0], ours["angle"][0], ours["torsion"][0],
                    ours["lennard_jones"][0] + ours["coulomb"][0],
                    ours["polarization"][0] + ours["surface_area"][0]]
            single_expected = terms(amber.createSystem(**kwargs), single)
            for name, a, b, c, d in zip(("bond", "angle", "torsion", "nonbonded", "solvent"), expected,
                                        other, ours, single_expected):
                for found, wanted in ((b, a), (c, d)):
                    if name == "solvent" and found is b:
                        continue
                    off = abs(found - wanted)
                    worst = max(worst, off)
                    assert off < max(1e-3, 1e-6 * abs(wanted)), (sequence, name, found, wanted)
            print(sequence, field, solvent, "atoms", len(names), "energy", round(sum(expected), 3))
    print("largest deviation", worst, "kJ/mol; parmed", parmed.__version__, "OpenMM", mm.version.version,
          "mdtraj", mdtraj.__version__, "MDAnalysis", MDAnalysis.__version__)


main()
