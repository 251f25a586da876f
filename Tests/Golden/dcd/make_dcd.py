#!/usr/bin/env python3
"""Writes the DCD trajectories of this folder with mdtraj and MDAnalysis, and values.json, what both read.

Needs mdtraj and MDAnalysis; run it in this folder. The two titles that carry a date are blanked.
"""

import json
import pathlib
import warnings

import MDAnalysis
import mdtraj
import numpy as np
from mdtraj.formats import DCDTrajectoryFile

warnings.filterwarnings("ignore")
FRAMES, ATOMS = 3, 4
values = (np.arange(FRAMES * ATOMS * 3, dtype=np.float32).reshape(FRAMES, ATOMS, 3) / 7 - 2).astype(np.float32)

with DCDTrajectoryFile("mdtraj.dcd", "w", force_overwrite=True) as file:
    file.write(values)
with DCDTrajectoryFile("mdtraj-box.dcd", "w", force_overwrite=True) as file:
    file.write(values, cell_lengths=np.full((FRAMES, 3), 30.0), cell_angles=np.full((FRAMES, 3), 90.0))
universe = MDAnalysis.Universe.empty(ATOMS, trajectory=True)
with MDAnalysis.Writer("mdanalysis.dcd", ATOMS, dt=2.0) as writer:
    for frame in values:
        universe.atoms.positions = frame
        universe.trajectory.ts.dt = 2.0
        writer.write(universe.atoms)


def swap(source, target):
    """The same file in the other byte order: titles stay, all else is swapped by its width."""
    data, out, place, number = pathlib.Path(source).read_bytes(), b"", 0, 0
    while place < len(data):
        count = int.from_bytes(data[place : place + 4], "little")
        body = data[place + 4 : place + 4 + count]
        if number == 0:
            new = body[:4] + np.frombuffer(body[4:], "<u4").astype(">u4").tobytes()
        elif number == 1:
            new = body[:4][::-1] + body[4:]
        elif count == 48 and ATOMS * 4 != 48:
            new = np.frombuffer(body, "<f8").astype(">f8").tobytes()
        else:
            new = np.frombuffer(body, "<u4").astype(">u4").tobytes()
        mark = count.to_bytes(4, "big")
        out += mark + new + mark
        place += count + 8
        number += 1
    pathlib.Path(target).write_bytes(out)


for name in ["mdtraj.dcd", "mdtraj-box.dcd", "mdanalysis.dcd"]:
    data = bytearray(pathlib.Path(name).read_bytes())
    size = int.from_bytes(data[92:96], "little")
    data[100 : 96 + size] = b" " * (size - 4)
    pathlib.Path(name).write_bytes(data)
swap("mdtraj-box.dcd", "big-endian-box.dcd")
swap("mdtraj.dcd", "big-endian.dcd")
times = {}
for path in sorted(pathlib.Path(".").glob("*.dcd")):
    with DCDTrajectoryFile(str(path)) as file:
        found = file.read()[0]
    other = MDAnalysis.coordinates.DCD.DCDReader(str(path))
    assert (found == values).all(), path
    assert all((frame.positions == values[frame.frame]).all() for frame in other), path
    # MDAnalysis takes the time step of a swapped file as it stands.
    if not path.name.startswith("big"):
        times[path.name] = [float(frame.time) for frame in other]
times["big-endian.dcd"] = times["big-endian-box.dcd"] = times["mdtraj.dcd"]
pathlib.Path("values.json").write_text(
    json.dumps({"coordinates": [float(value) for value in values.ravel()], "times": times}, indent=1) + "\n")
