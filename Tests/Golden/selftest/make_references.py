"""The reference energies of `tarflow-mol selftest`, total in kJ/mol.

Made with OpenMM 8.6.1, Reference platform, double precision, without cut-off; netCDF4 1.7. Of each
embedded system: the start structure, and the same displaced by `0.002 nm · sin(frame · (i + 1))`, i
the number of the coordinate (atom, axis), for the frames 1 and 2. Writes the lines of
Sources/Boltzmann/SelfTest/ReferenceEnergies.swift.

    python make_references.py ../../../systems
"""

import sys

import netCDF4
import numpy
import openmm
import yaml
from openmm import app, unit


def energies(folder):
    description = yaml.safe_load(open(f"{folder}/system.yaml"))
    solvent = description["implicit_solvent"]
    prmtop = app.AmberPrmtopFile(f"{folder}/topology.prmtop")
    system = prmtop.createSystem(
        nonbondedMethod=app.NoCutoff,
        constraints=None,
        rigidWater=False,
        removeCMMotion=False,
        implicitSolvent={"obc1": app.OBC1, "obc2": app.OBC2}[solvent["model"]],
        soluteDielectric=solvent["solute_dielectric"],
        solventDielectric=solvent["solvent_dielectric"],
        gbsaModel="ACE" if solvent["surface_area"] else None,
    )
    context = openmm.Context(
        system,
        openmm.VerletIntegrator(0.001),
        openmm.Platform.getPlatformByName("Reference"),
    )
    start = netCDF4.Dataset(f"{folder}/start.ncrst")["coordinates"][:].data / 10
    place = numpy.arange(start.size).reshape(start.shape) + 1
    for frame in range(3):
        context.setPositions(start + 0.002 * numpy.sin(frame * place))
        state = context.getState(getEnergy=True)
        yield state.getPotentialEnergy().value_in_unit(unit.kilojoule_per_mole)


for name in ["AL2", "AL3", "AL4", "AL6", "CLN"]:
    values = ", ".join(f"{value:.6f}" for value in energies(f"{sys.argv[1]}/{name}"))
    print(f'  "{name}": [{values}],')
