"""Writes Sources/Molecules/Energy/NeckTable.swift: the constants of the necks of GBn and GBn2.

The numbers are those of Mongan et al. 2007, J. Chem. Theory Comput. 3, 156 (supporting information),
as OpenMM 8.6.1 has them (openmm/app/internal/customgbforces.py: d0, m0).

    python make_neck_table.py
"""

import os

from openmm.app.internal import customgbforces

HERE = os.path.dirname(os.path.abspath(__file__))
PATH = os.path.join(HERE, "../../../Sources/Molecules/Energy/NeckTable.swift")


def rows(values):
    lines, line = [], "   "
    for value in values:
        text = f" {value!r},"
        if len(line) + len(text) > 96:
            lines.append(line)
            line = "   "
        line += text
    return "\n".join(lines + [line])


distances = [round(d * 10, 5) for d in customgbforces.d0]
sizes = [round(m / 10, 8) for m in customgbforces.m0]
assert [d / 10.0 for d in distances] == customgbforces.d0
assert [m * 10.0 for m in sizes] == customgbforces.m0
assert len(distances) == len(sizes) == 21 * 21
with open(PATH, "w") as out:
    out.write(f"""// Written by Tests/Golden/solvents/make_neck_table.py.

/// The necks of atoms with radii of 1, 1.05, … 2 Å: a row for each radius of the atom beside, a
/// column for each of the atom itself.
enum NeckTable {{
  /// How many radii there are.
  static let radii = 21

  /// `d`, Å, [radii, radii].
  static let distances: [Double] = [
{rows(distances)}
  ]

  /// `m`, Å⁻¹, [radii, radii].
  static let sizes: [Double] = [
{rows(sizes)}
  ]
}}
""")
