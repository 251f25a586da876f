#!/usr/bin/env python3
"""Counts the instructions of small pieces of the work, and compares them with instructions.csv.

    python3 docs/benchmarks/instructions.py BENCHMARKS            # exit code 1 where one takes 3 % more
    python3 docs/benchmarks/instructions.py BENCHMARKS --write    # after a change that is meant

BENCHMARKS is the program `swift build -c release --product benchmarks` builds. Valgrind counts on one
thread, and knows AVX2 but not AVX-512: what vectors of 512 bits or bfloat16 do on their own is not
seen, and large images take too long to be here. The difference of two repeats and one leaves out what
is done once. It takes about seven minutes of a core. Counts of other compilers or other versions of
OpenBLAS differ, so the table names its own; without Valgrind nothing is counted."""

import argparse
import concurrent.futures
import csv
import os
import re
import shutil
import subprocess
import sys
import tempfile

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "instructions.csv")
ALLOWED = 1.03
# What is counted, and what its batch is divided by.
WORK = [
    ("flow/train/AL3/", 64), ("flow/sample/AL3/", 64), ("flow/train/image28/", 256),
    ("flow/train/scaling/tokens33/", 128), ("energy/AL6/batch625/fp64-obc2-salt", 16), ("md/AL3/", 20),
]

parser = argparse.ArgumentParser()
parser.add_argument("benchmarks")
parser.add_argument("--write", action="store_true")
parser.add_argument("--only", help="names with this text")
parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
options = parser.parse_args()


def counted(program, name, divisor, repeats):
    """The instructions of a run of the program, and the name of what it did."""
    result = subprocess.run(
        ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", program, name,
         "--divisor", str(divisor), "--repeats", str(repeats), "--threads", "1", "--no-peak"],
        capture_output=True, text=True)
    found = re.search(r"I +refs: +([\d,]+)", result.stderr)
    names = [line.split()[0] for line in result.stdout.splitlines() if " samples/s" in line]
    if result.returncode or not found or len(names) != 1:
        sys.exit(f"{name}: exit code {result.returncode}, benchmarks {names}\n{result.stderr}")
    return int(found[1].replace(",", "")), names[0]


def instructions(program, work):
    (once, name), (twice, _) = (counted(program, *work, repeats) for repeats in (1, 2))
    return name, twice - once


def versions():
    swift = subprocess.run(["swift", "--version"], capture_output=True, text=True).stdout
    swift = re.search(r"Swift version (\S+)", swift)
    blas = subprocess.run(["pkg-config", "--modversion", "openblas"], capture_output=True, text=True).stdout.strip()
    return f"Swift {swift[1] if swift else '?'}, OpenBLAS {blas or '?'}"


if not shutil.which("valgrind"):
    print("WARNING: NOT RUN: valgrind is not there: no instruction was counted")
    sys.exit(0)
known, own = {}, versions()
if os.path.exists(TABLE):
    with open(TABLE) as file:
        own = file.readline()[2:].strip()
        known = {row["work"]: int(row["instructions"]) for row in csv.DictReader(file)}
if own != versions():
    print(f"WARNING: NOT COMPARED: the counts are those of {own}, and these of {versions()}")
    if options.write:
        known = {}
slower = []
work = [work for work in WORK if options.only is None or options.only in work[0]]
with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
    # Valgrind cannot read the symbols of Swift.
    program = os.path.join(folder, "benchmarks")
    subprocess.run(["strip", "-o", program, options.benchmarks], check=True)
    for name, count in pool.map(lambda one: instructions(program, one), work):
        ratio = count / known[name] if name in known else float("nan")
        print(f"{name:50} {count:14}  {100 * ratio - 100:+6.2f} %", flush=True)
        if not ratio <= ALLOWED:
            slower.append(name)
        if options.write:
            known[name] = count
            with open(TABLE, "w") as file:
                file.write(f"# {versions()}\n")
                csv.writer(file, lineterminator="\n").writerows([("work", "instructions"), *known.items()])
if slower and own == versions() and not options.write:
    sys.exit(f"FAILED: more instructions than instructions.csv has: {', '.join(slower)}; find out why, or --write")
