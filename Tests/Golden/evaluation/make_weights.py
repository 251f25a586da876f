"""Makes weights.json: the tails of some sets of log weights, by ArviZ and SciPy.  python make_weights.py

shape: ArviZ's estimate of k, as PSIS has it. likely: SciPy's most likely shape of the same excesses, which has no prior
and differs by a part of its error. capped: ESS with the largest `share` of the weights set to the threshold, by NumPy.
smoothed: the ESS of ArviZ's smoothed weights, and the ten largest of them over their sum.
Checked by Tests/EvaluationTests.
"""
import json, math, pathlib, warnings
import numpy as np

warnings.filterwarnings("ignore")
import arviz, scipy
from scipy.stats import genpareto

rng = np.random.default_rng(12)
share = 0.01


def case(name, log_w):
    log_w = np.round(log_w, 6)
    smooth, shape = arviz.psislw(log_w)
    smooth = np.exp(np.sort(smooth))
    n, x = len(log_w), np.exp(log_w - log_w.max())
    tail = math.ceil(min(n / 5, 3 * math.sqrt(n)))
    excess = np.sort(x)[-tail:] - np.sort(x)[-tail - 1]
    likely = genpareto.fit(excess, floc=0)[0]
    capped = np.minimum(log_w, np.sort(log_w)[-max(1, round(share * n))])
    w = np.exp(capped - capped.max())
    return dict(name=name, logWeights=[v if math.isfinite(v) else None for v in log_w.tolist()], shape=float(shape),
                likely=float(likely), tail=tail, capped=float(w.sum() ** 2 / (w * w).sum() / n),
                smoothed=dict(ess=float(1 / (smooth * smooth).sum() / n), largest=smooth[-10:].tolist()))


broken = rng.normal(0, 1, 400)
broken[::7] = -np.inf
cases = [case("normal, 0.6", rng.normal(-70, 0.6, 600)), case("normal, 2", rng.normal(300, 2, 600)),
         case("heavy", np.log(rng.pareto(1.1, 800))), case("bounded", np.log(rng.random(300))),
         case("some without weight", broken)]
golden = dict(made_by=f"make_weights.py, arviz {arviz.__version__}, scipy {scipy.__version__}, numpy {np.__version__}",
              share=share, cases=cases)
path = pathlib.Path(__file__).parent / "weights.json"
path.write_text(json.dumps(golden))
print(path.stat().st_size, [(c["name"], round(c["shape"], 3), round(c["likely"], 3)) for c in cases])
