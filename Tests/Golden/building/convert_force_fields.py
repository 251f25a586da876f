"""Converts the protein force fields that OpenMM ships into the texts that the program compiles in.

Run with OpenMM 8.6.1 (PyPI `openmm`) from the root of the repository:

    python Tests/Golden/building/convert_force_fields.py

It reads amber14/protein.ff14SB.xml, amber99sbildn.xml with the radii of amber99_obc.xml, and
amber19/protein.ff19SB.xml, and writes Sources/Molecules/Building/Parameters/*.swift. Atom classes lose the prefix `protein-`; what belongs to nucleic acids and ions is left out. Units stay those of
OpenMM: nm, kJ/mol, rad, u, e.
"""
import hashlib
import math
import os
import textwrap
import xml.etree.ElementTree as ET

import openmm
from openmm import app

DATA = os.path.join(os.path.dirname(app.__file__), "data")
TARGET = "Sources/Molecules/Building/Parameters"
# Amber's masses, parm10.dat; amber99sbildn.xml has other digits, which no energy depends on.
MASS = {"H": "1.008", "C": "12.01", "N": "14.01", "O": "16.0", "S": "32.06"}
# Classes that OpenMM made of Amber's own types, for the torsions of ILDN.
AMBER_TYPE = {"C3": "CT", "C4": "CT", "C5": "C", "C6": "C"}


def bare(name):
    return name.removeprefix("protein-")


def number(text):
    value = float(text)
    if abs(value - math.pi) < 1e-9:
        return "pi"
    return repr(int(value)) if value == int(value) else repr(value)


