import Foundation
import Molecules
import Runs

/// What is wrong with the text of a quantity or a state, in words.
struct DefinitionProblem: Error, Equatable {
  let text: String

  init(_ text: String) { self.text = text }
}

/// Finds the atoms that the text of a quantity names.
///
/// A residue is its number from 1, with or without its name before it ("2", "ALA2"); an atom is
/// "2:CA". Torsions are those of IUPAC: ω of residue i turns about the bond from its C to the next
/// N.
struct QuantityReader {
  static let kinds = [
    "phi", "psi", "omega", "chi1", "chi2", "chi3", "chi4", "chi5", "distance", "hbond", "rg",
    "end_to_end",
  ]

  private let topology: Topology
  private let backbone: Backbone
  private let amides: [Stereochemistry.Amide]
  private let neighbours: [[Int]]
  /// The atoms of each residue by their names.
  private let named: [[String: Int]]

  init(_ topology: Topology) {
    self.topology = topology
    backbone = Backbone(topology)
    amides = Stereochemistry(topology).amides
    neighbours = topology.neighbours
    var named = [[String: Int]](repeating: [:], count: topology.residueNames.count)
    for atom in 0..<topology.atoms {
      named[topology.residueOfAtom[atom]][topology.atomNames[atom]] = atom
    }
    self.named = named
  }

  /// "ALA2".
  func label(_ residue: Int) -> String { "\(topology.residueNames[residue])\(residue + 1)" }

  /// - Throws: ``DefinitionProblem``.
  func quantity(_ text: String) throws(DefinitionProblem) -> Quantity {
    let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
    let text = words.joined(separator: " ")
    guard let kind = words.first, Self.kinds.contains(kind) else {
      let hint = suggestion(for: words.first ?? "", among: Self.kinds, listing: true)
      throw DefinitionProblem("'\(text)' is no quantity\(hint)")
    }
    let arguments = Array(words.dropFirst())
    let form: (count: Int, example: String) =
      switch kind {
      case "rg", "end_to_end": (0, kind)
      case "distance": (2, "distance 1:CA 3:CA")
      case "hbond": (2, "hbond 4:N 1:O, the donor first")
      default: (1, "\(kind) 2")
      }
    guard arguments.count == form.count else {
      throw DefinitionProblem("'\(text)' is not of the form '\(form.example)'")
    }
    return Quantity(text: text, kind: try measure(kind, arguments))
  }

  private func measure(
    _ kind: String, _ arguments: [String]
  ) throws(DefinitionProblem) -> Quantity.Kind {
    switch kind {
    case "rg": return .radiusOfGyration(masses: topology.masses)
    case "end_to_end":
      let alphas = named.compactMap { $0["N"] == nil ? nil : $0["CA"] }
      guard let first = alphas.first, let last = alphas.last, first != last else {
        throw DefinitionProblem("end_to_end needs two residues with an atom CA")
      }
      return .distance(first, last)
    case "distance":
      let (i, j) = (try atom(arguments[0]), try atom(arguments[1]))
      guard i != j else { throw DefinitionProblem("a distance needs two different atoms") }
      return .distance(i, j)
    case "hbond":
      let (donor, acceptor) = (try atom(arguments[0]), try atom(arguments[1]))
      let hydrogens = neighbours[donor].filter { topology.atomicNumbers[$0] == 1 }
      guard !hydrogens.isEmpty else {
        throw DefinitionProblem("\(arguments[0]) has no hydrogen to donate; name the donor first")
      }
      guard donor != acceptor else {
        throw DefinitionProblem("a hydrogen bond needs two different atoms")
      }
      return .hydrogenBond(donor: donor, hydrogens: hydrogens, acceptor: acceptor)
    default:
      let residue = try residue(arguments[0])
      guard let atoms = torsion(kind, of: residue) else {
        throw DefinitionProblem("\(label(residue)) has no \(kind)")
      }
      return .torsion(atoms)
    }
  }

  /// The atoms of a torsion; nil where the residue has none.
  func torsion(_ kind: String, of residue: Int) -> SIMD4<Int32>? {
    func isOf(_ atom: Int32) -> Bool { topology.residueOfAtom[Int(atom)] == residue }
    switch kind {
    // Both have the α-carbon of their residue: φ as its third atom, ψ as its second.
    case "phi": return backbone.phi.first { isOf($0.z) }
    case "psi": return backbone.psi.first { isOf($0.y) }
    case "omega":
      return amides.first { isOf($0.atoms.y) && !isOf($0.atoms.z) }?.atoms
    default:
      guard let number = Int(kind.dropFirst(3)), named.indices.contains(residue) else { return nil }
      let atoms = sideChain.map { names in names.compactMap { named[residue][$0] }.first }
      let four = atoms[number - 1..<number + 3].compactMap { $0.map(Int32.init) }
      return four.count == 4 ? SIMD4(four[0], four[1], four[2], four[3]) : nil
    }
  }

  private func residue(_ text: String) throws(DefinitionProblem) -> Int {
    let name = text.prefix { !$0.isNumber }
    guard let number = Int(text.dropFirst(name.count)) else {
      throw DefinitionProblem("'\(text)' is no residue, expected a number such as 2, or ALA2")
    }
    guard named.indices.contains(number - 1) else {
      throw DefinitionProblem("there is no residue \(number), only 1 to \(named.count)")
    }
    guard name.isEmpty || name == topology.residueNames[number - 1] else {
      throw DefinitionProblem(
        "residue \(number) is \(topology.residueNames[number - 1]), not \(name)")
    }
    return number - 1
  }

  private func atom(_ text: String) throws(DefinitionProblem) -> Int {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2 else {
      throw DefinitionProblem("'\(text)' is no atom, expected a residue and a name such as 2:CA")
    }
    let residue = try residue(parts[0])
    guard let atom = named[residue][parts[1]] else {
      let hint = suggestion(for: parts[1], among: named[residue].keys.sorted(), listing: true)
      throw DefinitionProblem("\(label(residue)) has no atom '\(parts[1])'\(hint)")
    }
    return atom
  }
}

/// The names that the successive atoms of a side chain can have.
private let sideChain = [
  ["N"], ["CA"], ["CB"], ["CG", "CG1", "OG", "OG1", "SG"], ["CD", "CD1", "OD1", "ND1", "SD"],
  ["CE", "NE", "OE1"], ["CZ", "NZ"], ["NH1"],
]
