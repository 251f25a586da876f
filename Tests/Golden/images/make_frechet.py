"""Writes features and their Fréchet distances, by SciPy's matrix square root."""

import json
import pathlib

import numpy as np
from scipy.linalg import sqrtm

folder = pathlib.Path(__file__).parent / "frechet"
folder.mkdir(exist_ok=True)
rng = np.random.default_rng(1)


def distance(a, b):
    shift = a.mean(0) - b.mean(0)
    first, second = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    return float(shift @ shift + np.trace(first + second - 2 * sqrtm(first @ second).real))


mix = rng.normal(size=(12, 12))
sets = {
    "a": rng.normal(size=(60, 12)) @ mix + 1,
    "b": (rng.normal(size=(45, 12)) * np.linspace(0.5, 2, 12)).astype(np.float32),
    # Fewer samples than features: the covariance has no full rank.
    "few": rng.normal(size=(8, 12)),
}
for name, values in sets.items():
    np.save(folder / f"{name}.npy", values)
expected = {f"{x} {y}": distance(sets[x], sets[y]) for x in sets for y in sets if x < y}
(folder / "distances.json").write_text(json.dumps(expected, indent=1) + "\n")
