/// Torsion angles of some conformations, [points, torsions], rad.
package struct TorsionAngles: Equatable, Sendable {
  /// How many torsions a conformation has.
  package let torsions: Int
  /// The angles, [points, torsions], rad; any multiple of 2π may be added.
  package let values: [Double]

  /// Wraps a flat array.
  ///
  /// - Precondition: `values.count` is a multiple of `torsions`.
  package init(_ values: [Double], torsions: Int) {
    precondition(
      torsions > 0 ? values.count % torsions == 0 : values.isEmpty,
      "torsion angles: \(values.count) values do not make rows of \(torsions)")
    (self.values, self.torsions) = (values, torsions)
  }

  /// The number of conformations.
  package var points: Int { torsions > 0 ? values.count / torsions : 0 }

  /// The conformations of some rows, in their order.
  package func rows(_ indices: [Int]) -> TorsionAngles {
    TorsionAngles(
      indices.flatMap { values[$0 * torsions..<($0 + 1) * torsions] }, torsions: torsions)
  }
}

/// The torus Wasserstein distance T-W2 between two sets of conformations, in rad.
///
/// `T-W2² = min_P Σ_ij P_ij Σ_k min(|d_k|, 2π − |d_k|)²` with `d = a_i − b_j` and uniform weights,
/// exact for any two sizes.
///
/// - Parameters:
///   - a: The first set, [points, torsions].
///   - b: The second set, [points, torsions].
///   - setNames: What errors call the two sets.
/// - Throws: ``EvaluationError`` if a set is empty or a torsion is not finite.
/// - SeeAlso: Tan et al. 2025, *Scalable Equilibrium Sampling with Sequential Boltzmann
///   Generators*.
package func torusWasserstein(
  _ a: TorsionAngles, _ b: TorsionAngles,
  setNames: (String, String) = ("first set", "second set")
) throws(EvaluationError) -> Double {
  try torusDistance(a, b, setNames: setNames).value
}

/// A distance on the torus, rad, with its standard error.
struct TorusDistance: Equatable {
  let value: Double
  let error: Double
}

/// ``torusWasserstein(_:_:setNames:)`` with its error.
///
/// - Parameter repetition: By how much fewer points of the second set are independent than there
///   are, as when they were drawn by weights.
func torusDistance(
  _ a: TorsionAngles, _ b: TorsionAngles, repetition: Double = 1,
  setNames: (String, String) = ("first set", "second set")
) throws(EvaluationError) -> TorusDistance {
  precondition(
    a.torsions == b.torsions, "torus: \(a.torsions) torsions do not meet \(b.torsions)")
  for (angles, name) in [(a, setNames.0), (b, setNames.1)] {
    guard angles.points > 0 else { throw .empty(what: "torsions in the \(name)") }
    if let place = angles.values.firstIndex(where: { !$0.isFinite }) {
      throw .nonfiniteTorsion(
        set: name, frame: place / angles.torsions, torsion: place % angles.torsions)
    }
  }
  let plan = optimalTransport(torusCosts(a, b), rows: a.points, columns: b.points)
  let value = plan.cost.squareRoot()
  let variance = plan.variance(
    rows: Double(a.points), columns: Double(b.points) / repetition)
  return TorusDistance(value: value, error: value > 0 ? variance.squareRoot() / (2 * value) : 0)
}

/// Squared distances on the torus, [a.points, b.points], rad².
private func torusCosts(_ a: TorsionAngles, _ b: TorsionAngles) -> [Double] {
  let (wrappedA, wrappedB) = (wrapped(a.values), wrapped(b.values))
  let (rows, columns, torsions) = (a.points, b.points, a.torsions)
  var costs = Array(repeating: 0.0, count: rows * columns)
  for row in 0..<rows {
    for column in 0..<columns {
      var sum = 0.0
      for torsion in 0..<torsions {
        let apart = abs(wrappedA[row * torsions + torsion] - wrappedB[column * torsions + torsion])
        let shorter = min(apart, 2 * .pi - apart)
        sum += shorter * shorter
      }
      costs[row * columns + column] = sum
    }
  }
  return costs
}

/// Angles brought to −π … π; those already there are left as they are, to the last bit.
private func wrapped(_ angles: [Double]) -> [Double] {
  angles.map { abs($0) <= .pi ? $0 : $0.remainder(dividingBy: 2 * .pi) }
}
