"""Populations of the φ/ψ basins and the mean energy of a simulation, beside those of another trajectory.

  basins.py --system systems/AL2 --program .build/release/tarflow-mol --simulation runs/AL2-md other1.nc other2.nc …

Basins of each residue with both torsions: left (φ ≥ 0), alpha (φ < 0, −120° ≤ ψ < 50°), beta (the rest). Errors of the simulation are standard
errors over its independent chains; those of the other trajectories, whose frames have no order, are the larger of the spread over the files and the
binomial error, which is too small where frames are correlated. Needs NumPy, netCDF4 and mdtraj.
"""
import argparse, csv, io, subprocess
import mdtraj, netCDF4, numpy as np

p = argparse.ArgumentParser()
p.add_argument("--system", required=True)
p.add_argument("--program", default=".build/release/tarflow-mol")
p.add_argument("--simulation", required=True)
p.add_argument("others", nargs="*")
o = p.parse_args()
topology = mdtraj.load_prmtop(o.system + "/topology.prmtop")


def states(path):
    """[frames, residues]: 0 alpha, 1 beta, 2 left."""
    result = []
    with netCDF4.Dataset(path) as file:
        frames = len(file["coordinates"])
        for start in range(0, frames, 50000):
            x = np.asarray(file["coordinates"][start : start + 50000], dtype=np.float32) / 10
            t = mdtraj.Trajectory(x, topology)
            (phi_atoms, phi), (psi_atoms, psi) = mdtraj.compute_phi(t), mdtraj.compute_psi(t)
            # φ by its N, ψ by its N: residues that have both.
            pairs = [(i, j) for i, a in enumerate(phi_atoms) for j, b in enumerate(psi_atoms) if a[1] == b[0]]
            f, s = phi[:, [i for i, _ in pairs]], np.degrees(psi[:, [j for _, j in pairs]])
            result.append(np.where(f >= 0, 2, np.where((s >= -120) & (s < 50), 0, 1)))
    return np.concatenate(result)


def energies(path):
    text = subprocess.run([o.program, "energy", "--trajectory", path, "--system", o.system, "--csv", "--quiet"], capture_output=True, text=True, check=True).stdout
    return np.array([float(row["total"]) for row in csv.DictReader(io.StringIO(text))])


own = states(o.simulation + "/trajectory.nc")
with netCDF4.Dataset(o.simulation + "/trajectory.nc") as file:
    chain = np.asarray(file["chain"][:])
table = np.genfromtxt(o.simulation + "/energies.csv", delimiter=",", names=True)
chains = np.unique(chain)


def of_chains(values):
    means = np.array([values[chain == c].mean() for c in chains])
    return means.mean(), means.std(ddof=1) / np.sqrt(len(means))


def of_files(sets):
    means, counts = np.array([s.mean() for s in sets]), np.array([len(s) for s in sets])
    mean = (means * counts).sum() / counts.sum()
    spread = means.std(ddof=1) / np.sqrt(len(means)) if len(means) > 1 else 0
    return mean, max(spread, np.concatenate(sets).std() / np.sqrt(counts.sum()))


def line(what, a, b, last=""):
    text = f"{what:24s} {a[0]:10.4f} ± {a[1]:.4f}"
    if b:
        z = (a[0] - b[0]) / np.hypot(a[1], b[1])
        text += f"   {b[0]:10.4f} ± {b[1]:.4f}   {z:+.1f} standard errors"
    print(text + last)


others = [states(path) for path in o.others]
print(f"{len(own)} frames, {len(chains)} chains" + (f"; {sum(map(len, others))} frames in {len(others)} files" if others else ""))
line("mean energy, kJ/mol", of_chains(table["potential_kJ_mol"]), of_files([energies(path) for path in o.others]) if others else None)
for residue in range(own.shape[1]):
    for state, name in enumerate(("alpha", "beta", "left (φ ≥ 0)")):
        a = of_chains(own[:, residue] == state)
        b = of_files([s[:, residue] == state for s in others]) if others else None
        line(f"residue {residue + 1} {name}", a, b, f"   −ln p {-np.log(a[0]):.3f} ± {a[1] / a[0]:.3f}" if state == 2 and a[0] > 0 else "")
