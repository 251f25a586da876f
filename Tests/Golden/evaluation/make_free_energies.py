"""Makes free-energies.json: BAR and MBAR by pymbar.  python make_free_energies.py

Four harmonic ensembles on a line, the last without samples, some samples with no density in the second. Inputs are
rounded, so that the file stays small; the results are those of the rounded inputs. Checked by Tests/EvaluationTests.
"""
import json, pathlib
import numpy as np
import pymbar
from pymbar import MBAR
from pymbar.other_estimators import bar

rng = np.random.default_rng(14)
centres, forces, counts = np.array([0, 0.8, 1.5, 1.1]), np.array([1, 2, 0.7, 1.3]), np.array([40, 30, 25, 0])
x = np.concatenate([c + rng.standard_normal(n) / np.sqrt(k) for c, k, n in zip(centres, forces, counts)])
u = np.round(0.5 * forces[:, None] * (x - centres[:, None]) ** 2 + np.array([0, 3, -2, 1])[:, None], 6)
mbar = MBAR(u, counts, relative_tolerance=1e-13, solver_protocol="robust")
found = mbar.compute_free_energy_differences()
forward, reverse = u[1, :40] - u[0, :40], u[0, 40:70] - u[1, 40:70]
two = bar(forward, reverse, relative_tolerance=1e-14, uncertainty_method="BAR")
# Far apart: a few samples of each reach the other.
far = np.round(rng.normal(9, 4, 30), 6), np.round(rng.normal(7, 4, 20), 6)
apart = bar(*far, relative_tolerance=1e-14, uncertainty_method="BAR")
# A part of the forward samples has no density in the other ensemble.
cut = np.where(np.arange(40) % 4 == 1, 600.0, forward)
part = bar(cut, reverse, relative_tolerance=1e-14, uncertainty_method="BAR")


def case(name, w, r, result):
    return dict(name=name, forward=w.tolist(), reverse=r.tolist(), value=float(result["Delta_f"]), error=float(result["dDelta_f"]))


out = dict(made_by=f"make_free_energies.py, pymbar {pymbar.__version__}, NumPy {np.__version__}", energies=u.tolist(), counts=counts.tolist(),
           differences=found["Delta_f"].ravel().tolist(), errors=found["dDelta_f"].ravel().tolist(),
           pairs=[case("near", forward, reverse, two), case("far", *far, apart), case("no density", cut, reverse, part)])
(pathlib.Path(__file__).parent / "free-energies.json").write_text(json.dumps(out) + "\n")
print(found["Delta_f"][0], found["dDelta_f"][0], [(p["value"], p["error"]) for p in out["pairs"]])
