import Foundation

/// The text of an AMBER prmtop that holds a molecule.
///
/// Reading it gives back the molecule, its numbers to nine digits (PrmtopTextTests); ParmEd, OpenMM,
/// mdtraj and MDAnalysis read it (`Tests/Golden/building/check_readers.py`). The same molecule gives
/// the same bytes, so the date is none.
///
/// - Parameters:
///   - atomTypes: AMBER's type of each atom, [atoms].
///   - title: The first line of the content, at most 80 bytes of it.
/// - Precondition: Every 1–4 pair has a torsion between its atoms, and no two pairs share one.
/// - SeeAlso: ambermd.org/FileFormats.php.
package func prmtopText(_ prmtop: Prmtop, atomTypes: [String], title: String) -> String {
  let (topology, field) = (prmtop.topology, prmtop.forceField)
  field.checkShapes()
  precondition(
    topology.atoms == field.atoms && atomTypes.count == field.atoms,
    "\(topology.atoms) atoms, \(field.atoms) with parameters, \(atomTypes.count) types")
  let bonded = BondedLists(field, elements: topology.atomicNumbers)
  let excluded = ExcludedAtoms(field)
  let firsts = topology.residueOfAtom.indices.filter {
    $0 == 0 || topology.residueOfAtom[$0] != topology.residueOfAtom[$0 - 1]
  }
  let sizes = zip(firsts, firsts.dropFirst() + [topology.atoms]).map { $1 - $0 }
  let types = field.types
  var text = PrmtopTextBuilder()
  text.add("TITLE", line: title, format: "20a4")
  var pointers = [Int](repeating: 0, count: 31)
  pointers[0] = field.atoms
  pointers[1] = types
  (pointers[2], pointers[3]) = (bonded.bonds.withHydrogen.count, bonded.bonds.others.count)
  (pointers[4], pointers[5]) = (bonded.angles.withHydrogen.count, bonded.angles.others.count)
  (pointers[6], pointers[7]) = (bonded.dihedrals.withHydrogen.count, bonded.dihedrals.others.count)
  pointers[10] = excluded.list.count
  pointers[11] = firsts.count
  // Once the numbers of bonds, angles and dihedrals with constraints, which had lists of their own.
  (pointers[12], pointers[13], pointers[14]) = (pointers[3], pointers[5], pointers[7])
  pointers[15] = bonded.bondTypes.count
  pointers[16] = bonded.angleTypes.count
  pointers[17] = bonded.dihedralTypes.count
  pointers[18] = types
  pointers[28] = sizes.max() ?? 0
  text.add("POINTERS", integers: pointers)
  text.add("ATOM_NAME", texts: topology.atomNames)
  text.add("CHARGE", reals: field.charges.map { $0 * AmberUnits.chargeFactor })
  text.add("ATOMIC_NUMBER", integers: topology.atomicNumbers)
  text.add("MASS", reals: topology.masses)
  text.add("ATOM_TYPE_INDEX", integers: field.lennardJonesTypes.map { $0 + 1 })
  text.add("NUMBER_EXCLUDED_ATOMS", integers: excluded.counts)
  text.add(
    "NONBONDED_PARM_INDEX",
    integers: (0..<types * types).map { entry in
      let (low, high) = (min(entry / types, entry % types), max(entry / types, entry % types))
      return high * (high + 1) / 2 + low + 1
    })
  text.add("RESIDUE_LABEL", texts: topology.residueNames)
  text.add("RESIDUE_POINTER", integers: firsts.map { $0 + 1 })
  text.add("BOND_FORCE_CONSTANT", reals: bonded.bondTypes.map(\.x))
  text.add("BOND_EQUIL_VALUE", reals: bonded.bondTypes.map(\.y))
  text.add("ANGLE_FORCE_CONSTANT", reals: bonded.angleTypes.map(\.x))
  text.add("ANGLE_EQUIL_VALUE", reals: bonded.angleTypes.map(\.y))
  text.add("DIHEDRAL_FORCE_CONSTANT", reals: bonded.dihedralTypes.map(\.barrier))
  text.add("DIHEDRAL_PERIODICITY", reals: bonded.dihedralTypes.map { Double($0.periodicity) })
  text.add("DIHEDRAL_PHASE", reals: bonded.dihedralTypes.map(\.phase))
  text.add("SCEE_SCALE_FACTOR", reals: bonded.dihedralTypes.map { 1 / $0.coulombScale })
  text.add("SCNB_SCALE_FACTOR", reals: bonded.dihedralTypes.map { 1 / $0.lennardJonesScale })
  text.add("SOLTY", reals: [Double](repeating: 0, count: types))
  let sixth = [Double](repeating: AmberUnits.length, count: 6).reduce(1, *)
  let table = (0..<types).flatMap { high in
    (0...high).map { field.lennardJonesTable[high * types + $0] }
  }
  text.add(
    "LENNARD_JONES_ACOEF", reals: table.map { $0.repulsion / AmberUnits.energy / sixth / sixth })
  text.add("LENNARD_JONES_BCOEF", reals: table.map { $0.attraction / AmberUnits.energy / sixth })
  text.add("BONDS_INC_HYDROGEN", integers: bonded.bonds.withHydrogen.flatMap { $0 })
  text.add("BONDS_WITHOUT_HYDROGEN", integers: bonded.bonds.others.flatMap { $0 })
  text.add("ANGLES_INC_HYDROGEN", integers: bonded.angles.withHydrogen.flatMap { $0 })
  text.add("ANGLES_WITHOUT_HYDROGEN", integers: bonded.angles.others.flatMap { $0 })
  text.add("DIHEDRALS_INC_HYDROGEN", integers: bonded.dihedrals.withHydrogen.flatMap { $0 })
  text.add("DIHEDRALS_WITHOUT_HYDROGEN", integers: bonded.dihedrals.others.flatMap { $0 })
  text.add("EXCLUDED_ATOMS_LIST", integers: excluded.list)
  text.add("HBOND_ACOEF", reals: [])
  text.add("HBOND_BCOEF", reals: [])
  text.add("HBCUT", reals: [])
  text.add("AMBER_ATOM_TYPE", texts: atomTypes)
  // What old programs drew trees and turned groups by; tleap writes BLA where it does not know.
  text.add("TREE_CHAIN_CLASSIFICATION", texts: atomTypes.map { _ in "BLA" })
  text.add("JOIN_ARRAY", integers: [Int](repeating: 0, count: field.atoms))
  text.add("IROTAT", integers: [Int](repeating: 0, count: field.atoms))
  text.add("RADIUS_SET", line: prmtop.radiusSet, format: "1a80")
  text.add("RADII", reals: field.radii.map { $0 / AmberUnits.length })
  text.add("SCREEN", reals: field.screens)
  text.add("IPOL", integers: [0])
  text.addMaps(field)
  return text.text
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - utf8.count))
  }
}

