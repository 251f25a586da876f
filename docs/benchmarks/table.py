"""Writes the row of this program in README's table of results: mean ± standard deviation over seeds, with commit, machine and date.

  swift build -c release
  docs/benchmarks/table.py --seeds 1 2 3 [--system AL3] [--program .build/release/tarflow-mol] [--output runs/table]

Every seed is a training of its own, `train SYSTEM --seed N`, of two minutes for AL3 on two cores with AVX-512 BF16; a run that is
complete is read, not repeated, if this commit made it. Prints Markdown; README quotes it. Needs nothing but Python.
"""
import argparse, datetime, json, pathlib, statistics, subprocess, sys

import provenance
from provenance import root

p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
p.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
p.add_argument("--system", default="AL3")
p.add_argument("--program", default=str(root / ".build/release/tarflow-mol"))
p.add_argument("--output", default=str(root / "runs/table"))
o = p.parse_args()


def train(seed):
    """The figures of one seed."""
    folder = pathlib.Path(o.output) / f"{o.system}-{commit}-seed{seed}"
    if not (folder / "evaluation.json").exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        arguments = ["train", o.system, "--seed", str(seed), "--output", str(folder), "--systems", str(root / "systems")]
        subprocess.run([o.program, *arguments], check=True, stdout=subprocess.DEVNULL)
    return json.loads((folder / "evaluation.json").read_text())


def cell(key):
    values = [figures[key] for figures in found]
    if None in values:
        return "–"
    spread = f" ± {statistics.stdev(values):.3f}" if len(values) > 1 else ""
    return f"**{statistics.mean(values):.3f}{spread}**"


commit = provenance.commit()
if commit.endswith("-changed"):
    print("the work tree differs from the commit: figures not to be quoted", file=sys.stderr)
found = [train(seed) for seed in o.seeds]
first = found[0]
rule = f"{first['resample']}, clip {100 * first['clip']:g} %"
print("| method | proposals | rule | E-W2 | ESS | ESS, raw | T-W2 | points | source |")
print("|---|---|---|---|---|---|---|---|---|")
print(
    f"| **this program** | {first['samples']} | {rule} | {cell('energy_w2')} | {cell('ess')} | {cell('ess_raw')} | {cell('torus_w2')} "
    f"| {first['torus_points']} | `train {o.system}`, `--seed` {', '.join(map(str, o.seeds))} |")
print(f"\nCommit {commit}, {first['program']}, {provenance.machine()}, {datetime.date.today()}.")
