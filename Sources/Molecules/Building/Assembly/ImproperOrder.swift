/// Finds the parameters of improper torsions, and the order of their atoms.
///
/// Force fields write an improper torsion with three outer atoms of which two are often any, so
/// that their order, and with it the angle, is a convention. These are the two of OpenMM's
/// `ForceField`: by residue and place, which is tleap's, and by element. The centre comes third.
struct ImproperOrder {
  private let rules: [String: [AmberParameters.Improper]]
  private let order: AmberParameters.ImproperOrder
  private let classes: [String]
  private let elements: [Int]

  init(peptide: Peptide, parameters: AmberParameters) {
    rules = Dictionary(grouping: parameters.impropers, by: \.centre)
    order = parameters.improperOrder
    classes = peptide.atomClasses
    elements = peptide.topology.atomicNumbers
  }

  /// The torsion of a centre and three of its neighbours, ascending; nil if it has none.
  ///
  /// The last rule without a wildcard is taken, or else the first with one.
  func improper(
    centre: Int, others: [Int]
  ) -> (atoms: SIMD4<Int32>, cosines: [AmberParameters.Cosine])? {
    var found: (outer: [Int], rule: AmberParameters.Improper)?
    for rule in rules[classes[centre]] ?? [] where found == nil || !rule.hasWildcard {
      let fits = Self.permutations.first { permutation in
        zip(permutation, rule.others).allSatisfy { place, wanted in
          wanted == nil || wanted == classes[others[place]]
        }
      }
      if let fits { found = (fits.map { others[$0] }, rule) }
    }
    guard let (outer, rule) = found else { return nil }
    let sorted =
      switch order {
      case .amber: amberOrder(outer, hasWildcard: rule.hasWildcard)
      case .element: elementOrder(outer)
      }
    let atoms = [sorted[0], sorted[1], centre, sorted[2]].map { Int32($0) }
    return (SIMD4(atoms[0], atoms[1], atoms[2], atoms[3]), rule.cosines)
  }

  private static let permutations = [
    [0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0],
  ]

  /// The order of tleap.
  ///
  /// Atoms that are alike, by class or with a wildcard by element, ascend; with a wildcard the first
  /// two do in any case. Atoms are numbered by residue and place in it.
  private func amberOrder(_ outer: [Int], hasWildcard: Bool) -> [Int] {
    var (a, b, c) = (outer[0], outer[1], outer[2])
    func areAlike(_ i: Int, _ j: Int) -> Bool {
      hasWildcard ? elements[i] == elements[j] : classes[i] == classes[j]
    }
    if areAlike(a, c), a > c { swap(&a, &c) }
    if areAlike(b, c), b > c { swap(&b, &c) }
    if hasWildcard || areAlike(a, b), a > b { swap(&a, &b) }
    return [a, b, c]
  }

  /// Of the first two, carbon comes first, then the heavier element, then the lower number.
  private func elementOrder(_ outer: [Int]) -> [Int] {
    let (a, b) = (outer[0], outer[1])
    let carbon = ChemicalElement.carbon.rawValue
    let isReversed =
      elements[a] == elements[b]
      ? a > b
      : elements[a] != carbon && (elements[b] == carbon || elements[a] < elements[b])
    return isReversed ? [b, a, outer[2]] : outer
  }
}
