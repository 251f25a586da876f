#!/usr/bin/env python3
"""Compares notebooks-export/tarflow_torch.py with the program, to 1e-5.

Usage: torch_weights.py PROGRAM [RUN ...]   (needs PyTorch and NumPy)

- the goldens of Tests/Golden/flows: latents, log-determinants and samples of the published code;
- a run of molecules: the conformations of samples.nc and the densities of weights.csv are drawn
  again from the seed, and the densities of these conformations computed again from positions;
- the first two runs of molecules, which are of one system: what PROGRAM draws from a mixture of them;
- a run of images: PROGRAM draws and encodes images, and PyTorch does the same.

Positions agree to 1e-5 nm (99 of 100 samples, and all to 1e-4), pixels and latents to 1e-5 of the largest, densities to 1e-5 of their
size (the program's networks are in single precision).
"""

import csv
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

import numpy as np
import torch

root = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(root / "notebooks-export"))
from tarflow_torch import load, read_safetensors  # noqa: E402

TOLERANCE = 1e-5
MOST = 100


def compare(what, found, expected, size=None):
    found, expected = torch.as_tensor(found).double(), torch.as_tensor(expected).double()
    if found.shape != expected.shape or not found.isfinite().all():
        sys.exit(f"{what}: {tuple(found.shape)} finite numbers expected, {tuple(expected.shape)}")
    size = max(1.0, float(expected.abs().max())) if size is None else size
    worst = float((found - expected).abs().max()) / size
    print(f"{what:58} {worst:.1e}")
    if not worst <= TOLERANCE:
        sys.exit(f"{what} differs by {worst:.2g}, more than {TOLERANCE}")


def golden(path):
    expected, _ = read_safetensors(str(path).replace(".weights.", ".expected."))
    model, name = load(path), path.name.split(".")[0]
    labels, of_samples = expected.get("labels"), expected.get("sample_labels")
    with torch.no_grad():
        z, log_determinant = model.encode(model.patches(expected["x"]), labels)
    compare(f"{name}: latents", z, expected["z"])
    compare(f"{name}: log-determinants", log_determinant / z[0].numel(),
            expected["log_det_per_dim"])
    tokens, _ = model.decode(expected["prior_noise"] * model.var.sqrt(), of_samples)
    drawn = next(v for n, v in expected.items() if n.startswith("sample.guidance=0,"))
    compare(f"{name}: samples", model.images(tokens), drawn)


def molecules(run):
    model = load(run / "checkpoints" / "best.safetensors")
    drawn = json.loads((run / "samples.json").read_text())
    with open(run / "weights.csv", newline="") as table:
        rows = list(csv.DictReader(table))
    log_q = torch.tensor([float(row["log_q"]) for row in rows])
    positions = positions_of(run / "samples.nc", len(rows), model.molecule.atoms)[:MOST]
    scale = drawn.get("prior_scale", 1.0)
    tokens, density = model.sample(
        len(positions), drawn["seed"], first=drawn.get("first", 0), prior_scale=scale)
    x, log_jacobian, supported = model.coordinates(tokens)
    log_q = log_q[: len(x)]
    rows_with_density = supported & log_q.isfinite()
    # A barely trained flow without periodic torsions leaves many outside of their windows.
    if rows_with_density.sum() < 0.5 * len(x):
        sys.exit(f"{run}: only {rows_with_density.sum()} of {len(x)} samples have a density")
    def pick(values):
        return torch.as_tensor(values)[rows_with_density]
    deviations = (pick(x) - pick(positions.astype("f8"))).abs().amax((1, 2))
    # Between two maxima of a density that is nearly zero a latent hardly fixes the place, and the
    # program's network is in single precision: one sample in a hundred may be off by more.
    compare(f"{run.name}: positions drawn again, nm", deviations.quantile(0.99), torch.tensor(0.0))
    compare(f"{run.name}: the worst of them", deviations.max(), torch.tensor(0.0), 10)
    compare(f"{run.name}: log q as drawn", pick(density - log_jacobian), pick(log_q))
    if not hasattr(model.molecule, "references"):
        # Cartesian tokens of given positions are centred, those of samples are not.
        return
    with torch.no_grad():
        again = model.log_prob_of_coordinates(pick(x), scale)
        compare(f"{run.name}: log q of the positions", again, pick(log_q))
        # A file holds positions to 1e-7 nm, which stiff bonds turn into 1e-5 of log q.
        read = model.log_prob_of_coordinates(pick(positions.astype("f8")), scale)
    worst = float((read - pick(log_q)).abs().max())
    print(f"{run.name}: log q of the positions in samples.nc, nats {'':13} {worst:.1e}")
    if not worst <= 0.05:
        sys.exit(f"log q of the positions in samples.nc is off by {worst:.2g} nats")


