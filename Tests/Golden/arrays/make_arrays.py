"""Writes arrays of every element type that is read, and a few that are refused, by NumPy."""

import gzip
import pathlib

import numpy as np

folder = pathlib.Path(__file__).parent
values = np.array([[0, 1, 2], [3, 127, 255]])

for name, array in {
    "u1": values.astype("u1"),
    "i4": (-values).astype("<i4"),
    "i8": -values.astype("<i8") * 2**40,
    "f4": (values / 7).astype("<f4"),
    "f8": (values / 7).astype("<f8"),
    "scalar": np.array(2.5),
    "empty": np.zeros((0, 3), "<f4"),
    "big-endian": values.astype(">f4"),
    "fortran": np.asfortranarray(values.astype("<f8")),
}.items():
    np.save(folder / f"{name}.npy", array)

with open(folder / "version-2.npy", "wb") as file:
    np.lib.format.write_array(file, values.astype("u1"), version=(2, 0))
with gzip.GzipFile(folder / "u1.npy.gz", "wb", mtime=0) as file:
    file.write((folder / "u1.npy").read_bytes())
