/// T-W2 between the two halves of a reference, which are as independent as its length allows.
package struct TorusFloor: Codable, Equatable, Sendable {
  /// How many frames of each half are compared.
  package var points: Int
  /// The distance of the halves, rad, with its error.
  package var halves, halvesError: Double
  /// That of the reference and the resample of most proposals, on as many points of each.
  package var proposals, proposalsError: Double

  private enum CodingKeys: String, CodingKey {
    case points
    case halves = "torus_w2_halves"
    case halvesError = "torus_w2_halves_error"
    case proposals = "torus_w2"
    case proposalsError = "torus_w2_error"
  }
}

/// The mean of T-W2 between even subsets of the reference and of resamples, with the error of one;
/// nil without torsions or points.
///
/// - Parameter repetition: How many picks there are for an independent one.
func torusDistance(
  _ input: EvaluationInput, _ picks: [[Int]], points: Int, repetition: Double
) throws(EvaluationError) -> TorusDistance? {
  guard points > 0, let torsions = input.torsions, let reference = input.referenceTorsions,
    torsions.torsions > 0
  else { return nil }
  let frames = reference.rows(input.torusFrames(0..<reference.points, points: points))
  var distances: [TorusDistance] = []
  for picked in picks {
    let rows = stridedIndices(count: picked.count, points: points).map { picked[$0] }
    distances.append(
      try torusDistance(
        frames, torsions.rows(rows),
        repetition: 1 + repetition * Double(rows.count) / Double(picked.count),
        setNames: ("torus subset of the reference", "torus subset of the resampled proposals")))
  }
  return TorusDistance(value: mean(distances.map(\.value)), error: mean(distances.map(\.error)))
}

/// The distance of the halves of the reference, beside that of the proposals on as many points; nil
/// where that of the proposals is, and where a torsion of the reference is undefined.
///
/// - Parameters:
///   - known: T-W2 of the picks on `points` points.
///   - repetition: How many picks there are for an independent one.
func torusFloor(
  _ input: EvaluationInput, _ picks: [[Int]], points: Int, repetition: Double,
  known: TorusDistance?
) throws(EvaluationError) -> TorusFloor? {
  guard let reference = input.referenceTorsions, let known,
    reference.values.allSatisfy(\.isFinite)
  else { return nil }
  let half = reference.points / 2
  let shared = min(points, half)
  guard shared > 0 else { return nil }
  func subset(from first: Int) -> TorsionAngles {
    reference.rows(input.torusFrames(first..<first + half, points: shared))
  }
  let halves = try torusDistance(
    subset(from: 0), subset(from: half), setNames: ("reference", "reference"))
  let proposals =
    shared == points
    ? known : try torusDistance(input, picks, points: shared, repetition: repetition)
  return TorusFloor(
    points: shared, halves: halves.value, halvesError: halves.error,
    proposals: proposals?.value ?? known.value, proposalsError: proposals?.error ?? known.error)
}
