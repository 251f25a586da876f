/// Why a sequence is no peptide that can be built.
package enum SequenceError: Error, Equatable, Sendable, CustomStringConvertible {
  /// There is no amino acid in it.
  case empty
  /// A letter stands for no amino acid. Positions count characters from 1.
  case unknownLetter(Character, position: Int, sequence: String)
  /// A part between hyphens is neither a residue nor letters.
  case unknownResidue(String, position: Int, sequence: String)
  /// A cap that does not stand at its end. Places count residues from 1.
  case capInside(String, place: Int, isFirst: Bool)
  /// One amino acid with two charged ends.
  case loneResidue(String)
  /// A disulfide bridge to something else.
  case noCysteine(aminoAcid: Int, cysteines: [Int])
  case bridgedTwice(SIMD2<Int>)
  /// CYX without a partner.
  case openCystines([Int])
  case noProline(aminoAcid: Int, prolines: [Int])
  /// The first residue has no peptide bond before it.
  case noBondBefore(aminoAcid: Int)
  /// The force field has no such residue, or not at this end.
  case noParameters(residue: String, number: Int, end: String?, forceField: String)

  package var description: String {
    switch self {
    case .empty:
      "the sequence has no amino acid; write one such as AEK, Ace-AAA-Nme or ALA-GLU-LYS"
    case .unknownLetter(let letter, let position, let sequence):
      "'\(sequence)': position \(position): '\(letter)' is no amino acid; known are "
        + "\(Self.letters), in small letters their mirror images"
    case .unknownResidue(let name, let position, let sequence):
      "'\(sequence)': position \(position): '\(name)' is no residue; known are the three letters of "
        + "the amino acids, \(ResidueNames.others.joined(separator: ", ")), with D before them "
        + "their mirror images, and at the ends Ace, Nme and NH2"
    case .capInside(let name, let place, let isFirst):
      "residue \(place) is the cap \(name), which stands \(isFirst ? "first" : "last") or not at all"
    case .loneResidue(let name):
      "there are no parameters for \(name) alone with two charged ends; cap it: "
        + "Ace-\(ResidueNames.letter(of: name) ?? name)-Nme"
    case .noCysteine(let number, let cysteines):
      "amino acid \(number) is no cysteine; those are \(Self.list(cysteines))"
    case .bridgedTwice(let pair):
      "the bridge \(pair.x)–\(pair.y) is to a cysteine that has one, or to itself"
    case .openCystines(let numbers):
      "\(Self.list(numbers)) are CYX; name the pairs that disulfide bridges join, or write CYS"
    case .noProline(let number, let prolines):
      "amino acid \(number) is no proline, before which a bond can be cis; those are "
        + Self.list(prolines)
    case .noBondBefore(let number): "amino acid \(number) has no peptide bond before it"
    case .noParameters(let residue, let number, let end, let forceField):
      "\(forceField) has no residue \(residue)\(end.map { " with a charged \($0) end" } ?? "") "
        + "(residue \(number)); \(end == nil ? "choose another" : "cap that end")"
    }
  }

  private static let letters = String(ResidueNames.letters.keys.sorted())

  private static func list(_ numbers: [Int]) -> String {
    numbers.isEmpty ? "none" : numbers.map { "\($0)" }.joined(separator: ", ")
  }
}
