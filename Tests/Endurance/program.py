"""Running the program, and what every end of it has to keep."""

import os
import re
import shutil
import signal
import subprocess

# sysexits of docs/errors.md.
DOCUMENTED = {0, 64, 65, 66, 69, 70, 73, 74, 75, 78}
INTERNAL = ("Fatal error", "Precondition failed", "Domain=", "Swift.", "stack dump")


class Outcome:
    def __init__(self, command, code, out, errors):
        self.command, self.code, self.out, self.errors = command, code, out, errors

    @property
    def error(self):
        lines = [line for line in self.errors.splitlines() if line.startswith("Error: ")]
        return lines[-1] if lines else ""

    @property
    def continuation(self):
        """The command that the error names to go on with; None if it names none."""
        found = re.search(r"continue with: tarflow-mol (.*)$", self.error)
        return found.group(1).split() if found else None


class Program:
    """The program in a folder of its own."""

    def __init__(self, path, systems, folder, pin=None):
        self.path = [*(["taskset", "-c", pin] if pin else []), os.path.abspath(path)]
        self.systems, self.folder = systems, folder

    def arguments(self, command, threads=1):
        words = [*command]
        if self.systems and {"AL2", "digits"} & set(command):
            words += ["--systems", self.systems]
        return words + ["--threads", str(threads)]

    def start(self, command, threads=1, before=(), **options):
        return subprocess.Popen(
            [*before, *self.path, *self.arguments(command, threads)], cwd=self.folder,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)

    def run(self, command, threads=1, before=(), timeout=600):
        process = self.start(command, threads, before)
        return finish(process, command, timeout)

    def restore(self, place, state):
        """Makes a folder what it was in a copy; `state` None takes it away."""
        target = os.path.join(self.folder, place)
        shutil.rmtree(target, ignore_errors=True)
        if state is not None and os.path.isdir(state):
            shutil.copytree(state, target, symlinks=True)


def finish(process, command, timeout=600):
    try:
        out, errors = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        out, errors = process.communicate()
        return Outcome(command, "hangs", out.decode(errors="replace"), "")
    return Outcome(command, process.returncode, out.decode(errors="replace"),
                   errors.decode(errors="replace"))


def faults(outcome, signals=()):
    """What is wrong with the way a process ended."""
    code, errors = outcome.code, outcome.errors
    allowed = DOCUMENTED | {-number for number in signals}
    # A signal that has an exit code of its own in docs/errors.md.
    allowed |= {128 + number for number in signals if number in (signal.SIGINT, signal.SIGTERM)}
    if code not in allowed:
        yield f"exit code {code}: {errors.strip().splitlines()[-1:] or ''}"
    if any(word in errors for word in INTERNAL):
        yield f"an internal message: {errors.strip()[-200:]}"
    lines = [line for line in errors.splitlines() if line.startswith("Error")]
    if isinstance(code, int) and code > 0 and code != 64 and len(lines) != 1:
        yield f"exit code {code} with {len(lines)} lines of error"
    elif isinstance(code, int) and code > 0 and code != 64:
        if not errors.rstrip().splitlines()[-1].startswith("Error: "):
            yield f"an error of more than one line: {errors.strip()[-200:]}"
    if code == 75 and outcome.continuation is None:
        yield f"stopped without a way on: {outcome.error}"
