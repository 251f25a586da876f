#!/usr/bin/env python3
"""What several ranks compute is what one computes, byte for byte, also after one was killed.

    python3 .ci/mpi.py PROGRAM [--mpirun COMMAND]

PROGRAM is built with --traits MPI. The systems are found from the current folder."""

import argparse
import filecmp
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

parser = argparse.ArgumentParser()
parser.add_argument("program")
parser.add_argument("--mpirun", default="mpirun --oversubscribe")
options = parser.parse_args()
program = os.path.abspath(options.program)
folder = tempfile.mkdtemp()
environment = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
failures = []
# Seconds for each command: ranks that wait for one another for good would never end.
PATIENCE = 600

SETTINGS = ["--threads", "1", "--set", "training.steps=60", "--set", "training.warm_up=6",
            "--set", "training.batch=128", "--set", "training.parts=8",
            "--set", "training.validate_every=20", "--set", "training.checkpoint_every=20",
            "--set", "sampling.count=20", "--set", "evaluation.torus_points=200", "--set", "evaluation.seeds=2"]
ENERGIES = ["--set", "energies.frames=0.1", "--set", "energies.proposals=0.3",
            "--set", "energies.first_step=10", "--set", "energies.draw_every=5",
            "--set", "energies.drawn=640"]


def check(what, holds):
    print(("ok      " if holds else "FAILED  ") + what, flush=True)
    if not holds:
        failures.append(what)


def command(ranks, *words):
    launch = [*shlex.split(options.mpirun), "-n", str(ranks)] if ranks else []
    return [*launch, program, *words]


