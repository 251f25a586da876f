"""Writes the table of ESS per residue: each amino acid between caps, by one recipe, from its sequence.

  swift build -c release
  python3 docs/benchmarks/residues.py [ALA PRO ...] [--threads 1] [--output runs/residues] [--program .build/release/tarflow-mol]
          [--simulate 1ns] [--seed 1] [--proposals 100000] [--set KEY=VALUE ...] [--table]

Builds Ace-XXX-Nme (ff14SB, OBC1, 300 K), trains it with the program's defaults on its own simulation, and weighs 100,000 proposals: nine
minutes or less on two quiet cores. Goes on where it was stopped: a residue with figures.json is read, a run that was begun is resumed.
--table prints the table of what is there. ESS and E-W2 are those of the last budget; E-W2 is that against frames held out. Needs nothing
but Python.
"""
import argparse, json, pathlib, resource, subprocess, sys, time

root = pathlib.Path(__file__).resolve().parents[2]
names = "ALA ARG ASN ASP CYS GLN GLU GLY HIE ILE LEU LYS MET PHE PRO SER THR TRP TYR VAL".split()
p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
p.add_argument("residues", nargs="*", default=names, help="three letters each; all twenty by default")
p.add_argument("--program", default=str(root / ".build/release/tarflow-mol"))
p.add_argument("--output", default=str(root / "runs/residues"))
p.add_argument("--simulate", default="1ns")
p.add_argument("--seed", type=int, default=1)
p.add_argument("--proposals", type=int, default=100_000)
p.add_argument("--threads", type=int)
p.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
p.add_argument("--table", action="store_true")
o = p.parse_args()
output = pathlib.Path(o.output)
threads = ["--threads", str(o.threads)] if o.threads else []


def call(*arguments, folder, spent):
    """Runs the program; its notes go to log.txt. Returns its output."""
    with open(folder / "log.txt", "a") as log:
        done = subprocess.run([o.program, *arguments], stdout=subprocess.PIPE, stderr=log, text=True)
    spent.total()
    if done.returncode in (75, 130):
        sys.exit(f"{folder}: stopped; the same command goes on")
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(arguments)}: status {done.returncode}, see {folder}/log.txt")
    return done.stdout


def figures(name):
    """The figures of a residue, computed if they are not there."""
    folder = output / name
    path = folder / "figures.json"
    if path.exists():
        return json.loads(path.read_text())
    folder.mkdir(parents=True, exist_ok=True)
    spent = Spent(folder / "spent.json")
    if not (folder / "system/system.yaml").exists():
        call("build", f"Ace-{name}-Nme", "--output", str(folder / "system"), folder=folder, spent=spent)
    run = folder / "run"
    if (run / "config.resolved.yaml").exists() or (run / "config.pending.yaml").exists():
        if not (run / "evaluation.json").exists():
            call("train", "--resume", str(run), *threads, folder=folder, spent=spent)
    else:
        settings = [word for setting in o.set for word in ("--set", setting)]
        call("train", str(folder / "system"), "--simulate", o.simulate, "--seed", str(o.seed), "--output", str(run), *settings, *threads,
             folder=folder, spent=spent)
    report = json.loads(call("evaluate", str(run), "--proposals", str(o.proposals), "--json", *threads, folder=folder, spent=spent))
    report["atoms"] = sum(line.startswith(("ATOM", "HETATM")) for line in open(folder / "system/topology.pdb"))
    report["seconds"], report["cpu_seconds"] = spent.total()
    path.write_text(json.dumps(report, indent=1))
    return report


class Spent:
    """Seconds of the clock and of all cores since the beginning, those of calls that were stopped among them."""

    def __init__(self, path):
        self.path, self.begin, self.cpu = path, time.time(), Spent.children()
        self.before = json.loads(path.read_text()) if path.exists() else [0, 0]

    def total(self):
        sums = [self.before[0] + time.time() - self.begin, self.before[1] + Spent.children() - self.cpu]
        self.path.write_text(json.dumps(sums))
        return sums

    @staticmethod
    def children():
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime


def row(name, report):
    last = report["budgets"][-1]

    def number(key, digits=3):
        return "–" if last.get(key) is None else f"{last[key]:.{digits}f}"

    return (f"| {name} | {report['atoms']} | {number('ess')} | {number('ess_capped')} | {number('ess_raw')} | {number('pareto_k', 2)} | "
            f"{number('energy_w2')} ± {number('energy_w2_spread')} | {number('energy_w2_floor')} | {report['seconds'] / 60:.1f} | "
            f"{report['cpu_seconds'] / 60:.1f} |")


def table():
    found = [(name, json.loads((output / name / "figures.json").read_text())) for name in names + sorted(set(o.residues) - set(names))
             if (output / name / "figures.json").exists()]
    lines = ["| residue | atoms | ESS, 0.2 % dropped | CMT's rule | raw | Pareto k | E-W2 | its floor | minutes | CPU minutes |",
             "|---|---|---|---|---|---|---|---|---|---|"] + [row(name, report) for name, report in found]
    middle = sorted(report["budgets"][-1]["ess"] for _, report in found)
    if middle:
        half = len(middle) // 2
        median = middle[half] if len(middle) % 2 else (middle[half - 1] + middle[half]) / 2
        lines.append(f"\nMedian ESS of {len(middle)} residues: {median:.3f}")
    return "\n".join(lines) + "\n"


if not o.table:
    for name in o.residues:
        try:
            report = figures(name)
        except RuntimeError as error:
            print(error, file=sys.stderr)
            continue
        (output / "residues.md").write_text(table())
        print(row(name, report), file=sys.stderr, flush=True)
print(table(), end="")
