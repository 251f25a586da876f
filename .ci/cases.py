#!/usr/bin/env python3
"""Runs the program on a folder of inputs and compares with the table beside them.

Usage: cases.py PROGRAM CASES [--except CASE ...]

CASES/expected.csv has the columns case, command, exit, expected, tolerance. What the program has to
do is right when the exit code is, and further

- for `energy`: the total of the first frame (or the energies of another file, or a number of
  frames with a warning), or words that the message must hold;
- for the other commands: what `check_...` below says of each.

Prints a line per case; fails when one differs that is not excepted, or when an excepted case
passes, so that the list of exceptions cannot grow old.
"""

import argparse
import csv
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

# What a message has to say, where the table describes it in other words.
WORDS = {
    "02e-cr": ["bare carriage returns"],
    "02g-gz": ["gzip data", "unpack"],
    "06-netcdf/numrecs0.nc": ["holds 20", "dd of="],
    "06-netcdf/icompress.nc": ["icompress", "cpptraj"],
    "06-netcdf/mdtraj-like.h5": ["mdtraj", "HDF5"],
    "06-netcdf/mdtraj.xtc": ["XTC", "round"],
    "10-temp0": ["310", "372", "446", "535"],
    "16-classes": [],
    "17-start-order": ["bond", "the topology says"],
}


class Difference(Exception):
    """What is not as it should be."""


class Cases:
    def __init__(self, program, folder, work):
        self.program, self.folder, self.work = program, folder, work

    def run(self, *arguments):
        done = subprocess.run(
            [self.program, *map(str, arguments)], capture_output=True, text=True, cwd=self.work,
            stdin=subprocess.DEVNULL, timeout=600)
        return done.returncode, done.stdout, done.stderr

    def expect_exit(self, row, code, stderr):
        if code != int(row["exit"]):
            raise Difference(f"exit code {code}, expected {row['exit']}: {last_line(stderr)}")

    def expect_words(self, row, stderr):
        for word in WORDS.get(row["case"], [row["expected"]]):
            if word.lower() not in stderr.lower():
                raise Difference(f"the message lacks '{word}': {last_line(stderr)}")

    def energies(self, trajectory, system):
        code, stdout, stderr = self.run(
            "energy", "--trajectory", trajectory, "--system", system, "--csv")
        rows = list(csv.DictReader(stdout.splitlines()))
        return code, [float(row["total"]) for row in rows], stderr

    def check_energy(self, row):
        case = self.folder / row["case"]
        if case.is_dir():
            trajectory, system = case / "frames.nc", case / "system.yaml"
        else:
            trajectory, system = case, case.parent / "system.yaml"
        code, totals, stderr = self.energies(trajectory, system)
        self.expect_exit(row, code, stderr)
        if code != 0:
            self.expect_words(row, stderr)
            return last_line(stderr)
        expected = row["expected"]
        if other := re.match(r"the energies of (\S+)", expected):
            _, others, _ = self.energies(case.parent / other[1], system)
            compare(totals, others, row["tolerance"])
        elif frames := re.match(r"(\d+) frames with a warning", expected):
            if len(totals) != int(frames[1]) or "more frames than its header" not in stderr:
                raise Difference(f"{len(totals)} frames, {last_line(stderr)}")
        else:
            compare(totals[:1], [float(re.match(r"-?[\d.]+", expected)[0])], row["tolerance"])
        return f"{totals[0]:.4f} kJ/mol, {len(totals)} frames"

    def check_evaluate(self, row):
        case = self.folder / row["case"]
        words = row["command"].split()[1:]
        arguments = [case / word if word.endswith((".nc", ".csv")) else word for word in words]
        code, stdout, stderr = self.run(
            "evaluate", *arguments, "--system", case / "system.yaml", "--json")
        self.expect_exit(row, code, stderr)
        if code != 0:
            self.expect_words(row, stderr)
            return last_line(stderr)
        chirality = re.search(r'"correct_chirality"\s*:\s*"?([-\d.a-z ]+)', stdout)
        share = chirality[1].strip() if chirality else "not determined"
        if re.match(r"[\d.]", share) and float(share) > 0.01:
            raise Difference(f"correct chirality {share} of mirror images")
        return f"correct chirality {share}"

    def check_start(self, row):
        case = self.folder / row["case"]
        code, _, stderr = self.run(
            "train", case, "--simulate", "40ps", "--output", self.work / "start",
            "--set", "training.steps=1", "--set", "training.batch=64", "--set", "training.warm_up=0",
            "--set", "sampling.count=100", "--quiet")
        self.expect_exit(row, code, stderr)
        self.expect_words(row, stderr)
        return last_line(stderr)

    def train_images(self, system, name):
        output = self.work / name
        code, _, stderr = self.run("image", "train", system, "--output", output, "--quiet")
        if code != 0:
            raise Difference(f"exit code {code} of the training: {last_line(stderr)}")
        return output

    def check_pixels(self, row):
        losses = []
        for name in ["11-png/plain", row["case"]]:
            folder = self.folder / name
            losses.append(
                (self.train_images(folder, name.replace("/", "-")) / "metrics.csv").read_text())
        columns = [[line.split(",")[:2] for line in text.splitlines()] for text in losses]
        if columns[0] != columns[1]:
            raise Difference(f"losses {columns[0][-1]} and {columns[1][-1]}")
        return f"loss {columns[1][-1][1]}"

    def check_classes(self, row):
        case = self.folder / row["case"]
        run = self.train_images(case, "classes")
        # The same pictures in folders of the very names that the training had: the accuracy depends
        # on the arithmetic of the machine, and has to be the same.
        renamed = self.work / "renamed"
        for name in sorted(child.name for child in (case / "test-case").iterdir()):
            shutil.copytree(case / "test-case" / name, renamed / name.lower())
        found = []
        for images in [case / "test-case", renamed]:
            code, stdout, stderr = self.run(
                "image", "evaluate", run, "--images", images, "--classify", "--json")
            if code == 65:
                return last_line(stderr)
            accuracy = re.search(r'"accuracy_%"\s*:\s*([\d.]+)', stdout)
            found.append(float(accuracy[1]) if accuracy else None)
        if found[0] is None or found[0] != found[1] or found[0] < 50:
            raise Difference(f"accuracy {found[0]}, with matching names {found[1]}")
        return f"accuracy {found[0]} %, as with matching names"

    def check(self, row):
        command = row["command"]
        if command == "energy":
            return self.check_energy(row)
        if command.startswith("evaluate "):
            return self.check_evaluate(row)
        if command.startswith("train "):
            return self.check_start(row)
        if command == "image train":
            return self.check_pixels(row)
        if command.startswith("image train;"):
            return self.check_classes(row)
        raise Difference(f"no check of '{command}' is known")


