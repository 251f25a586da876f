"""Our engine beside a PyTorch TarFlow of the same shape, in turn on one machine, and the ratios of their rates.

  compare.py --peer torch_flow.py [--python PYTHON] [--rounds 3] [--only TEXT]

PYTHON has PyTorch; torch_flow.py prints one JSON line with samples_per_second for a shape. Both run on all processors, one after the
other (A B A B …), with OPENBLAS_CORETYPE and OPENBLAS_L2_SIZE unset. Build first: swift build -c release --product benchmarks.
Prints a Markdown table: the median of the ratios, and both medians. The peer's flow is affine; ours of `AL3` has the mixture and the head.
"""
import argparse, json, os, statistics, subprocess, sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
AL3 = "--tokens 31 --width 96 --blocks 1 --layers 2 --head 32"
PAPER = "--tokens 33 --width 256 --blocks 6 --layers 6"
IMAGE28 = "--tokens 49 --features 16 --width 128 --blocks 4 --layers 4"
IMAGE64 = "--tokens 1024 --features 12 --width 768 --blocks 1 --layers 2"
ROWS = [
    ("flow/train/AL3/batch512/fp32", f"train {AL3} --batch 512"),
    ("flow/train/AL3-paper/batch64/fp32", f"train {PAPER} --batch 64"),
    ("flow/train/image28/batch256/fp32", f"train {IMAGE28} --batch 256"),
    ("flow/train/image64/batch2/fp32", f"train {IMAGE64} --batch 2"),
    ("flow/sample/AL3/batch1000/fp32", f"sample {AL3} --batch 1000"),
    ("flow/sample/AL3-paper/batch256/fp32", f"sample {PAPER} --batch 256"),
]

p = argparse.ArgumentParser()
p.add_argument("--peer", required=True)
p.add_argument("--python", default=sys.executable)
p.add_argument("--rounds", type=int, default=3)
p.add_argument("--repeats", type=int, default=3)
p.add_argument("--only", default="")
o = p.parse_args()
environment = {k: v for k, v in os.environ.items() if k not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}


def last_line(command):
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr}")
    return json.loads(done.stdout.strip().splitlines()[-1])


print("| work | ratio | ours, samples/s | PyTorch, samples/s | ours, GFLOP/s | of the sgemm peak | ours / PyTorch, MiB |")
print("|---|---|---|---|---|---|---|")
for name, shape in ROWS:
    if o.only not in name:
        continue
    ours, theirs = [], []
    for _ in range(o.rounds):
        ours.append(last_line([os.path.join(ROOT, ".build/release/benchmarks"), name, "--json", "--repeats", str(o.repeats)]))
        theirs.append(last_line([o.python, o.peer, *shape.split(), "--repeats", str(o.repeats), "--precision", "fp32"]))
    median = lambda rows, key: statistics.median(row[key] for row in rows)
    ratio = statistics.median(a["samples_per_second"] / b["samples_per_second"] for a, b in zip(ours, theirs))
    print(
        f"| {name} | {ratio:.2f} | {median(ours, 'samples_per_second'):.0f} | {median(theirs, 'samples_per_second'):.0f} | "
        f"{median(ours, 'gigaflops'):.0f} | {100 * median(ours, 'share_of_peak'):.0f} % | "
        f"{median(ours, 'peak_mebibytes'):.0f} / {median(theirs, 'peak_mib'):.0f} |", flush=True)
