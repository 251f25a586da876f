/// The two forms of each stereocentre or amide of a molecule, in proposals and in a reference.
///
/// The forms are 1 and −1; 0 is neither: a flat centre or a broken frame.
package struct IsomerSigns: Equatable, Sendable {
  /// What is counted, [isomers]: "ALA2 CA".
  package let names: [String]
  /// The signs of the proposals, [samples, isomers].
  package let samples: [Int]
  /// The signs of the reference, [frames, isomers].
  package let reference: [Int]

  /// - Precondition: Both arrays hold whole rows.
  package init(names: [String], samples: [Int], reference: [Int]) {
    let width = names.count
    for signs in [samples, reference] {
      precondition(
        width == 0 ? signs.isEmpty : signs.count % width == 0,
        "\(signs.count) signs for \(width) isomers")
    }
    (self.names, self.samples, self.reference) = (names, samples, reference)
  }

  /// A molecule with nothing to count.
  package static let none = IsomerSigns(names: [], samples: [], reference: [])

  /// The same of the first proposals.
  func first(samples rows: Int) -> IsomerSigns {
    IsomerSigns(
      names: names, samples: Array(samples.prefix(rows * names.count)), reference: reference)
  }

  /// The same of some of the reference's frames.
  func reference(_ frames: [Int]) -> IsomerSigns {
    let width = names.count
    return IsomerSigns(
      names: names, samples: samples,
      reference: frames.flatMap { reference[$0 * width..<($0 + 1) * width] })
  }

  /// The share of the rows in which one isomer has a sign; 0 of no rows.
  func share(of sign: Int, in signs: [Int], isomer: Int) -> Double {
    let rows = signs.count / names.count
    let count = (0..<rows).count { signs[$0 * names.count + isomer] == sign }
    return rows == 0 ? 0 : Double(count) / Double(rows)
  }
}

/// How often one stereocentre has the handedness of the reference.
package struct StereocentreFigures: Codable, Equatable, Sendable {
  /// Residue and atom.
  package var atom: String
  /// The share of the proposals with the handedness of most of the reference; nil if the reference
  /// has none.
  package var correct: Double?
  /// The share of the reference's frames with that handedness, 0 if there is none.
  package var reference: Double

  /// Whether the reference's frames differ.
  package var isMixed: Bool { reference < 1 }

  private enum CodingKeys: String, CodingKey { case atom, correct, reference }

  /// Writes every key, `correct` as null where there is none.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(atom, forKey: .atom)
    try container.encode(correct, forKey: .correct)
    try container.encode(reference, forKey: .reference)
  }
}

/// How often one amide is cis.
package struct AmideFigures: Codable, Equatable, Sendable {
  /// Its C and N.
  package var bond: String
  /// The share of all proposals that are cis.
  package var cis: Double
  /// The weighted share of the proposals that are cis, over all finite weights.
  package var reweightedCis: Double
  /// The share of the reference's frames that are cis.
  package var referenceCis: Double

  private enum CodingKeys: String, CodingKey {
    case bond, cis
    case reweightedCis = "cis_reweighted"
    case referenceCis = "cis_reference"
  }
}

/// The handedness that most frames of the reference have, [centres]: 0 if both are as frequent.
func majority(_ signs: IsomerSigns) -> [Int] {
  var sums = [Int](repeating: 0, count: signs.names.count)
  for (index, sign) in signs.reference.enumerated() { sums[index % sums.count] += sign }
  return sums.map { $0.signum() }
}

/// The share of frames all of whose centres have the handedness of most of the reference.
///
/// A force field without CMAP gives a molecule and its mirror image the same energy, so that
/// reweighting cannot mend a wrong one.
///
/// - Returns: A number from 0 to 1; nil where no centre is determined, as in a molecule that has
///   none. Centres for which the reference has no majority are left out.
package func correctChirality(_ signs: IsomerSigns) -> Double? {
  let (expected, centres) = (majority(signs), signs.names.count)
  guard expected.contains(where: { $0 != 0 }), !signs.samples.isEmpty else { return nil }
  let frames = signs.samples.count / centres
  let correct = (0..<frames).count { frame in
    expected.indices.allSatisfy {
      expected[$0] == 0 || signs.samples[frame * centres + $0] == expected[$0]
    }
  }
  return Double(correct) / Double(frames)
}

/// The figures of each stereocentre, in the order of the names.
package func stereocentreFigures(_ signs: IsomerSigns) -> [StereocentreFigures] {
  zip(signs.names, majority(signs)).enumerated().map { index, centre in
    let (atom, sign) = centre
    guard sign != 0 else { return StereocentreFigures(atom: atom, correct: nil, reference: 0) }
    return StereocentreFigures(
      atom: atom, correct: signs.share(of: sign, in: signs.samples, isomer: index),
      reference: signs.share(of: sign, in: signs.reference, isomer: index))
  }
}

/// The figures of each amide, whose sign 1 is cis, in the order of the names.
///
/// - Parameter weights: Normalised weights of the proposals, [samples].
package func amideFigures(_ signs: IsomerSigns, weights: [Double]) -> [AmideFigures] {
  signs.names.enumerated().map { index, bond in
    let weighted = weights.indices.reduce(0.0) {
      signs.samples[$1 * signs.names.count + index] > 0 ? $0 + weights[$1] : $0
    }
    return AmideFigures(
      bond: bond, cis: signs.share(of: 1, in: signs.samples, isomer: index),
      reweightedCis: weighted,
      referenceCis: signs.share(of: 1, in: signs.reference, isomer: index))
  }
}
