"""Opens what `tarflow-mol export RUN --to FOLDER` writes in xarray, mdtraj, MDAnalysis and ParmEd.

    python check_export.py FOLDER

xarray may not warn. Trajectories have to agree between programs; the weights of `run.nc` with `weights.csv`; reweighted
free energies recomputed from torsions and weights with those in the file, bin by bin. Prints a line a program; ends
with 1 when something differs.
"""

import csv
import sys
import warnings
from pathlib import Path

import numpy as np


def check_xarray(folder):
    import xarray as xr

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run = xr.open_dataset(folder / "run.nc")
        run.load()
    assert run.attrs["Conventions"] == "CF-1.8"
    for name in run.data_vars:
        assert "long_name" in run[name].attrs, name
    with open(folder / "weights.csv", newline="") as stream:
        rows = [{k: float(v) for k, v in row.items()} for row in csv.DictReader(stream)]
    assert np.array_equal(run.log_weight, [row["log_weight"] for row in rows])
    assert np.array_equal(run.energy, [row["reduced_energy"] for row in rows])
    assert abs(float(run.weight.sum()) - 1) < 1e-12
    weight, edges, worst = run.weight.values, np.append(run.angle_bounds[:, 0], run.angle_bounds[-1, 1]), 0.0
    for kind in [k for k in ("phi", "psi", "omega", "chi1") if k in run]:
        for residue in range(run.sizes["residue"]):
            values = run[kind].values[:, residue]
            kept = np.isfinite(values) & (weight > 0)
            if not kept.any():
                continue
            # numpy.histogram takes differences of sums, which small weights vanish in.
            place = np.clip(np.digitize(values[kept], edges) - 1, 0, len(edges) - 2)
            share = np.bincount(place, weights=weight[kept], minlength=len(edges) - 1)
            with np.errstate(divide="ignore"):
                energy = np.where(share > 0, -np.log(share / share.max()), np.nan)
            given = run[f"free_energy_{kind}"].values[residue]
            assert np.array_equal(np.isnan(energy), np.isnan(given)), (kind, residue)
            worst = max(worst, np.nanmax(np.abs(energy - given)))
    assert worst < 1e-9, worst
    if "bin" in run.dims:
        edges = np.append(run.bin_bounds[:, 0], run.bin_bounds[-1, 1])
        share, _ = np.histogram(run.energy, bins=edges, weights=weight)
        assert np.allclose(share / np.diff(edges), run.reweighted_density, atol=1e-12)
    print(f"xarray {xr.__version__}: no warning; free energies to {worst:.1e} kT, energy histogram equal")
    return run


def check_trajectories(folder):
    import MDAnalysis
    import mdtraj
    import parmed

    warnings.filterwarnings("ignore")
    top = str(folder / "topology.prmtop")
    samples = mdtraj.load(str(folder / "samples.nc"), top=top)
    dcd = mdtraj.load(str(folder / "ensemble.dcd"), top=top)
    pdb = mdtraj.load(str(folder / "ensemble.pdb"))
    print(f"mdtraj {mdtraj.__version__}: {samples.n_frames} samples, {dcd.n_frames} in the DCD, {pdb.n_frames} models")
    universe = MDAnalysis.Universe(top, str(folder / "ensemble.dcd"))
    own = np.array([step.positions.copy() for step in universe.trajectory])
    assert np.array_equal(own / 10, dcd.xyz) or np.abs(own / 10 - dcd.xyz).max() < 1e-6
    models = MDAnalysis.Universe(str(folder / "ensemble.pdb"))
    assert len(models.trajectory) == pdb.n_frames and len(models.atoms) == dcd.n_atoms
    print(f"MDAnalysis {MDAnalysis.__version__}: the same")
    structure = parmed.load_file(str(folder / "ensemble.pdb"))
    assert len(structure.atoms) == dcd.n_atoms and structure.get_coordinates().shape[0] == pdb.n_frames
    netcdf = parmed.amber.NetCDFTraj.open_old(str(folder / "samples.nc"))
    assert netcdf.frame == samples.n_frames
    print(f"ParmEd {parmed.__version__}: the same")
    # Samples have an index and no time; MDAnalysis, too, reads them.
    assert len(MDAnalysis.Universe(top, str(folder / "samples.nc")).trajectory) == samples.n_frames
    import netCDF4

    with netCDF4.Dataset(str(folder / "samples.nc")) as file:
        assert "time" not in file.variables
        assert np.array_equal(file["sample"][:], file["sample"][0] + np.arange(samples.n_frames))
    # Every member of an ensemble is a sample, to the last bit of its float32 ångström.
    from mdtraj.formats import DCDTrajectoryFile, NetCDFTrajectoryFile

    with NetCDFTrajectoryFile(str(folder / "samples.nc")) as file:
        known = {frame.astype("f4").tobytes() for frame in file.read()[0]}
    with DCDTrajectoryFile(str(folder / "ensemble.dcd")) as file:
        assert all(frame.astype("f4").tobytes() in known for frame in file.read()[0])


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        check_xarray(Path(sys.argv[1]))
        check_trajectories(Path(sys.argv[1]))
    except AssertionError as error:
        sys.exit(f"differs: {error!r}")
