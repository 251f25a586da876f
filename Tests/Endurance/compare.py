"""What has to be equal after any stop, and what may differ."""

import json
import os
import re
import zlib

# The only differences that are allowed: a file, what of it is left out, and why. A file that is
# left out as a whole may also be missing.
DIFFERENCES = [
    ("lock", None, "holds the number of the process"),
    (r"(simulation/)?checkpoint.previous.json", None, "a stop writes a checkpoint more"),
    ("metrics.csv", ["samples_per_second", "seconds"], "wall-clock time"),
    (r"report/[a-z-]*-over-time.csv", ["wall time"], "wall-clock time"),
    ("report.html", [r'(?s)<figure id="[a-z-]*-over-time".*?</figure>',
                     r"The training took [^<]*"],
     "wall-clock time"),
    ("drawn.json", None, "numbers that a stop kept from being used are not used again"),
]

# Names of files that nobody is to find after the way on.
LEFTOVER = re.compile(r"\.(tmp|set)$|\.dat\.nosync|\.partial(\.nc)?$|config\.pending\.yaml")


def contents(folder):
    """The files of a folder by their paths in it."""
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            with open(path, "rb") as file:
                found[os.path.relpath(path, folder)] = file.read()
    return found


def compared(name, data):
    """What of a file is compared; None for nothing."""
    for pattern, left_out, _ in DIFFERENCES:
        if not re.fullmatch(pattern, name):
            continue
        if left_out is None:
            return None
        text = data.decode()
        if not name.endswith(".csv"):
            for part in left_out:
                text = re.sub(part, "", text)
            return text.encode()
        rows = [line.split(",") for line in text.splitlines()]
        kept = [place for place, column in enumerate(rows[0] if rows else [])
                if not any(column.strip('"').startswith(word) for word in left_out)]
        return "\n".join(",".join(row[place] for place in kept if place < len(row))
                         for row in rows).encode()
    return data


def differences(found, reference):
    """What is wrong with the files of a folder that has gone its way to the end."""
    for name in sorted(set(found) | set(reference)):
        if LEFTOVER.search(name):
            yield f"{name} is left"
            continue
        pair = [None if name not in files else compared(name, files[name])
                for files in (found, reference)]
        if pair[0] == pair[1]:
            continue
        if name not in found or name not in reference:
            whole = compared(name, found.get(name, reference.get(name)))
            if whole is not None:
                yield f"{name} is {'missing' if name not in found else 'too many'}"
        else:
            yield f"{name} differs{first_difference(*pair)}"


def first_difference(found, expected):
    try:
        rows = zip(found.decode().splitlines(), expected.decode().splitlines())
    except UnicodeDecodeError:
        return ""
    for number, (one, other) in enumerate(rows, 1):
        if one != other:
            place = next((i for i, (a, b) in enumerate(zip(one, other)) if a != b),
                         min(len(one), len(other)))
            start = max(0, place - 20)
            return f" (line {number}: '{one[start:place + 40]}' for '{other[start:place + 40]}')"
    return " (in its length)"


def completed(files):
    """A folder's files after the lists of its sets were followed, as the next process does."""
    files = dict(files)
    for name in sorted(name for name in files if name.endswith(".set")):
        top = os.path.dirname(name)
        for line in files.pop(name).decode().splitlines():
            place, new = line.rsplit("/", 1)
            old = os.path.normpath(os.path.join(top, place))
            if old in files:
                target = os.path.normpath(os.path.join(os.path.dirname(old), new))
                files[target] = files.pop(old)
    return files


def members(files, group):
    """The files of a set: names as they are, and all that is in its folders."""
    found = {}
    for name, data in files.items():
        inside = any(part.endswith("/") and (part == "./" or name.startswith(part))
                     for part in group)
        if (name in group or inside) and not LEFTOVER.search(name):
            data = compared(name, data)
            if data is not None:
                found[name] = data
    return found


def halves(files, old, new, sets):
    """The sets that are neither as before the command nor as after it."""
    files = completed(files)
    for group in sets:
        found, before, after = members(files, group), members(old, group), members(new, group)
        if found in (before, after):
            continue
        # What only the set before had may stay.
        stale = {name: data for name, data in before.items() if name not in after}
        if found == {**stale, **after}:
            continue
        mixed = [name for name in sorted(after)
                 if found.get(name) == before.get(name) != after[name]]
        yield f"half a set: {', '.join(mixed[:3]) or 'some files'} of {' '.join(group)} not renewed"


def identities(files):
    """Records that do not fit the file that they were written with."""
    for record, key, data in (("samples.json", "samples_crc32", "samples.nc"),
                              ("weights.json", "weights_crc32", "weights.csv")):
        if record in files and data in files:
            wanted = json.loads(files[record]).get(key)
            found = f"{zlib.crc32(files[data]):08x}"
            if wanted not in (None, found):
                yield f"{data} has the checksum {found}, {record} says {wanted}"
    for line in files.get("checksums.sfv", b"").decode().splitlines():
        name, _, wanted = line.rpartition(" ")
        if not line.startswith(";") and name in files:
            found = f"{zlib.crc32(files[name]):08x}"
            if wanted != found:
                yield f"{name} has the checksum {found}, checksums.sfv says {wanted}"
