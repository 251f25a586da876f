"""Stops at system calls, by strace."""

import os
import re
import shutil
import signal
import tempfile
import zlib

# What changes files, or waits for the disk.
CALLS = ["rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat",
         "unlink", "unlinkat", "rmdir", "mkdir", "mkdirat", "ftruncate", "truncate", "fsync",
         "fdatasync", "sync_file_range", "open", "openat", "creat", "write", "pwrite64", "writev",
         "fallocate", "copy_file_range", "sendfile", "fchmod", "fchmodat"]
LINE = re.compile(r"^(\d+) +(\w+)\((.*)$")


class Point:
    """The `number`th time that a thread makes a call."""

    def __init__(self, call, number, what):
        self.call, self.number, self.what = call, number, what

    def __str__(self):
        return f"{self.call} {self.number} ({self.what})"


def strace(log, *filters):
    # Not with --seccomp-bpf, which injects no signals.
    return ["strace", "-f", "-y", "-s", "0", "-o", log,
            "-e", "trace=" + ",".join(CALLS), *[word for f in filters for word in ("-e", f)]]


def touches(call, rest, folder):
    """Whether a call changes something in a folder, or waits for it."""
    if folder not in rest:
        return False
    if call in ("open", "openat"):
        return "O_CREAT" in rest or "O_WRONLY" in rest or "O_RDWR" in rest
    return True


def short(rest, folder):
    """The file of a call, without the numbers of the process."""
    names = re.findall(re.escape(folder) + r"/?([^\">]*)", rest)
    name = names[-1] if names else "?"
    return re.sub(r"\.\d+\.\d+\.(tmp|set)", r".*.\1", name) or "."


def captured(program, command, folder, store, threads=1):
    """Runs a command that stops at every call, and copies its folder at each: the states that a
    SIGKILL can leave. Returns the outcome, the distinct states with their points, and all points.

    A pending SIGSTOP takes hold when the call is done, so that a state is that after its call."""
    from program import finish
    fifo = tempfile.mktemp(prefix="endure-")
    os.mkfifo(fifo)
    place = os.path.realpath(os.path.join(program.folder, folder))
    process = program.start(
        command, threads,
        strace(fifo, "inject=" + ",".join(CALLS) + ":signal=SIGSTOP:when=1+"))
    counts, points, states, seen = {}, [], [], {}
    pending = {}
    collected = drain(process)
    with open(fifo, errors="replace") as log:
        for line in log:
            thread = line.split(" ", 1)[0]
            if "stopped by SIGSTOP" in line:
                # All threads stop; one of them was at the call.
                if thread not in pending:
                    continue
                point = pending.pop(thread)
                if point is not None:
                    mark = fingerprint(place)
                    if mark is not None and mark not in seen:
                        copy = os.path.join(store, f"{len(states):04d}")
                        shutil.copytree(place, copy, symlinks=True)
                        seen[mark] = copy
                        states.append((point, copy))
                os.kill(int(thread), signal.SIGCONT)
                continue
            match = LINE.match(line)
            if match is None or "resumed>" in line:
                continue
            thread, call, rest = match.groups()
            key = thread, call
            counts[key] = counts.get(key, 0) + 1
            pending[thread] = None
            if touches(call, rest, place):
                pending[thread] = Point(call, counts[key], short(rest, place))
                points.append(pending[thread])
    os.unlink(fifo)
    return collected(), states, points


def telling(points, writes):
    """The places of the points to stop at: all but writes, and of the writes to each file between two
    of those every `writes`th and the last."""
    chosen, waiting = set(), {}
    for place, point in enumerate(points):
        if "write" not in point.call:
            chosen.update([place, *(last for last, _ in waiting.values())])
            waiting = {}
            continue
        _, count = waiting.get(point.what, (None, 0))
        if count % writes == 0:
            chosen.add(place)
        waiting[point.what] = place, count + 1
    return chosen.union(last for last, _ in waiting.values())


def drain(process):
    """Reads both outputs of a process beside other work; returns what waits for the outcome."""
    import threading
    from program import finish
    result = []
    thread = threading.Thread(target=lambda: result.append(finish(process, process.args)))
    thread.start()

    def outcome():
        thread.join()
        return result[0]
    return outcome


def fingerprint(folder):
    """Equal for equal contents; None where there is no folder."""
    if not os.path.isdir(folder):
        return None
    mark = []
    for place, folders, names in os.walk(folder):
        folders.sort()
        mark += [os.path.relpath(os.path.join(place, name), folder) + "/" for name in folders]
        for name in sorted(names):
            path = os.path.join(place, name)
            with open(path, "rb") as file:
                mark.append((os.path.relpath(path, folder), zlib.crc32(file.read())))
    return tuple(mark)


def failing(program, command, point, error, threads=1):
    """Runs a command for which a call fails from a point on; a single write, since people have to
    be told."""
    log = tempfile.mktemp(prefix="endure-")
    times = f"{point.number}" if "write" in point.call else f"{point.number}+"
    outcome = program.run(
        command, threads, strace(log, f"inject={point.call}:error={error}:when={times}"))
    injected = []
    try:
        with open(log, errors="replace") as file:
            injected = [line for line in file if "(INJECTED)" in line]
        os.unlink(log)
    except FileNotFoundError:
        pass
    return outcome, injected
