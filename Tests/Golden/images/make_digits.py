"""Writes systems/digits: the 8×8 handwritten digits that scikit-learn carries, as gzipped IDX files.

The values 0 … 16 become 0 … 255. The first 1,437 images are for training, the last 360 for the test.
"""

import gzip
import pathlib
import struct

import numpy as np
from sklearn.datasets import load_digits

folder = pathlib.Path(__file__).parents[3] / "systems" / "digits"
digits = load_digits()
pixels = np.rint(digits.images * (255 / 16)).astype(np.uint8)
labels = digits.target.astype(np.uint8)


def write(name, array):
    header = struct.pack(">BBBB", 0, 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    with open(folder / name, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as file:
        file.write(header + array.tobytes())


for kind, part in (("train", slice(0, 1437)), ("test", slice(1437, None))):
    write(f"{kind}-images.gz", pixels[part])
    write(f"{kind}-labels.gz", labels[part])
