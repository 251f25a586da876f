"""Opens an AMBER NetCDF trajectory in mdtraj, MDAnalysis and ParmEd, and compares their coordinates.

    python check_readers.py FILE [TEXT]

TEXT, where given, holds the expected float32 ångström, one number a line, in C order. Without it, what netCDF4-python
reads is expected. Prints one line a program; ends with 1 when any of them differs.
"""

import sys
import warnings

import numpy

warnings.filterwarnings("ignore")


def by_netcdf4(path):
    import netCDF4

    with netCDF4.Dataset(path) as data:
        return netCDF4.__version__, numpy.asarray(data["coordinates"][:])


def by_mdtraj(path):
    import mdtraj
    from mdtraj.formats import NetCDFTrajectoryFile

    with NetCDFTrajectoryFile(path) as file:
        return mdtraj.__version__, file.read()[0]


def by_mdanalysis(path):
    import MDAnalysis
    from MDAnalysis.coordinates.TRJ import NCDFReader

    with NCDFReader(path) as reader:
        return MDAnalysis.__version__, numpy.array([step.positions.copy() for step in reader])


def by_parmed(path):
    import parmed
    from parmed.amber import NetCDFTraj

    file = NetCDFTraj.open_old(path)
    shape = (file.frame, file.atom, 3)
    return parmed.__version__, numpy.array(file.coordinates).reshape(shape)


def main(path, text=None):
    _, expected = by_netcdf4(path)
    if text is not None:
        expected = numpy.loadtxt(text, dtype=numpy.float32).reshape(expected.shape)
    failures = 0
    for reader in (by_netcdf4, by_mdtraj, by_mdanalysis, by_parmed):
        name = reader.__name__.removeprefix("by_")
        try:
            version, found = reader(path)
        except Exception as error:
            failures += 1
            print(f"{name}: {type(error).__name__}: {error}")
            continue
        equal = numpy.array_equal(found, expected)
        failures += not equal
        verdict = "equal" if equal else f"differ by {numpy.abs(found - expected).max()}"
        print(f"{name} {version}: {found.shape} coordinates {verdict}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
