#!/usr/bin/env python3
"""Stops the program everywhere, and checks that the documented way on leads to the same files.

    python3 Tests/Endurance/endure.py PROGRAM [--minutes 2] [--kills N] [--points all|some|none] [--writes N]

Each command of cases.py runs to its end for reference. Then it is stopped at system calls, lets
them fail (ENOSPC, EIO), and is killed at random times, several times in a row. After each stop the
command that docs/errors.md names goes on, and its files must be those of the reference, but for
what compare.py lists. Every finding is a line with the way to repeat it; there is a table at the
end, and the exit code is 1 if there are findings, or if strace is there and has stopped at nothing."""

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time

from cases import CASES
from compare import contents, differences, halves, identities
from program import Program, faults, finish
import syscalls

SIGNALS = [signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP,
           signal.SIGXCPU, signal.SIGUSR2]


class Trial:
    """One command with its reference, and what was found."""

    def __init__(self, case, program, seed):
        self.case, self.program = case, program
        self.random = random.Random(f"{seed}/{case.name}")
        self.points = self.errors = self.kills = 0
        self.findings = []
        self.base = None
        self.said = set()

    def report(self, how, *problems, repeat=""):
        if problems:
            self.findings.append((how, problems))
            print(f"FOUND {self.case.name}: {how}: {'; '.join(problems)}"
                  + (f" [repeat: {repeat}]" if repeat else ""), flush=True)

    def under_strace(self, point, what, command):
        """The command line that stops or fails at a point, from the folder that it begins with."""
        words = " ".join(f"'{word}'" if " " in word else word for word in command)
        return (f"strace -f -o /dev/null -e inject={point.call}:{what}:when={point.number} "
                f"tarflow-mol {words} --threads 1")

    def copy(self, name):
        """The folder as it is, kept."""
        source = os.path.join(self.program.folder, self.case.folder)
        target = os.path.join(self.program.folder, name)
        shutil.rmtree(target, ignore_errors=True)
        if not os.path.isdir(source):
            return None
        shutil.copytree(source, target, symlinks=True)
        return target

    def files(self):
        return contents(os.path.join(self.program.folder, self.case.folder))

    def restore(self, state):
        self.program.restore(self.case.folder, state)

    def prepare(self, cache):
        """What the command begins with, and the files that it makes with one thread and with two.

        Records hold paths, so that all commands work in one folder; `cache` has its states by the
        commands that made them."""
        case, work = self.case, self.program.folder
        known = max(n for n in range(len(case.before) + 1) if key(case.before[:n]) in cache)
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(cache[key(case.before[:known])], work, symlinks=True)
        for place in range(known, len(case.before)):
            outcome = self.program.run(case.before[place])
            if outcome.code != 0:
                raise SystemExit(f"{case.name}: {' '.join(outcome.command)}: {outcome.errors}")
            copy = f"{cache['']}-{len(cache)}"
            shutil.copytree(work, copy, symlinks=True)
            cache[key(case.before[:place + 1])] = copy
        self.base = self.copy("base")
        self.old = contents(self.base) if self.base else {}
        self.restore(self.base)
        start = time.monotonic()
        outcome = self.program.run(case.first)
        self.duration = time.monotonic() - start
        if outcome.code != 0:
            raise SystemExit(f"{case.name}: {outcome.errors}")
        self.reference = self.files()
        self.restore(self.base)
        self.program.run(case.first, threads=2)
        self.report("two threads", *differences(self.files(), self.reference))

    def go_on(self, how, stopped=None, threads=1, repeat=""):
        """Goes the documented way to the end, and compares. `stopped` is the outcome of the stop."""
        case = self.case
        left = self.files() if os.path.isdir(
            os.path.join(self.program.folder, case.folder)) else {}
        problems = list(halves(left, self.old, self.reference, case.sets))
        problems += identities(left) if not any(n.endswith(".set") for n in left) else []
        command = case.resume or case.first
        if stopped is not None and stopped.continuation is not None:
            command = stopped.continuation
            if stopped.error and case.resume is None:
                problems.append(f"names a way on that there is not: {stopped.error}")
        outcome = self.program.run(command, threads)
        if outcome.code == 66 and command == case.resume:
            # Nothing had begun.
            outcome = self.program.run(case.first, threads)
        elif outcome.code == 73 and "--overwrite" in outcome.error:
            outcome = self.program.run([*case.first, "--overwrite"], threads)
        elif outcome.code == 73 and case.resume is None:
            # It is complete, and says so.
            outcome.code = 0
        if outcome.code != 0:
            problems.append(f"no way on, exit code {outcome.code}: {outcome.error}")
        else:
            problems += differences(self.files(), self.reference)
        problems += faults(outcome)
        self.report(how, *problems, repeat=repeat)
        return not problems

    def stop_everywhere(self, every, writes, deadline):
        """Every state that a kill at a system call can leave, of the command and of its resuming; of
        the writes to a file that nothing else comes between, every `writes`th and the last one."""
        store = os.path.join(self.program.folder, "states")
        begins = [("", self.case.first, self.base)]
        for phase, command, start in begins:
            shutil.rmtree(store, ignore_errors=True)
            os.makedirs(store)
            self.restore(start)
            outcome, states, points = syscalls.captured(
                self.program, command, self.case.folder, store)
            self.report(f"{phase}under strace", *differences(self.files(), self.reference))
            if not phase:
                self.all_points = points
            offset = self.random.randrange(every)
            telling = syscalls.telling([point for point, _ in states], writes)
            for place, (point, state) in enumerate(states):
                if place not in telling or (every > 1 and place % every != offset):
                    continue
                if time.monotonic() > deadline:
                    return
                self.restore(state)
                self.points += 1
                # A state lasts until the call that makes the next one.
                following = states[place + 1][0] if place + 1 < len(states) else None
                self.go_on(
                    f"{phase}SIGKILL after {point}", threads=1 + place % 2,
                    repeat=following and self.under_strace(following, "signal=SIGKILL", command))
            if not phase and self.case.resume is not None and states:
                middle = os.path.join(self.program.folder, "middle")
                shutil.rmtree(middle, ignore_errors=True)
                shutil.copytree(states[len(states) // 3][1], middle, symlinks=True)
                if any(name in ("config.resolved.yaml", "config.pending.yaml", "simulation.yaml")
                       for name in os.listdir(middle)):
                    begins.append(("resumed, ", self.case.resume, middle))
        shutil.rmtree(store, ignore_errors=True)

    def fail_everywhere(self, every, deadline):
        """Every call that fails, with a full disk and with a broken one."""
        for place, point in enumerate(self.all_points):
            for number, error in enumerate(("ENOSPC", "EIO")):
                if every > 1 and (2 * place + number) % every != self.random.randrange(every):
                    continue
                if time.monotonic() > deadline:
                    return
                self.restore(self.base)
                outcome, injected = syscalls.failing(
                    self.program, self.case.first, point, error)
                if not injected:
                    continue
                how = f"{error} at {point}"
                repeat = self.under_strace(point, f"error={error}", self.case.first)
                self.errors += 1
                self.report(how, *faults(outcome))
                if error == "ENOSPC" and outcome.code not in (0, 74):
                    self.report(how, f"exit code {outcome.code}: {outcome.error}")
                if error == "ENOSPC" and outcome.code == 74 and "free" not in outcome.error:
                    self.report(how, f"does not say to free space: {outcome.error}")
                self.go_on(how, outcome, repeat=repeat)

    def kill(self):
        """Kills the command at a random time, and what goes on from it, until one run is through."""
        case, choice = self.case, self.random
        self.restore(self.base)
        command, history, stopped = case.first, [], None
        for _ in range(choice.randint(1, 4)):
            number = choice.choice(SIGNALS)
            wait = choice.random() ** 1.5 * 1.1 * self.duration
            threads = choice.choice((1, 1, 2, 3))
            process = self.program.start(command, threads)
            start = time.monotonic()
            while process.poll() is None and time.monotonic() - start < wait:
                time.sleep(min(0.005, wait))
            if process.poll() is None:
                process.send_signal(number)
            outcome = finish(process, command)
            history.append(
                f"{signal.Signals(number).name} after {wait:.2f} s with {threads} threads")
            stopped = outcome
            how = ", ".join(history)
            problems = list(faults(outcome, [number]))
            if outcome.code == 66 and command == case.resume:
                command = case.first
                continue
            if outcome.code == 73 and command == case.first:
                if case.resume is None and "--overwrite" not in outcome.error:
                    # It is complete, and says so.
                    break
                command = case.resume or [*case.first, "--overwrite"]
                continue
            if outcome.code not in (0, 75, -number, 128 + number):
                problems.append(f"exit code {outcome.code}: {outcome.error}")
            self.report(how, *problems)
            self.kills += 1
            if outcome.code == 0:
                break
            command = case.resume or case.first
        self.go_on(", ".join(history), stopped, choice.choice((1, 2)))


def key(commands):
    return "; ".join(" ".join(command) for command in commands)


def parsed():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--minutes", type=float, default=2)
    parser.add_argument("--kills", type=int, help="random kills of each command; else by the time")
    parser.add_argument("--points", choices=["all", "some", "none"], default="some")
    parser.add_argument("--errors", choices=["all", "some", "none"])
    parser.add_argument("--writes", type=int, default=1, help="stop at every Nth write in a row to a file")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", action="append", help="a command of cases.py")
    parser.add_argument("--systems", help="the folder of systems")
    parser.add_argument("--pin", help="the processor to run on")
    parser.add_argument("--folder", help="where the runs go; kept")
    return parser.parse_args()


def main():
    options = parsed()
    errors = options.errors or options.points
    cases = [case for case in CASES if options.only is None or case.name in options.only]
    if options.only is None and options.points == "some":
        cases = [case for case in cases if not case.slow]
    if not cases:
        raise SystemExit(f"--only is one of: {', '.join(case.name for case in CASES)}")
    has_strace = shutil.which("strace") is not None
    if not has_strace:
        print("WARNING: without strace no system call is stopped at", flush=True)
    systems = options.systems or os.path.join(
        os.path.dirname(os.path.abspath(__file__)), "..", "..", "systems")
    root = options.folder or tempfile.mkdtemp(prefix="endure-")
    begin = time.monotonic()
    trials = []
    for name in os.listdir(root) if os.path.isdir(root) else []:
        shutil.rmtree(os.path.join(root, name))
    folder = os.path.join(root, "work")
    # No command has been given: an empty folder.
    cache = {"": os.path.join(root, "before")}
    os.makedirs(cache[""])
    for number, case in enumerate(cases):
        # What is left of the time is shared by the commands that are left.
        left = begin + 60 * options.minutes - time.monotonic()
        share = time.monotonic() + left / (len(cases) - number)
        if options.points == "all":
            share = float("inf")
        trial = Trial(case, Program(options.program, os.path.abspath(systems), folder,
                                    options.pin), options.seed)
        trials.append(trial)
        trial.prepare(cache)
        now = time.monotonic()
        if has_strace and options.points != "none":
            every = 1 if options.points == "all" else 10
            trial.stop_everywhere(every, options.writes, now + (share - now) / 2)
        if has_strace and errors != "none" and hasattr(trial, "all_points"):
            every = 1 if errors == "all" else 25
            now = time.monotonic()
            trial.fail_everywhere(every, now + (share - now) / 2)
        kills = options.kills
        while trial.kills < (10 ** 9 if kills is None else kills):
            if kills is None and time.monotonic() > share and trial.kills > 0:
                break
            if kills is None and options.points == "all" and trial.kills >= 10:
                break
            trial.kill()
        print(row(trial), flush=True)
    print(f"\n{'command':22} points  errors  kills  findings")
    for trial in trials:
        print(row(trial))
    found = sum(len(trial.findings) for trial in trials)
    total = [sum(getattr(trial, name) for trial in trials)
             for name in ("points", "errors", "kills")]
    print(f"{'all':22} {total[0]:6}  {total[1]:6}  {total[2]:5}  {found:8}"
          f"   in {time.monotonic() - begin:.0f} s, seed {options.seed}")
    if options.folder is None:
        shutil.rmtree(root, ignore_errors=True)
    if has_strace and (options.points, errors) != ("none", "none") and not total[0] + total[1]:
        sys.exit("FAILED: strace has stopped at no system call and let none fail; is ptrace allowed "
                 "here, and are --minutes enough?")
    sys.exit(1 if found else 0)


def row(trial):
    return (f"{trial.case.name:22} {trial.points:6}  {trial.errors:6}  {trial.kills:5}  "
            f"{len(trial.findings):8}")


if __name__ == "__main__":
    main()