def positions_of(samples, count, atoms):
    """Positions in nm of a trajectory; the records of a classic NetCDF file stand at its end: an
    index or a time, then the positions in Å."""
    data = np.fromfile(samples, ">f4", offset=samples.stat().st_size - 4 * count * (1 + 3 * atoms))
    return data.reshape(count, -1)[:, 1:].reshape(count, -1, 3) / 10


def mixture(program, runs):
    record = (runs[0] / "config.resolved.yaml").read_text()
    system = next(line[8:] for line in record.splitlines() if line.startswith("system: "))
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        file, count = folder / "both.safetensors", 61
        for call in (["mix", *runs, "--output", file],
                     ["sample", file, "--system", system, "-n", count, "--seed", 3,
                      "--output", folder]):
            subprocess.run([program, *map(str, call)], check=True, stdout=subprocess.DEVNULL)
        with open(folder / "weights.csv", newline="") as table:
            log_q = torch.tensor([float(row["log_q"]) for row in csv.DictReader(table)])
        model = load(file)
        scale = json.loads((folder / "samples.json").read_text())["prior_scale"]
        positions = positions_of(folder / "samples.nc", count, model.flows[0].molecule.atoms)
    x, density, supported = model.sample_coordinates(count, 3, prior_scale=scale)
    known = supported & log_q.isfinite()
    if known.sum() < 0.5 * count:
        sys.exit(f"mixture: only {known.sum()} of {count} samples have a density")
    deviations = (x - torch.as_tensor(positions.astype("f8"))).abs().amax((1, 2))[known]
    compare("mixture: positions drawn again, nm", deviations.quantile(0.97), torch.tensor(0.0))
    compare("mixture: log q", density[known], log_q[known])


def images(program, run):
    model = load(run / "checkpoints" / "best.safetensors")
    count, columns = 40, 10
    classes = model.flow["classes"]
    labels = torch.arange(count) // columns % classes if classes else None
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        call = [program, "image", "sample", run, "-n", count, "--columns", columns, "--seed", 3,
                "--output", folder / "s.png", "--array", folder / "s.npy", "--latents",
                folder / "z.npy"]
        subprocess.run([str(c) for c in call], check=True, stdout=subprocess.DEVNULL)
        pixels, noise = np.load(folder / "s.npy"), np.load(folder / "z.npy")
        inputs = {"x": pixels.astype("<f4")}
        if labels is not None:
            inputs["labels"] = labels.numpy().astype("<i4")
        write_safetensors(folder / "in.safetensors", inputs)
        call = [program, "image", "encode", "--weights", run / "checkpoints/best.safetensors",
                "--input", folder / "in.safetensors", "--output", folder / "out.safetensors"]
        subprocess.run([str(c) for c in call], check=True, stdout=subprocess.DEVNULL)
        encoded, _ = read_safetensors(folder / "out.safetensors")
    compare(f"{run.name}: noise", model.latents(count, 3), noise)
    tokens, _ = model.sample(count, 3, labels)
    compare(f"{run.name}: images drawn again", model.images(tokens), pixels)
    with torch.no_grad():
        z, log_determinant = model.encode(model.patches(pixels), labels)
    compare(f"{run.name}: latents of images", z, encoded["z"])
    compare(f"{run.name}: log-determinants", log_determinant / z[0].numel(),
            encoded["log_det_per_dim"])


def write_safetensors(path, arrays):
    header, data = {}, b""
    for name, array in arrays.items():
        kind = {"f4": "F32", "i4": "I32"}[array.dtype.str[1:]]
        header[name] = {"dtype": kind, "shape": array.shape,
                        "data_offsets": [len(data), len(data) + array.nbytes]}
        data += array.tobytes()
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def main():
    program, *runs = sys.argv[1:]
    for path in sorted((root / "Tests/Golden/flows").glob("*.weights.safetensors")):
        golden(path)
    runs = [pathlib.Path(run) for run in runs]
    both = [run for run in runs if (run / "samples.nc").exists()][:2]
    if len(both) == 2:
        mixture(program, both)
    for run in runs:
        if (run / "samples.nc").exists():
            molecules(run)
        else:
            images(program, run)


if __name__ == "__main__":
    main()
