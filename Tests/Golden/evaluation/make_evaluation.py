"""Makes evaluation.json: what NumPy and POT give for small inputs.  python make_evaluation.py

Non-finite numbers are written as null. Inputs are rounded, so that the file stays small; the results are those of the
rounded inputs. Checked by Tests/EvaluationTests.
"""
import json, math, pathlib
import numpy as np, ot

rng = np.random.default_rng(20)
SAMPLES, FRAMES, TORUS, COUNT = 300, 280, 60, 290


def rounded(x, digits=5):
    return np.round(x, digits)


def plain(x):
    """JSON values: arrays flattened, non-finite numbers null."""
    if isinstance(x, dict):
        return {k: plain(v) for k, v in x.items()}
    if isinstance(x, (np.ndarray, list, tuple)):
        return [plain(v) for v in np.asarray(x).ravel()]
    if isinstance(x, (np.integer, int)):
        return int(x)
    return float(x) if math.isfinite(x) else None


def ess(l):
    w = np.exp(l - l.max())
    return w.sum() ** 2 / (w * w).sum() / len(l)


def torus_w2(a, b):
    d = np.abs(a[:, None] - b[None])
    cost = (np.minimum(d, 2 * np.pi - d) ** 2).sum(-1)
    return math.sqrt(ot.emd2(ot.unif(len(a)), ot.unif(len(b)), cost, numItermax=10**7))


def w2(a, b):
    return math.sqrt(ot.emd2_1d(a, b))


def stride(m, points=TORUS):
    return np.arange(points) * m // points if m > points else np.arange(m)


# Proposals: energies, densities, torsions; some broken.
u = rounded(-110 + 6 * rng.normal(size=SAMPLES) + rng.exponential(8, SAMPLES))
log_q = rounded(-u - 3 + 1.2 * rng.normal(size=SAMPLES))
u[[5, 250]] = np.inf
log_q[[5, 17, 90]] = np.nan
u_ref = rounded(-112 + 5.5 * rng.normal(size=FRAMES))
torsions = rounded(rng.vonmises([-1.2, 2.5, 1.0, 3.1], 2.0, (SAMPLES, 4)))
torsions_ref = rounded(rng.vonmises([-1.0, 2.7, -1.0, 3.0], 3.0, (FRAMES, 4)))


def evaluation(mode):
    """All figures of the first COUNT proposals, resampled in the given mode with seeds 0, 1 and 2."""
    v, q, r = u[:COUNT], log_q[:COUNT], u_ref[:COUNT]
    log_w = np.where(np.isfinite(v) & np.isfinite(q), -v - q, -np.inf)
    keep = log_w <= np.quantile(log_w[np.isfinite(log_w)], 1 - 0.002)
    w = np.exp(log_w[keep] - log_w[keep].max())
    w /= w.sum()
    kept, angles = v[keep], torsions[:COUNT][keep]
    second, first, torus, picks = [], [], [], []
    for seed in range(1 if mode == "systematic" else 3):
        if mode == "systematic":
            pick = np.minimum(np.searchsorted(np.cumsum(w), (np.arange(len(w)) + 0.5) / len(w)), len(w) - 1)
        else:
            pick = np.random.default_rng(seed).choice(len(w), len(w), p=w)
        n = min(len(pick), len(r))
        picks.append(pick)
        # Systematic picks are in the order of the rows, multinomial ones in none.
        compared = kept[pick][stride(len(pick), n) if mode == "systematic" else np.arange(n)]
        second.append(w2(r[:n], compared))
        first.append(ot.emd2_1d(r[:n], compared, metric="euclidean"))
        if seed < 2:
            torus.append(torus_w2(torsions_ref[stride(len(r))], angles[pick][stride(len(pick))]))
    draws = np.random.default_rng(0)
    rms = lambda a, b: math.sqrt(np.mean((np.sort(a) - np.sort(b)) ** 2))
    floor = np.mean([rms(draws.choice(r, n), draws.choice(r, n)) for _ in range(200)])
    ok = np.isfinite(kept)
    all_w = np.exp(log_w - log_w.max())  # averages are over all finite weights, without the clip
    all_w /= all_w.sum()
    weighted = math.sqrt(ot.emd2_1d(r, kept[ok], None, w[ok] / w[ok].sum()))
    return dict(
        picks=picks[0], quantile=np.quantile(log_w[np.isfinite(log_w)], 1 - 0.002),
        result=dict(
            samples=len(v), reference=len(r), ess=ess(log_w[keep]), ess_raw=ess(log_w),
            largest_weight_share=np.exp(log_w - log_w.max()).max() / np.exp(log_w - log_w.max()).sum(),
            energy_w2=np.mean(second), energy_w2_spread=np.std(second), energy_w1=np.mean(first),
            energy_w2_weighted=weighted, energy_w2_floor=floor,
            energy_w2_perfect_at_this_ess=floor * math.sqrt((2 + n / (keep.sum() * ess(log_w[keep]))) / 2),
            torus_w2=np.mean(torus), torus_points=TORUS, mean_energy_reference_kT=r.mean(),
            mean_energy_reweighted_kT=(all_w[all_w > 0] * v[all_w > 0]).sum(), correct_chirality=1.0,
            nonfinite_energies=(~np.isfinite(v)).sum(), nonfinite_log_q=(~np.isfinite(q)).sum()))


a, b, c = (rounded(rng.normal(m, s, n), 4) for m, s, n in [(0, 1, 40), (0.5, 2, 40), (-1, 0.7, 27)])
wa, wc = rounded(rng.random(40), 4), rounded(rng.random(27), 4)
wa[3] = 0
distances = dict(
    a=a, b=b, c=c, aWeights=wa, cWeights=wc,
    equal=[ot.emd2_1d(a, b, metric="euclidean"), w2(a, b)],
    unequal=[ot.emd2_1d(a, c, metric="euclidean"), w2(a, c)],
    weighted=[f(ot.emd2_1d(a, c, wa / wa.sum(), wc / wc.sum(), metric=m))
              for f, m in [(float, "euclidean"), (math.sqrt, "sqeuclidean")]])

x, y = torsions[:60], torsions_ref[:60]
torus = [[m, n, torus_w2(x[:m], y[:n])] for m, n in [(60, 60), (60, 47), (25, 60), (1, 8), (40, 59)]]

generator, uniforms = np.random.default_rng(7), np.random.default_rng(2**40 + 3)
draws = dict(indicesSeed=7, indicesBelow=10000, indices=generator.choice(10000, 9),
             uniformsSeed=2**40 + 3, uniforms=uniforms.random(5))
numbers = rounded(rng.normal(size=23), 3)
golden = plain(dict(
    energies=u, logDensities=log_q, referenceEnergies=u_ref, torsions=torsions, referenceTorsions=torsions_ref,
    torsionCount=4, count=COUNT, torusPoints=TORUS,
    systematic=evaluation("systematic"), multinomial=evaluation("multinomial"),
    distances=distances,
    torusDistances=torus, draws=draws,
    numbers=numbers, quantiles=[[q, np.quantile(numbers, q)] for q in [0, 0.1, 0.37, 0.5, 0.998, 1]]))
golden["made_by"] = f"make_evaluation.py, numpy {np.__version__}, POT {ot.__version__}"
path = pathlib.Path(__file__).parent / "evaluation.json"
path.write_text(json.dumps(golden, allow_nan=False))
print(path.stat().st_size, "bytes")
