#!/usr/bin/env python3
"""What a training costs over ranks: measured here, and as a model up to 1,000 ranks.

    python3 docs/benchmarks/ranks.py PROGRAM            # measures one to two ranks; needs the trait MPI
    python3 docs/benchmarks/ranks.py PROGRAM --network  # and two ranks with a slow network; needs root
    python3 docs/benchmarks/ranks.py                    # the model alone

The model of a step, with N weights, a batch of B samples in P parts, R ranks of W threads:

    compute   B C / F · ⌈P / (R W)⌉ / P       C operations of a sample, F those of a thread in a second
    alone     S N                             what every rank does for itself: optimizer, average, panels
    network   4 N (1 − 1/R) (t + 1 + m) / V + 5 L

V is the rate of a rank's network, L its latency, m the part of the weights that Muon steps (each rank
orthogonalises its share of the matrices). A rank adds the gradients of its parts up to t terms of the
sum by halves, one where R is a power of two, and sends them in slices, each to the rank that adds it
up; the sums and the directions of Muon go to all."""

import argparse
import csv
import math
import os
import subprocess
import sys
import tempfile

parser = argparse.ArgumentParser()
parser.add_argument("program", nargs="?")
parser.add_argument("--network", action="store_true")
parser.add_argument("--steps", type=int, default=120)
options = parser.parse_args()

# Name, weights, operations of a sample (6 for each weight and token), batch, part that Muon steps.
WORK = [
    ("AL3, default", 260_168, 6 * 260_168 * 32, 512, 0.85),
    ("AL6, 128 wide", 448_296, 6 * 448_296 * 61, 512, 0.85),
    ("138 atoms, 128 wide", 450_000, 6 * 450_000 * 137, 512, 0.85),
    ("100 million weights, 137 tokens", 100_000_000, 6 * 100_000_000 * 137, 2_048, 0.85),
]


def terms(low, high, first, last):
    """The fewest halves of halves of low ... high that make up first ... last."""
    if first >= high or last <= low:
        return 0
    if first <= low and high <= last:
        return 1
    middle = (low + high) // 2
    return terms(low, middle, first, last) + terms(middle, high, first, last)


def most_terms(parts, ranks):
    return max(terms(0, parts, rank * parts // ranks, (rank + 1) * parts // ranks) for rank in range(ranks))


def step(weights, operations, batch, muon, ranks, threads, parts, thread_rate, alone, network, latency):
    """Seconds of compute, of what every rank does for itself, and of the network."""
    compute = batch * operations / thread_rate * math.ceil(parts / (ranks * threads)) / parts
    sent = 4 * weights * (1 - 1 / ranks) * (most_terms(parts, ranks) + 1 + muon)
    return compute, alone * weights, sent / network + (5 * latency if ranks > 1 else 0)


def table(thread_rate, alone, threads, network, latency):
    print(f"Ranks of {threads} threads, {network * 8 / 1e9:.0f} Gbit/s, {latency * 1e6:.0f} µs: "
          "efficiency; ms of a step (network)\n")
    counts = [1, 4, 16, 64, 256, 1000]
    print("| work | parts at 1,000 | " + " | ".join(str(count) for count in counts) + " | gradients of a rank |")
    print("|---|---|" + "---|" * (len(counts) + 1))
    for name, weights, operations, batch, muon in WORK:
        cells, last = [], None
        for ranks in counts:
            # As many parts as the threads of all ranks, at least 16 and at most one for each sample.
            parts = min(batch, max(16, ranks * threads))
            if ranks > parts:
                cells.append("–")
                continue
            one = sum(step(weights, operations, batch, muon, 1, threads, parts, thread_rate, alone, network, latency))
            times = step(weights, operations, batch, muon, ranks, threads, parts, thread_rate, alone, network, latency)
            cells.append(f"{100 * one / ranks / sum(times):.0f} %; {1e3 * sum(times):.3g} ({1e3 * times[2]:.2g})")
            # Own parts, the sum, and the slices of all terms.
            last = 4 * weights * (parts / ranks + 1 + most_terms(parts, ranks))
        print(f"| {name} | {min(batch, max(16, 1000 * threads))} | " + " | ".join(cells) + f" | {last / 1e6:.3g} MB |")
    print()


def measured(*launch, threads):
    """Seconds of a step of AL3 by default settings."""
    with tempfile.TemporaryDirectory() as folder:
        run = os.path.join(folder, "run")
        steps = options.steps
        subprocess.run(
            [*launch, options.program, "train", "AL3", "--output", run, "--threads", str(threads),
             "--set", f"training.steps={steps}", "--set", "training.warm_up=10",
             "--set", f"training.validate_every={steps // 3}", "--set", "sampling.count=10",
             "--set", "evaluation.seeds=1", "--set", "evaluation.torus_points=50"],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1"))
        with open(os.path.join(run, "metrics.csv")) as file:
            rates = sorted(float(row["samples_per_second"]) for row in csv.DictReader(file))
    return 512 / rates[len(rates) // 2]


# Measured on a Zen 4 with bfloat16 products; 10 ns a weight are about forty bytes in and out of memory.
thread_rate, alone = 8.3e10, 1e-8
if options.program:
    here = os.path.dirname(os.path.abspath(__file__))
    times = {}
    for turn in range(3):
        for ranks, threads in (1, 1), (1, 2), (2, 1):
            launch = ["mpirun", "-n", str(ranks)] if ranks > 1 else []
            times.setdefault((ranks, threads), []).append(measured(*launch, threads=threads))
    times = {key: sorted(values)[1] for key, values in times.items()}
    for (ranks, threads), seconds in times.items():
        print(f"{ranks} × {threads}: {1e3 * seconds:.1f} ms a step")
    name, weights, operations, batch, muon = WORK[0]
    thread_rate = batch * operations / times[1, 1]
    expected = sum(step(*WORK[0][1:], 2, 1, 16, thread_rate, alone, 5e9, 1e-6))
    print(f"a thread: {thread_rate / 1e9:.0f} GFLOP/s; 2 × 1 takes {100 * (times[2, 1] / times[1, 2] - 1):+.1f} % "
          f"of 1 × 2; the model of 2 × 1: {1e3 * expected:.1f} ms\n")
    if options.network:
        for delay, gbit in (0.05, 10), (0.5, 10), (0.05, 1), (2, 1):
            seconds = measured(
                sys.executable, os.path.join(here, "network.py"), "--delay-ms", str(delay), "--gbit", str(gbit),
                "--", threads=1)
            expected = sum(step(*WORK[0][1:], 2, 1, 16, thread_rate, alone, gbit / 8 * 1e9, delay / 1e3))
            print(f"2 × 1 with {delay} ms and {gbit} Gbit/s: {1e3 * seconds:.1f} ms a step, "
                  f"the model {1e3 * expected:.1f} ms")
        print()
for network, latency in (12.5e9, 2e-6), (1.25e9, 50e-6):
    table(thread_rate, alone, 8, network, latency)
