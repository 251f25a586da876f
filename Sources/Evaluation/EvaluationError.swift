/// Why a set of proposals cannot be evaluated.
package enum EvaluationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// There is nothing to work on: no proposals, or no reference frames.
  case empty(what: String)
  /// Two arrays that belong together row by row differ in length.
  case lengths(what: String, expected: Int, found: Int)
  /// No proposal has both a finite energy and a finite log-density.
  case noUsableWeight(samples: Int, nonfiniteEnergies: Int, nonfiniteLogDensities: Int)
  /// A reference frame has no finite energy; the reference must be a clean trajectory.
  case nonfiniteReferenceEnergy(frame: Int)
  /// A number of the options is outside its limits.
  case option(String)
  /// A torsion is not a number, as when three of its atoms lie on a line.
  case nonfiniteTorsion(set: String, frame: Int, torsion: Int)

  package var description: String {
    switch self {
    case .empty(let what):
      "there are no \(what): at least one is needed"
    case .lengths(let what, let expected, let found):
      "\(what): expected \(expected) rows, one a frame, found \(found); "
        + "do the files belong together?"
    case .noUsableWeight(let samples, let nonfiniteEnergies, let nonfiniteLogDensities):
      "none of \(samples) proposals can be weighted: \(nonfiniteEnergies) have no finite energy, "
        + "\(nonfiniteLogDensities) no finite log_q; train longer, or check that topology and "
        + "samples belong together"
    case .nonfiniteReferenceEnergy(let frame):
      "reference frame \(frame) has no finite energy; check that the topology and the reference "
        + "trajectory belong together"
    case .option(let problem):
      problem
    case .nonfiniteTorsion(let set, let frame, let torsion):
      "\(set) frame \(frame): torsion \(torsion) is undefined; check the atoms of that torsion "
        + "for coinciding or non-finite coordinates"
    }
  }
}
