"""Our engine beside the fastest PyTorch or JAX TarFlow of the same shape, in turn on one machine, and the ratios of their rates.

  compare.py [--python PYTHON] [--program .build/release/benchmarks] [--rounds 3] [--repeats 3] [--only TEXT] [--jemalloc LIBRARY]

PYTHON has PyTorch and JAX (pip install torch jax); a peer that is missing or fails is left out, with a line on stderr. The peers are
torch_flow.py, eager and compiled, and jax_flow.py, in the precisions that a row names, with three allocators of memory: the C library's as
it is, the same when it keeps what is freed, and jemalloc where that is installed (Debian's libjemalloc2). A first pass times each of them
with few repeats; the fastest counts, and takes turns with ours (A B A B …). All run on all processors, each in a process of its own, with
OPENBLAS_CORETYPE and OPENBLAS_L2_SIZE unset. Build first: swift build -c release --product benchmarks. Prints Markdown, with date, commit
and machine: the median over the rounds of the ratio, the medians of both, and which peer it was; then ours alone at growing sizes. The
peers' flow is affine; ours of `AL3` has the mixture and the head.
"""
import argparse, ctypes.util, datetime, itertools, json, os, statistics, subprocess, sys

import provenance

HERE = os.path.dirname(os.path.abspath(__file__))
AL3 = "--tokens 31 --width 96 --blocks 1 --layers 2 --head 32"
PAPER = "--tokens 33 --width 256 --blocks 6 --layers 6"
IMAGE28 = "--tokens 49 --features 16 --width 128 --blocks 4 --layers 4"
IMAGE64 = "--tokens 1024 --features 12 --width 768 --blocks 1 --layers 2"
BOTH = ["fp32", "bf16"]
# Our benchmark, the peers' work, and the precisions in which they are tried.
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
PEERS = {"PyTorch": ["torch_flow.py"], "torch.compile": ["torch_flow.py", "--compile"], "JAX": ["jax_flow.py"]}
# Unless the allocator keeps what is freed, the system maps and clears large arrays again in every step.
ALLOCATORS = {
    "malloc": {},
    "malloc that keeps": {
        "MALLOC_MMAP_MAX_": "0", "MALLOC_ARENA_MAX": "1", "MALLOC_TRIM_THRESHOLD_": str(1 << 40), "MALLOC_TOP_PAD_": str(1 << 26)},
}

p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
p.add_argument("--python", default=sys.executable)
p.add_argument("--program", default=os.path.join(HERE, "../../.build/release/benchmarks"))
p.add_argument("--rounds", type=int, default=3)
p.add_argument("--repeats", type=int, default=3)
p.add_argument("--only", default="")
p.add_argument("--jemalloc", default=ctypes.util.find_library("jemalloc"), metavar="LIBRARY")
o = p.parse_args()
if o.jemalloc:
    ALLOCATORS["jemalloc"] = {"LD_PRELOAD": o.jemalloc, "MALLOC_CONF": "oversize_threshold:0,dirty_decay_ms:-1,muzzy_decay_ms:-1"}
environment = {k: v for k, v in os.environ.items() if k not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
threads = len(os.sched_getaffinity(0))


def say(text):
    print(text, file=sys.stderr, flush=True)


def lines(command, **variables):
    done = subprocess.run(command, env=environment | variables, capture_output=True, text=True)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["nothing on stderr"])[-1]
        raise RuntimeError(f"{' '.join(command)}: exit {done.returncode}: {reason}")
    return done.stdout.strip().splitlines()


def ours(name):
    return json.loads(lines([o.program, name, "--json", "--repeats", str(o.repeats)])[-1])


def theirs(shape, variant, repeats):
    peer, precision, allocator = variant
    script, *flags = PEERS[peer]
    options = [*shape.split(), *flags, "--precision", precision, "--threads", str(threads), "--repeats", str(repeats)]
    return json.loads(lines([o.python, os.path.join(HERE, script), *options], **ALLOCATORS[allocator])[-1])


def installed():
    """The peers whose library PYTHON has, and the versions of these libraries."""
    found, versions = dict(PEERS), []
    for module, peers in (("torch", ["PyTorch", "torch.compile"]), ("jax", ["JAX"])):
        try:
            versions += lines([o.python, "-c", f"import {module}; print('{module}', {module}.__version__)"])
        except (OSError, RuntimeError) as error:
            say(f"WARNING: LEFT OUT: {', '.join(peers)}: {error}")
            found = {peer: script for peer, script in found.items() if peer not in peers}
    return found, versions


def fastest(shape, precisions):
    """The peer, precision and allocator whose fastest of two steps is the shortest; None if all fail."""
    seconds = {}
    for variant in itertools.product(peers, precisions, ALLOCATORS):
        try:
            row = theirs(shape, variant, 2)
            seconds[variant] = row["seconds_best"]
            say(f"{shape}: {', '.join(variant)}: {row['batch'] / row['seconds_best']:.4g} samples/s, {row['peak_mib']:.0f} MiB")
        except RuntimeError as error:
            say(f"WARNING: LEFT OUT: {', '.join(variant)}: {error}")
    return min(seconds, key=seconds.get, default=None)


def median(rows, key):
    return statistics.median(row[key] for row in rows)


def compare(name, shape, precisions):
    """A row of the table; the peer's cells are empty where there is none."""
    variant, a, b = fastest(shape, precisions), [], []
    for _ in range(o.rounds):
        a.append(ours(name))
        try:
            b += [theirs(shape, variant, o.repeats)] if variant else []
        except RuntimeError as error:
            say(f"WARNING: LEFT OUT: the row has no peer, since the fastest one failed in a round: {error}")
            variant = None
    rate, peak = "samples_per_second", f"{median(a, 'peak_mebibytes'):.0f}"
    ratio, peer = "–", "–"
    if variant:
        ratio = f"{statistics.median(x[rate] / y[rate] for x, y in zip(a, b)):.2f}"
        peer = f"{median(b, rate):.3g} ({', '.join(variant)})"
        peak += f" / {median(b, 'peak_mib'):.0f}"
    share = f"{100 * median(a, 'share_of_peak'):.0f} %"
    if all("share_of_bf16_peak" in row for row in a):
        share += f" / {100 * median(a, 'share_of_bf16_peak'):.0f} %"
    return f"| `{name}` | {ratio} | {median(a, rate):.3g} | {peer} | {median(a, 'gigaflops'):.0f} | {share} | {peak} |"


peers, versions = installed()
if "jemalloc" not in ALLOCATORS:
    say("WARNING: LEFT OUT: jemalloc is not installed (Debian: libjemalloc2)")
names = lines([o.program, "--list"])
print(f"## {datetime.date.today()}, commit {provenance.commit()}\n\n{provenance.machine()}; {', '.join(versions) or 'no peer'}\n")
print("| work | ratio | ours, samples/s | fastest peer, samples/s | ours, GFLOP/s | of the sgemm / bf16 peak | ours / peer, MiB |")
print("|---|---|---|---|---|---|---|")
for name, shape, precisions in ROWS:
    if o.only in name and name in names:
        print(compare(name, shape, precisions), flush=True)

print("\n| training of 2 layers of width 256, unless said | samples/s | tokens/s | MiB |")
print("|---|---|---|---|")
for name in names:
    if "/scaling/" in name and o.only in name:
        row = ours(name)
        rate = row["samples_per_second"]
        print(f"| `{name}` | {rate:.4g} | {rate * row['tokens']:.4g} | {row['peak_mebibytes']:.0f} |", flush=True)