def compare(found, expected, tolerance):
    if len(found) != len(expected) or not found:
        raise Difference(f"{len(found)} energies, expected {len(expected)}")
    worst = max(abs(a - b) for a, b in zip(found, expected))
    if not worst <= float(tolerance):
        raise Difference(f"{found[0]} kJ/mol, expected {expected[0]} (off by {worst:.2g})")


def last_line(text):
    return (text.strip().splitlines() or ["(no message)"])[-1]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--except", dest="excepted", nargs="*", default=[], metavar="CASE")
    options = parser.parse_args()
    folder = options.folder.resolve()
    with open(folder / "expected.csv", newline="") as table:
        rows = list(csv.DictReader(table))
    if unknown := set(options.excepted) - {row["case"] for row in rows}:
        sys.exit(f"--except: no such case: {' '.join(sorted(unknown))}")
    failed = passed = 0
    with tempfile.TemporaryDirectory() as work:
        cases = Cases(options.program.resolve(), folder, pathlib.Path(work))
        for row in rows:
            try:
                found, right = cases.check(row), True
            except Difference as difference:
                found, right = str(difference), False
            except (OSError, ValueError, TypeError, subprocess.TimeoutExpired) as error:
                found, right = f"{type(error).__name__}: {error}", False
            excepted = row["case"] in options.excepted
            word = ("passes though excepted" if right else "excepted") if excepted else (
                "right" if right else "DIFFERS")
            print(f"{row['case']:26} {word}: {found.replace(str(folder) + '/', '')}")
            failed += right == excepted
            passed += right
    print(f"{passed} of {len(rows)} cases right, {len(options.excepted)} excepted")
    if failed:
        sys.exit(f"{failed} cases are not as the table and the exceptions say")


if __name__ == "__main__":
    main()
