extension PeptideSequence {
  /// Reads a sequence: letters (`AEK`), with caps (`Ace-AAA-Nme`, `Ace-AAA-NH2`), or residues joined
  /// by hyphens (`ALA-HIP-LYS`).
  ///
  /// Ends without a cap are charged. A small letter is the mirror image of the amino acid, as are
  /// the PDB's names (`DAL`) and a `D` before three letters. A part that is the three letters of an
  /// amino acid, beginning with a capital, is that residue: `Ace-ALA-Nme` is alanine, `ALA` is
  /// Ala-Leu-Ala.
  ///
  /// - Throws: ``SequenceError`` naming the position.
  package init(_ text: String) throws(SequenceError) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    var residues: [Residue] = []
    for (place, part) in parts.enumerated() {
      let name = part.trimmingBlanks
      let position = text.distance(from: text.startIndex, to: name.startIndex) + 1
      // Without a hyphen there are letters only, and small ones are mirror images.
      if parts.count > 1,
        let named = ResidueNames.named(
          String(name), isFirst: place == 0, isLast: place == parts.count - 1)
      {
        residues.append(named)
      } else if name.isEmpty {
        if parts.count == 1 { throw .empty }
        throw .unknownResidue("", position: position, sequence: text)
      } else {
        try residues.append(contentsOf: Self.letters(String(name), position: position, of: text))
      }
    }
    try self.init(residues)
  }

  private static func letters(
    _ name: String, position: Int, of text: String
  ) throws(SequenceError) -> [Residue] {
    var residues: [Residue] = []
    for (offset, letter) in name.enumerated() {
      guard letter.isASCII, let residue = ResidueNames.letters[Character(letter.uppercased())]
      else {
        // Beside three letters of an amino acid, others were meant as one, too.
        let usesNames = text.split(separator: "-").contains {
          $0.trimmingBlanks.count > 2
            && ResidueNames.residue($0.trimmingBlanks.uppercased()) != nil
        }
        if usesNames { throw .unknownResidue(name, position: position, sequence: text) }
        throw .unknownLetter(letter, position: position + offset, sequence: text)
      }
      residues.append(Residue(residue, isD: letter.isLowercase && residue != "GLY"))
    }
    return residues
  }
}

extension Substring {
  /// The text without blanks at its ends.
  fileprivate var trimmingBlanks: Substring {
    var text = self
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }
}
