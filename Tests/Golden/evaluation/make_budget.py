"""Makes budget.json: the figures of all proposals of evaluation.json, resampled to COUNT.  python make_budget.py

Also how often the first torsion is positive, by weight, and the distances of the plane of the first and the third from the
reference, of which one frame of each of COUNT stretches is used. Computed by NumPy, POT and SciPy. Checked by Tests/EvaluationTests.
"""
import json, math, pathlib
import numpy as np, ot, scipy
from scipy.spatial.distance import jensenshannon

here = pathlib.Path(__file__).parent
given = json.loads((here / "evaluation.json").read_text())
COUNT, TORUS, SEEDS, T = 120, 60, 3, given["torsionCount"]
u, log_q = (np.array([np.nan if v is None else v for v in given[k]]) for k in ("energies", "logDensities"))
r = np.array(given["referenceEnergies"])
first, end = (np.arange(k, COUNT + k) * len(r) // COUNT for k in (0, 1))
frames = first + (np.arange(COUNT) * (math.sqrt(5) - 1) / 2 % 1 * (end - first)).astype(int)
r = r[frames]
t = np.array(given["torsions"]).reshape(-1, T)
t_ref = np.array(given["referenceTorsions"]).reshape(-1, T)[frames]

log_w = np.where(np.isfinite(u) & np.isfinite(log_q), -u - log_q, -np.inf)
keep = log_w <= np.quantile(log_w[np.isfinite(log_w)], 1 - 0.002)


def ess(l):
    w = np.exp(l - l.max())
    return w.sum() ** 2 / (w * w).sum() / len(l)


def torus_w2(a, b):
    d = np.abs(a[:, None] - b[None])
    cost = (np.minimum(d, 2 * np.pi - d) ** 2).sum(-1)
    return math.sqrt(ot.emd2(ot.unif(len(a)), ot.unif(len(b)), cost, numItermax=10**7))


def histogram(x, weights=None):
    bins, _, _ = np.histogram2d(x[:, 0] % (2 * np.pi), x[:, 2] % (2 * np.pi), bins=36, range=[[0, 2 * np.pi]] * 2, weights=weights)
    return (bins / bins.sum()).ravel()


w = np.exp(log_w[keep] - log_w[keep].max())
w /= w.sum()
second, torus = [], []
for seed in range(SEEDS):
    pick = np.random.default_rng(seed).choice(len(w), COUNT, p=w)
    second.append(math.sqrt(ot.emd2_1d(r, u[keep][pick])))
    if seed < 2:
        stride = np.arange(TORUS) * COUNT // TORUS
        torus.append(torus_w2(t_ref[stride], t[keep][pick][stride]))
all_w = np.exp(log_w - log_w.max())
all_w /= all_w.sum()
p, q = histogram(t, all_w), histogram(t_ref)
half = COUNT // 2
middle = len(u) // 2
halves = [(histogram(t_ref[:half]), histogram(t_ref[half:])), (histogram(t[:middle], all_w[:middle]), histogram(t[middle:], all_w[middle:]))]
golden = dict(
    made_by=f"make_budget.py, numpy {np.__version__}, POT {ot.__version__}, scipy {scipy.__version__}",
    count=COUNT, torusPoints=TORUS, seeds=SEEDS,
    budget=dict(proposals=len(u), draws=COUNT, ess=ess(log_w[keep]), ess_raw=ess(log_w), largest_weight_share=all_w.max(),
                energy_w2=np.mean(second), energy_w2_spread=np.std(second), torus_w2=np.mean(torus),
                mean_energy_reweighted_kT=(all_w[all_w > 0] * u[all_w > 0]).sum()),
    population=dict(phi_positive=all_w[np.sin(t[:, 0]) >= 0].sum(), reference=np.mean(np.sin(t_ref[:, 0]) >= 0)),
    plane=dict(js_divergence=jensenshannon(p, q, base=2) ** 2, total_variation=np.abs(p - q).sum() / 2,
               js_divergence_floor=sum(jensenshannon(a, b, base=2) ** 2 for a, b in halves) / 4,
               total_variation_floor=math.sqrt(sum((np.abs(a - b).sum() / 2) ** 2 for a, b in halves)) / 2),
    halves=torus_w2(t_ref[:half], t_ref[half:]))
(here / "budget.json").write_text(json.dumps(golden, default=float))
print(json.dumps(golden, default=float))
