"""Writes the AMBER NetCDF files of this folder through netCDF4-python.

    python make_netcdf.py      (needs netCDF4; made with netCDF4 1.7.5)

Every file holds the same 4 frames of 5 atoms: coordinate i (C order) is (i * 37 % 101) / 8 - 6 ångström, which is
exact in float32; frame k is at k / 2 ps.
"""

import pathlib

import netCDF4
import numpy

FRAMES, ATOMS = 4, 5
folder = pathlib.Path(__file__).parent
angstroms = ((numpy.arange(FRAMES * ATOMS * 3) * 37 % 101) / 8 - 6).reshape(FRAMES, ATOMS, 3)


def write(name, format, type="f4", unit="angstrom", box=False, time=True, packed=False, **options):
    with netCDF4.Dataset(folder / name, "w", format=format) as data:
        data.Conventions = "AMBER"
        data.ConventionVersion = "1.0"
        data.program = "make_netcdf.py"
        data.programVersion = netCDF4.__version__
        data.title = name
        data.createDimension("frame", None)
        data.createDimension("spatial", 3)
        data.createDimension("atom", ATOMS)
        data.createVariable("spatial", "S1", ("spatial",))[:] = list("xyz")
        if time:
            times = data.createVariable("time", "f4", ("frame",))
            times.units = "picosecond"
            times[:] = numpy.arange(FRAMES) / 2
        coordinates = data.createVariable("coordinates", type, ("frame", "atom", "spatial"), **options)
        coordinates.units = unit
        if packed:
            coordinates.scale_factor = 0.125
            coordinates.add_offset = -6.0
        coordinates[:] = angstroms / 10 if unit == "nanometer" else angstroms
        if box:
            data.createDimension("cell_spatial", 3)
            data.createDimension("cell_angular", 3)
            lengths = data.createVariable("cell_lengths", "f8", ("frame", "cell_spatial"))
            lengths.units = "angstrom"
            lengths[:] = 30.0
            angles = data.createVariable("cell_angles", "f8", ("frame", "cell_angular"))
            angles.units = "degree"
            angles[:] = 90.0


write("cdf1.nc", "NETCDF3_CLASSIC")
write("cdf2.nc", "NETCDF3_64BIT_OFFSET")
write("cdf5.nc", "NETCDF3_64BIT_DATA")
write("double-box.nc", "NETCDF3_64BIT_OFFSET", type="f8", box=True)
write("nanometre.nc", "NETCDF3_64BIT_OFFSET", type="f8", unit="nanometer", time=False)
write("packed.nc", "NETCDF3_64BIT_OFFSET", type="i2", packed=True)
write("compressed.nc", "NETCDF4", compression="zlib", shuffle=True)
write("netcdf4-classic.nc", "NETCDF4_CLASSIC")
