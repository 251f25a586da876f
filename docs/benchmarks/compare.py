"""Our engine beside a PyTorch TarFlow of the same shape, in turn on one machine, and the ratios of their rates.

  compare.py --peer torch_flow.py [--python PYTHON] [--rounds 3] [--repeats 3] [--only TEXT]

PYTHON has PyTorch; torch_flow.py prints one JSON line with samples_per_second and peak_mib for a shape. Both run on all processors, one
after the other (A B A B …), each in a process of its own, with OPENBLAS_CORETYPE and OPENBLAS_L2_SIZE unset. Build first:
swift build -c release --product benchmarks. Prints Markdown tables: the median over the rounds of the ratio to the peer's better
precision of those named, and the medians of both; then ours alone at growing sizes. The peer's flow is affine; ours of `AL3` has the mixture
and the head.
"""
import argparse, json, os, statistics, subprocess, sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
AL3 = "--tokens 31 --width 96 --blocks 1 --layers 2 --head 32"
PAPER = "--tokens 33 --width 256 --blocks 6 --layers 6"
IMAGE28 = "--tokens 49 --features 16 --width 128 --blocks 4 --layers 4"
IMAGE64 = "--tokens 1024 --features 12 --width 768 --blocks 1 --layers 2"
BOTH = ["fp32", "bf16"]
# Our benchmark, the peer's work, and the precisions of the peer whose better one counts.
ROWS = [
    ("flow/train/AL3-paper/batch64/fp32", f"train {PAPER} --batch 64", ["fp32"]),
    ("flow/train/AL3-paper/batch512/fp32", f"train {PAPER} --batch 512", ["fp32"]),
    ("flow/train/AL3-paper/batch64/bf16", f"train {PAPER} --batch 64", ["bf16"]),
    ("flow/train/AL3/batch512/fp32", f"train {AL3} --batch 512", ["fp32"]),
    ("flow/train/AL3/batch512/bf16", f"train {AL3} --batch 512", BOTH),
    ("flow/sample/AL3-paper/batch256/fp32", f"sample {PAPER} --batch 256", BOTH),
    ("flow/sample/AL3-paper/batch256/bf16", f"sample {PAPER} --batch 256", BOTH),
    ("flow/sample/AL3/batch1000/fp32", f"sample {AL3} --batch 1000", BOTH),
    ("flow/sample/AL3/batch1000/bf16", f"sample {AL3} --batch 1000", BOTH),
    ("flow/train/image28/batch256/fp32", f"train {IMAGE28} --batch 256", ["fp32"]),
    ("flow/train/image28/batch256/bf16", f"train {IMAGE28} --batch 256", BOTH),
    ("flow/train/image64/batch2/fp32", f"train {IMAGE64} --batch 2", ["fp32"]),
    ("flow/train/image64/batch2/bf16", f"train {IMAGE64} --batch 2", BOTH),
]

p = argparse.ArgumentParser()
p.add_argument("--peer", required=True)
p.add_argument("--python", default=sys.executable)
p.add_argument("--rounds", type=int, default=3)
p.add_argument("--repeats", type=int, default=3)
p.add_argument("--only", default="")
o = p.parse_args()
environment = {k: v for k, v in os.environ.items() if k not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
program = os.path.join(ROOT, ".build/release/benchmarks")


def lines(command):
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr}")
    return done.stdout.strip().splitlines()


def ours(name):
    return json.loads(lines([program, name, "--json", "--repeats", str(o.repeats)])[-1])


def theirs(shape, precision):
    return json.loads(lines([o.python, o.peer, *shape.split(), "--repeats", str(o.repeats), "--precision", precision])[-1])


def median(rows, key):
    return statistics.median(row[key] for row in rows)


names = lines([program, "--list"])
print("| work | ratio | ours, samples/s | PyTorch, samples/s | ours, GFLOP/s | of the sgemm peak | ours / PyTorch, MiB |")
print("|---|---|---|---|---|---|---|")
for name, shape, precisions in ROWS:
    if o.only not in name or name not in names:
        continue
    a, b = [], []
    for _ in range(o.rounds):
        a.append(ours(name))
        b.append(max((theirs(shape, precision) for precision in precisions), key=lambda row: row["samples_per_second"]))
    ratio = statistics.median(x["samples_per_second"] / y["samples_per_second"] for x, y in zip(a, b))
    print(
        f"| `{name}` | {ratio:.2f} | {median(a, 'samples_per_second'):.3g} | {median(b, 'samples_per_second'):.3g} "
        f"({max(b, key=lambda row: row['samples_per_second'])['precision']}) | "
        f"{median(a, 'gigaflops'):.0f} | {100 * median(a, 'share_of_peak'):.0f} % | "
        f"{median(a, 'peak_mebibytes'):.0f} / {median(b, 'peak_mib'):.0f} |", flush=True)

print("\n| training of 2 layers of width 256, unless said | samples/s | tokens/s | MiB |")
print("|---|---|---|---|")
for name in names:
    if "/scaling/" in name and o.only in name:
        row = ours(name)
        print(f"| `{name}` | {row['samples_per_second']:.4g} | {row['samples_per_second'] * row['tokens']:.4g} | {row['peak_mebibytes']:.0f} |", flush=True)