def convert(file, name, variable, order, born=None):
    path = os.path.join(DATA, file)
    root = ET.parse(path).getroot()
    class_of = {t.get("name"): bare(t.get("class")) for t in root.find("AtomTypes")}
    element_of = {bare(t.get("class")): t.get("element") for t in root.find("AtomTypes")}
    nonbonded = root.find("NonbondedForce")
    lennard_jones, charge_of = {}, {}
    for atom in nonbonded.findall("Atom"):
        key = class_of[atom.get("type")] if atom.get("type") else bare(atom.get("class"))
        value = (number(atom.get("sigma")), number(atom.get("epsilon")))
        assert lennard_jones.setdefault(key, value) == value
        if atom.get("charge"):
            charge_of[atom.get("type")] = atom.get("charge")
    maps = root.find("CMAPTorsionForce")
    map_of = {}
    for torsion in maps.findall("Torsion") if maps is not None else []:
        assert bare(torsion.get("class1")) == "C" and bare(torsion.get("class5")) == "N"
        map_of[torsion.get("type3")] = torsion.get("map")

    residues, used = [], set()
    for residue in root.find("Residues"):
        atoms = residue.findall("Atom")
        names = [a.get("name") for a in atoms]
        if "CA" not in names and residue.get("name") not in ("ACE", "NME", "NHE"):
            continue
        words = ["residue", residue.get("name")]
        if names[:2] == ["H1", "CH3"]:  # ff19SB names the hydrogens of its caps as the PDB does.
            renamed = {"H1": "HH31", "H2": "HH32", "H3": "HH33"}
        elif residue.get("name") == "NME" and "C" in names:
            renamed = {"C": "CH3", "H1": "HH31", "H2": "HH32", "H3": "HH33"}
        else:
            renamed = {}
        for atom in atoms:
            kind = atom.get("type")
            used.add(class_of[kind])
            charge = atom.get("charge") or charge_of[kind]
            words += [renamed.get(atom.get("name"), atom.get("name")), class_of[kind], number(charge)]
        words.append("bonds")
        for bond in residue.findall("Bond"):
            if bond.get("from"):
                ends = [names[int(bond.get("from"))], names[int(bond.get("to"))]]
            else:
                ends = [bond.get("atomName1"), bond.get("atomName2")]
            words += [renamed.get(e, e) for e in ends]
        kinds = [a.get("type") for a in atoms if a.get("name") == "CA"]
        if kinds and kinds[0] in map_of:
            words += ["map", map_of[kinds[0]]]
        residues.append(words)

    def classes(entry, count):
        found = []
        for i in range(1, count + 1):
            kind = entry.get(f"type{i}")
            found.append(class_of[kind] if kind else bare(entry.get(f"class{i}") or ""))
        return found

    def known(found):
        return all(c in used or c == "" for c in found)

    lines = [f"order {order}"]
    scales = [number(nonbonded.get(k)) for k in ("coulomb14scale", "lj14scale")]
    lines.append("scales14 " + " ".join(scales))
    for c in [c for c in element_of if c in used]:
        element = element_of[c]
        words = ["class", c, AMBER_TYPE.get(c, c), element, MASS[element], *lennard_jones[c]]
        lines.append(" ".join(words + (["born", *born[c]] if born else [])))
    for bond in root.find("HarmonicBondForce"):
        found = classes(bond, 2)
        if known(found):
            lines.append(" ".join(["bond", *found, number(bond.get("length")), number(bond.get("k"))]))
    for angle in root.find("HarmonicAngleForce"):
        found = classes(angle, 3)
        if known(found):
            lines.append(" ".join(["angle", *found, number(angle.get("angle")), number(angle.get("k"))]))
    torsions = root.find("PeriodicTorsionForce")
    for kind in ("Proper", "Improper"):
        for torsion in torsions.findall(kind):
            found = classes(torsion, 4)
            if not known(found):
                continue
            words = [kind.lower()] + [c or "X" for c in found]
            for i in range(1, 7):
                if torsion.get(f"k{i}"):
                    words += [torsion.get(f"periodicity{i}"), number(torsion.get(f"phase{i}")),
                              number(torsion.get(f"k{i}"))]
            lines.append(" ".join(words))
    for words in residues:
        lines.append(" ".join(words))
    for grid in maps.findall("Map") if maps is not None else []:
        lines.append("grid " + " ".join(number(v) for v in grid.text.split()))

    info = root.find("Info")
    origin = ""
    if info is not None:
        source = info.find("Source")
        origin = (f" It was made from {source.text.split('/')[-1]} of "
                  f"{source.get('sourcePackage')} {source.get('sourcePackageVersion')}.")
    digest = hashlib.sha256(open(path, "rb").read()).hexdigest()
    version = openmm.version.version
    head = (f"Converted by Tests/Golden/building/convert_force_fields.py from {file} of OpenMM {version} "
            f"(SHA-256 {digest[:16]}…).{origin}")
    text = f"/// The parameters of {name} for ``AmberParameters``; nm, kJ/mol, rad, u, e.\n///\n"
    text += "\n".join("/// " + l for l in textwrap.wrap(head, 95)) + "\n"
    text += f'let {variable} = #"""\n'
    for line in lines:
        for part in textwrap.wrap(line, 98, break_on_hyphens=False, break_long_words=False,
                                  subsequent_indent="  "):
            text += f"  {part}\n"
    text += '  """#\n'
    with open(os.path.join(TARGET, variable + ".swift"), "w") as out:
        out.write(text)
    print(name, len(lines), "entries,", len(text), "bytes")


def born_of_class():
    root = ET.parse(os.path.join(DATA, "amber99sbildn.xml")).getroot()
    class_of = {t.get("name"): t.get("class") for t in root.find("AtomTypes")}
    born = {}
    for atom in ET.parse(os.path.join(DATA, "amber99_obc.xml")).getroot().find("GBSAOBCForce"):
        value = (number(atom.get("radius")), number(atom.get("scale")))
        assert born.setdefault(class_of[atom.get("type")], value) == value
    return born


convert("amber14/protein.ff14SB.xml", "ff14SB", "ff14SBText", "amber")
convert("amber99sbildn.xml", "ff99SB-ILDN", "ff99SBILDNText", "element", born_of_class())
convert("amber19/protein.ff19SB.xml", "ff19SB", "ff19SBText", "amber")
