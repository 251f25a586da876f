#!/usr/bin/env python3
"""Runs every command of docs/tutorial.md with small settings, in a folder of its own.

    python3 .ci/tutorial.py PROGRAM

Blocks of bash and of Python are run as they stand, one after the other. The words tarflow-mol and
sbatch are programs that this script puts in front: the first shortens times, counts and trainings;
the second runs a job at once, and kills the first one by SIGTERM, the second one by SIGKILL, as soon
as it has written a checkpoint. Python blocks whose modules are missing are skipped with a warning.
"""

import os
import re
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
# For every training; a setting of the tutorial itself is kept unless it is here.
SHORT = {
    "training.steps": 300, "training.warm_up": 10, "training.batch": 32,
    "training.validate_every": 50, "training.checkpoint_every": 20, "training.energy_samples": 64,
    "flow.width": 32, "flow.layers": 1, "flow.components": 3, "sampling.count": 300,
    "evaluation.torus_points": 50,
}
# What follows these options is replaced.
REPLACED = {"--time": "40ps", "--simulate": "40ps", "-n": "200", "--count": "200",
            "--save-every": "0.1ps", "--steps": "400"}


def shortened(arguments):
    """The command line of the program with small settings."""
    short = list(arguments)
    for index, word in enumerate(short[:-1]):
        if word in REPLACED:
            short[index + 1] = REPLACED[word]
    command = short[0] if short else ""
    if command == "simulate" and "--resume" not in short:
        short += ["--save-every", "0.1ps", "--chains", "4"]
    if command == "train" and "--resume" not in short:
        keys = known_settings()
        for key, value in SHORT.items():
            if key in keys:
                short += ["--set", f"{key}={value}"]
    return short


def known_settings():
    """The keys that a training has."""
    text = subprocess.run([os.environ["TUTORIAL_PROGRAM"], "settings", "--markdown"],
                          capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"`([a-z_.]+)`", text))


def be_program():
    arguments = shortened(sys.argv[1:])
    program = os.environ["TUTORIAL_PROGRAM"]
    os.execv(program, [program, *arguments])


def be_sbatch():
    """Runs a job; the first two are killed after their first checkpoint."""
    count = Path(os.environ["TUTORIAL_JOBS"])
    number = int(count.read_text()) if count.exists() else 0
    count.write_text(str(number + 1))
    before = checkpoints()
    job = subprocess.Popen(["bash", sys.argv[1]], start_new_session=True)
    if number < 2:
        while job.poll() is None and checkpoints() <= before:  # a subset
            time.sleep(0.01)
        if job.poll() is not None:
            sys.exit(f"job {number + 1} ended before it could be killed")
        os.killpg(job.pid, signal.SIGTERM if number == 0 else signal.SIGKILL)
    status = job.wait()
    expected = [75, -signal.SIGKILL][number] if number < 2 else 0
    if status != expected:
        sys.exit(f"job {number + 1} ended with {status}, expected {expected}")


def checkpoints():
    """The checkpoints of all runs here."""
    return set(Path(".").glob("runs/*/checkpoints/step-*.safetensors"))


def blocks(text):
    """The languages and texts of the fenced blocks, with their lines."""
    pattern = re.compile(r"^```(bash|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    for match in pattern.finditer(text):
        yield match[1], match[2], text[: match.start()].count("\n") + 2


def missing_modules(code):
    names = re.findall(r"^(?:import|from) (\w+)", code, re.MULTILINE)
    names += ["torch"] if "tarflow_torch" in names else []
    return [name for name in names if subprocess.run(
        [sys.executable, "-c", f"import {name}"], capture_output=True,
        env=environment(Path("."))).returncode]


def environment(folder):
    path = [str(REPOSITORY / "notebooks-export"), os.environ.get("PYTHONPATH", "")]
    # The interpreter of this script is python3 in the blocks, too.
    programs = [str(folder / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]]
    return {**os.environ, "PATH": ":".join(programs), "PYTHONPATH": ":".join(filter(None, path)),
            "TUTORIAL_JOBS": str(folder / "jobs")}


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    os.environ["TUTORIAL_PROGRAM"] = str(Path(sys.argv[1]).resolve())
    text = (REPOSITORY / "docs/tutorial.md").read_text()
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "bin").mkdir()
        for word in ["tarflow-mol", "sbatch"]:
            stand_in = folder / "bin" / word
            stand_in.write_text(
                f"#!/bin/sh\nexec {sys.executable} {Path(__file__).resolve()} --as {word} \"$@\"\n")
            stand_in.chmod(stand_in.stat().st_mode | stat.S_IXUSR)
        for language, code, line in blocks(text):
            place = f"docs/tutorial.md:{line}"
            if missing := missing_modules(code) if language == "python" else []:
                print(f"WARNING: NOT RUN: {place} needs {', '.join(missing)}")
                continue
            if "import mdtraj" in code and missing_modules("import mdtraj\n"):
                print(f"WARNING: NOT RUN: {place} and all that follows need mdtraj")
                return
            command = (["bash", "-euo", "pipefail", "-c", code] if language == "bash"
                       else [sys.executable, "-c", code])
            done = subprocess.run(command, cwd=folder, env=environment(folder), text=True,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT)
            print(f"{place}: {'passed' if done.returncode == 0 else 'FAILED'}", flush=True)
            if done.returncode:
                sys.exit(f"{done.stdout}\nFAILED: {place}:\n{code}")
    print(f"all blocks in {time.monotonic() - begin:.0f} s")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--as"]:
        word = sys.argv[2]
        sys.argv = [word, *sys.argv[3:]]
        be_program() if word == "tarflow-mol" else be_sbatch()
    else:
        main()