def run(ranks, *words, code=0):
    try:
        result = subprocess.run(
            command(ranks, *words), env=environment, capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired as late:
        sys.exit(f"{' '.join(words)} on {ranks} ranks had not ended after {PATIENCE} s:\n"
                 f"{(late.stderr or b'').decode(errors='replace')}")
    if result.returncode != code:
        sys.exit(f"{' '.join(words)} on {ranks} ranks ended with {result.returncode}, expected "
                 f"{code}:\n{result.stderr}")
    return result


def place(name):
    return os.path.join(folder, name)


def metrics(run):
    """The columns that do not measure time."""
    with open(os.path.join(run, "metrics.csv")) as file:
        return [line.split(",")[:5] for line in file]


def same(one, other):
    return metrics(one) == metrics(other) and all(
        filecmp.cmp(os.path.join(one, name), os.path.join(other, name), shallow=False)
        for name in ["checkpoints/step-60.safetensors", "checkpoints/best.safetensors", "weights.csv"])


def rank_processes(run):
    """The number of the process of each rank that works on a run."""
    found = {}
    for entry in os.listdir("/proc"):
        try:
            with open(f"/proc/{entry}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
            with open(f"/proc/{entry}/environ", "rb") as file:
                rank = re.search(rb"\0(?:OMPI_COMM_WORLD_RANK|PMI_RANK)=(\d+)\0", file.read())
        except OSError:
            continue
        if words[0] == program.encode() and run.encode() in words and rank:
            found[int(rank[1])] = int(entry)
    return found


def stopped(launch, run, sent, to):
    """Starts a training of `run`, sends a signal to a rank after the first checkpoint, to the command
    itself if `to` is None, and returns the exit code and the seconds that the end has taken."""
    job = subprocess.Popen(launch, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.time() + PATIENCE
    while not os.path.exists(os.path.join(run, "checkpoints/step-20.safetensors")):
        if time.time() > deadline:
            job.kill()
            sys.exit(f"the training of {run} had no checkpoint after {PATIENCE} s")
        if job.poll() is not None:
            sys.exit(f"the training of {run} ended with {job.returncode} before its first checkpoint")
        time.sleep(0.01)
    start = time.time()
    os.kill(job.pid if to is None else rank_processes(run)[to], sent)
    job.wait(timeout=60)
    return job.returncode, time.time() - start


def train(run):
    return ["train", "AL3", "--output", run, "--resume-if-present", *SETTINGS]


def job_script(run):
    """The script for several ranks in docs/clusters.md, for this machine and a run."""
    with open("docs/clusters.md") as file:
        script = re.search(r"```bash\n(#!/bin/bash\n#SBATCH --ntasks=.*?)```", file.read(), re.S)[1]
    for old, new in (("mpirun -n 4 --map-by slot:PE=8", f"{options.mpirun} -n 2"),
                     ("tarflow-mol train AL6 --output runs/AL6 --resume-if-present",
                      shlex.join([program, *train(run)]))):
        assert old in script, f"docs/clusters.md: no '{old}' in its job script"
        script = script.replace(old, new)
    return script


try:
    for name, more, counts in [("likelihood", [], [1, 2, 4]), ("energies", ENERGIES, [3])]:
        alone = place(name)
        run(0, "train", "AL3", "--output", alone, *SETTINGS, *more)
        for ranks in counts:
            shared = place(f"{name}-{ranks}")
            run(ranks, "train", "AL3", "--output", shared, *SETTINGS, *more)
            check(f"training, {name}: {ranks} ranks have the bits of one process", same(alone, shared))

    for ranks, killed, others in (2, 1, 4), (4, 0, 3):
        name = place(f"killed-{ranks}-{killed}")
        code, seconds = stopped(command(ranks, *train(name)), name, signal.SIGKILL, killed)
        check(f"rank {killed} of {ranks} killed: the job ends within 30 s ({seconds:.1f} s, code {code})",
              # Open MPI says 137, MPICH 9.
              code % 128 == signal.SIGKILL and seconds < 30 and not rank_processes(name))
        run(others, *train(name))
        check(f"… and {others} ranks resume to the same bits", same(place("likelihood"), name))

    for ranks, asked in (2, 1), (4, 0):
        name = place(f"asked-{ranks}-{asked}")
        code, seconds = stopped(command(ranks, *train(name)), name, signal.SIGTERM, asked)
        check(f"SIGTERM to rank {asked} of {ranks}: all stop with a checkpoint ({seconds:.1f} s, code {code})",
              code == 75)
        run(2, "train", "--resume", name, "--threads", "1")
        check("… and 2 ranks resume to the same bits", same(place("likelihood"), name))

    if "--oversubscribe" in options.mpirun:
        # The job script of docs/clusters.md, as it stands but for the machine and the run.
        for what, how in ("a rank is killed", (signal.SIGKILL, 1)), ("it gets SIGTERM", (signal.SIGTERM, None)):
            name = place(f"job-{what.split()[-1]}")
            code, seconds = stopped(["bash", "-c", job_script(name)], name, *how)
            check(f"job script, {what}: exit code 75 within 30 s ({seconds:.1f} s, code {code})",
                  code == 75 and seconds < 30 and not rank_processes(name))
            done = subprocess.run(
                ["bash", "-c", job_script(name)], env=environment, capture_output=True, timeout=PATIENCE)
            check("… and the same script goes on to the same bits",
                  done.returncode == 0 and same(place("likelihood"), name))

    result = run(2, "train", "AL3", "--output", place("none"), *SETTINGS, "--set", "training.parts=1",
                 code=78)
    check("fewer parts than ranks are refused", "set training.parts" in result.stderr)
    result = run(2, "inspect", "AL3", code=64)
    check("a command that ranks do not share is refused", "were started" in result.stderr)

    draw = ["sample", "AL3", "-n", "3001", "--seed", "7", "--threads", "1", "--output"]
    run(0, *draw, place("drawn"))
    for ranks in 2, 4:
        run(ranks, *draw, place(f"drawn-{ranks}"))
        check(f"samples: {ranks} ranks draw what one process draws",
              sorted(os.listdir(place("drawn"))) == sorted(os.listdir(place(f"drawn-{ranks}")))
              and all(filecmp.cmp(place(f"drawn/{name}"), place(f"drawn-{ranks}/{name}"), shallow=False)
                      for name in os.listdir(place("drawn"))))

    # Densities of particles, drawn and annealed.
    anneal = ["sample", "AL3", "-n", "301", "--seed", "7", "--smc", "--threads", "1", "--output"]
    run(0, *anneal, place("annealed"))
    run(2, *anneal, place("annealed-2"))
    check("annealed samples: 2 ranks have the bits of one process",
          all(filecmp.cmp(place(f"annealed/{name}"), place(f"annealed-2/{name}"), shallow=False)
              for name in ["samples.nc", "samples.json", "weights.csv"]))

    evaluate = ["evaluate", place("likelihood"), "--proposals", "2001", "--overwrite", "--threads", "1", "--json"]
    alone = run(0, *evaluate).stdout
    check("evaluation: 2 ranks have the figures of one process", run(2, *evaluate).stdout == alone)
    result = run(2, "evaluate", place("likelihood"), code=64)
    check("an evaluation that ranks do not share is refused, and all of them end", "--proposals" in result.stderr)

    # The frames of five chains, and the tables of every rung.
    simulate = ["simulate", "AL3", "--time", "1ps", "--temperatures", "auto", "--chains", "5", "--threads", "1",
                "--save-every", "0.1ps", "--output"]
    run(0, *simulate, place("simulated"))
    for ranks in 2, 4:
        run(ranks, *simulate, place(f"simulated-{ranks}"))
        check(f"simulation: {ranks} ranks have the bits of one process",
              all(filecmp.cmp(place(f"simulated/{name}"), place(f"simulated-{ranks}/{name}"), shallow=False)
                  for name in ["trajectory.nc", "energies.csv", "summary.json", "checkpoint.json"]))
    run(2, "simulate", "--resume", place("simulated-2"))

    # Its own frames first: the ranks simulate together, are stopped, and go on as others.
    own = ["train", "AL2", "--simulate", "20ps", *SETTINGS, "--set", "training.batch=64", "--resume-if-present",
           "--output"]
    run(0, *own, place("own"))
    run(2, *own, place("own-2"))
    run(3, *own, place("own-3"), "--max-hours", "0.0003", code=75)
    run(2, *own, place("own-3"))
    for ranks in 2, 3:
        check(f"training on own frames: {ranks} ranks have the bits of one process",
              same(place("own"), place(f"own-{ranks}")) and all(
                  filecmp.cmp(place(f"own/{name}"), place(f"own-{ranks}/{name}"), shallow=False)
                  for name in ["training.nc", "reference.nc", "simulation/energies.csv"]))

    digits = ["image", "train", "digits", "--threads", "1", "--set", "training.steps=6",
              "--set", "training.parts=4", "--set", "sampling.count=0", "--output"]
    run(0, *digits, place("digits"))
    run(2, *digits, place("digits-2"))
    check("images: 2 ranks have the bits of one process",
          filecmp.cmp(place("digits/checkpoints/step-6.safetensors"),
                      place("digits-2/checkpoints/step-6.safetensors"), shallow=False))
finally:
    shutil.rmtree(folder, ignore_errors=True)
sys.exit(1 if failures else 0)