/// Sections, one after the other.
private struct PrmtopTextBuilder {
  private(set) var text = "%VERSION  VERSION_STAMP = V0001.000  DATE = 01/01/70  00:00:00\n"

  mutating func add(_ flag: String, integers: [Int]) {
    add(flag, "10I8", integers.map { String(format: "%8d", $0) }, perLine: 10)
  }

  mutating func add(_ flag: String, reals: [Double]) {
    add(flag, "5E16.8", reals.map { String(format: "%16.8E", $0) }, perLine: 5)
  }

  mutating func add(_ flag: String, texts: [String]) {
    add(flag, "20a4", texts.map { $0.padded(to: 4) }, perLine: 20)
  }

  /// One text of a line.
  mutating func add(_ flag: String, line: String, format: String) {
    add(flag, format, [String(line.prefix(80)).padded(to: 80)], perLine: 1)
  }

  /// The maps and the torsions that they correct; nothing where there are none.
  mutating func addMaps(_ field: ForceField) {
    if field.correctedTorsions.isEmpty { return }
    let maps = field.correctionMaps
    let counts = [field.correctedTorsions.count, maps.count]
    add("CMAP_COUNT", "2I8", counts.map { String(format: "%8d", $0) }, perLine: 2)
    let sizes = maps.map { String(format: "%4d", $0.size) }
    add("CMAP_RESOLUTION", "20I4", sizes, perLine: 20)
    for (number, map) in maps.enumerated() {
      // The force field's own numbers have five decimals.
      let energies = map.energies.map { String(format: "%9.5f", $0 / AmberUnits.energy) }
      add("CMAP_PARAMETER_" + String(format: "%02d", number + 1), "8F9.5", energies, perLine: 8)
    }
    let entries = field.correctedTorsions.flatMap { term in
      (0..<4).map { Int(term.atoms[$0]) + 1 } + [Int(term.last) + 1, term.map + 1]
    }
    add("CMAP_INDEX", "6I8", entries.map { String(format: "%8d", $0) }, perLine: 6)
  }

  /// A section without fields has one empty line.
  private mutating func add(_ flag: String, _ format: String, _ fields: [String], perLine: Int) {
    text += "%FLAG \(flag)\n%FORMAT(\(format))\n"
    for start in stride(from: 0, to: max(1, fields.count), by: perLine) {
      text += fields[start..<min(start + perLine, fields.count)].joined() + "\n"
    }
  }
}

/// The atoms after each atom that it has no ordinary interaction with, from 1; 0 where there are
/// none.
private struct ExcludedAtoms {
  var counts: [Int] = []
  var list: [Int] = []

  init(_ field: ForceField) {
    var others = [[Int]](repeating: [], count: field.atoms)
    for pair in field.exclusions {
      others[Int(min(pair.x, pair.y))].append(Int(max(pair.x, pair.y)) + 1)
    }
    for atom in others {
      let entries = atom.isEmpty ? [0] : atom.sorted()
      counts.append(entries.count)
      list += entries
    }
  }
}
