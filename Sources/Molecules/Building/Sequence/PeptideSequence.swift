/// The residues of a peptide from its N-terminal end to the other, caps among them.
package struct PeptideSequence: Equatable, Sendable {
  package struct Residue: Equatable, Sendable {
    /// The name in the force field, such as ALA or HIE; of a charged end, too.
    package var name: String
    /// Whether it is the mirror image of the natural form.
    package var isD = false
    /// Whether the peptide bond before it is cis.
    package var hasCisBond = false

    package init(_ name: String, isD: Bool = false, hasCisBond: Bool = false) {
      (self.name, self.isD, self.hasCisBond) = (name, isD, hasCisBond)
    }

    /// The name in files: a D-residue's is the PDB's.
    package var label: String { isD ? ResidueNames.mirroredName(name) : name }

    package var isCap: Bool { ResidueNames.isCap(name) }
  }

  package private(set) var residues: [Residue]
  /// The bridges between two CYX, as places in `residues`, the lower first.
  package private(set) var disulfides: [SIMD2<Int>] = []

  /// Joins residues.
  ///
  /// - Throws: ``SequenceError`` where a cap stands inside, or nothing is left without the caps.
  package init(_ residues: [Residue]) throws(SequenceError) {
    self.residues = residues
    for (place, residue) in residues.enumerated() {
      let isFirstCap = ResidueNames.firstCaps.contains(residue.name)
      let isLastCap = ResidueNames.lastCaps.contains(residue.name)
      if isFirstCap && place > 0 || isLastCap && place < residues.count - 1 {
        throw .capInside(residue.name, place: place + 1, isFirst: isFirstCap)
      }
    }
    let aminoAcids = residues.filter { !$0.isCap }
    if aminoAcids.isEmpty { throw .empty }
    if residues.count == 1 { throw .loneResidue(aminoAcids[0].name) }
    if residues.first?.hasCisBond == true { throw .noBondBefore(aminoAcid: 1) }
  }

  /// The places of the amino acids in `residues`.
  package var aminoAcids: [Int] { residues.indices.filter { !residues[$0].isCap } }

  /// Joins two cysteines by a disulfide bridge, which makes them CYX.
  ///
  /// - Parameter pair: Amino acids, from 1, caps not counted.
  /// - Throws: ``SequenceError`` unless both are cysteines without another bridge.
  package mutating func addDisulfide(_ pair: SIMD2<Int>) throws(SequenceError) {
    let cysteines = cysteines
    for number in [pair.x, pair.y] where !cysteines.contains(number) {
      throw .noCysteine(aminoAcid: number, cysteines: cysteines)
    }
    let places = [pair.x, pair.y].map { aminoAcids[$0 - 1] }.sorted()
    let isTaken = disulfides.contains { places.contains($0.x) || places.contains($0.y) }
    if isTaken || places[0] == places[1] { throw .bridgedTwice(pair) }
    for place in places { residues[place].name = "CYX" }
    disulfides.append(SIMD2(places[0], places[1]))
  }

  /// Makes the peptide bond before a proline cis.
  ///
  /// - Parameter number: An amino acid, from 1, caps not counted.
  /// - Throws: ``SequenceError`` unless it is a proline with a bond before it.
  package mutating func makeCis(_ number: Int) throws(SequenceError) {
    let prolines = aminoAcids.indices.filter { residues[aminoAcids[$0]].name == "PRO" }
      .map { $0 + 1 }
    guard prolines.contains(number) else {
      throw .noProline(aminoAcid: number, prolines: prolines)
    }
    if aminoAcids[number - 1] == 0 { throw .noBondBefore(aminoAcid: number) }
    residues[aminoAcids[number - 1]].hasCisBond = true
  }

  /// Joins the only two CYX that there are, and checks that no CYX is left without a bridge.
  /// - Throws: ``SequenceError``.
  package mutating func closeDisulfides() throws(SequenceError) {
    let bridged = disulfides.flatMap { [$0.x, $0.y] }
    let open = aminoAcids.indices.filter {
      residues[aminoAcids[$0]].name == "CYX" && !bridged.contains(aminoAcids[$0])
    }
    if open.count == 2 { return try addDisulfide(SIMD2(open[0] + 1, open[1] + 1)) }
    if !open.isEmpty { throw .openCystines(open.map { $0 + 1 }) }
  }

  /// The amino acids, from 1, that a disulfide bridge can join.
  private var cysteines: [Int] {
    aminoAcids.indices.filter { ["CYS", "CYX"].contains(residues[aminoAcids[$0]].name) }
      .map { $0 + 1 }
  }

  /// The sequence with caps, in one letter where every amino acid has one: `Ace-AEK-Nme`;
  /// otherwise in three, D-residues with a D before: `ALA-HIP-DLYN`.
  ///
  /// Reading it gives the residues back. Letters that together are the name of another residue have
  /// hyphens between them: `Ace-A-L-A-Nme`.
  package var text: String {
    let letters = aminoAcids.map { place -> String? in
      ResidueNames.letter(of: residues[place].name).map {
        residues[place].isD ? $0.lowercased() : $0
      }
    }
    let names = aminoAcids.map { (residues[$0].isD ? "D" : "") + residues[$0].name }
    let first = residues.first.flatMap { ResidueNames.capTexts[$0.name] }
    let last = residues.last.flatMap { ResidueNames.capTexts[$0.name] }
    let joined = letters.compactMap { $0 }.joined()
    let isName =
      (first != nil || last != nil)
      && ResidueNames.named(joined, isFirst: first == nil, isLast: last == nil) != nil
    let middle =
      letters.contains(nil) ? names : isName ? letters.compactMap { $0 } : [joined]
    return ([first].compactMap { $0 } + middle + [last].compactMap { $0 }).joined(separator: "-")
  }
}
