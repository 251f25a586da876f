import Foundation
import Kernels

/// Standardised internal coordinates: `token = (q − mean) / standard deviation`, torsions cut open
/// where the training data has the fewest frames, or on their circle.
///
/// The way there and back, in double precision, changes distances by less than 1e-9 nm, and
/// `log |dx/dtoken|` is that of the numeric map to 1e-6 (InternalRepresentationTests).
package struct InternalRepresentation: Codable, Equatable, Sendable {
  /// The order of placement and the references of every atom.
  package let tree: BondTree
  /// Which placements a token holds.
  package let groups: AtomGroups
  /// Where each torsion's window `[cut, cut + 2π)` begins, rad, [placements]; unused for the first.
  package let cuts: [Double]
  /// Means of the cut coordinates over the training frames, nm and rad, [placements, 3].
  package let means: [Double]
  /// Their standard deviations, nm and rad, [placements, 3].
  package let standardDeviations: [Double]
  /// Whether the tokens' density is periodic in the torsions: outside its window a torsion then is
  /// the angle that differs by a multiple of 2π, and in the support.
  package var hasPeriodicTorsions = false

  /// The standardised tokens of conformations.
  ///
  /// - Parameter coordinates: nm, [frames, atoms, 3].
  /// - Returns: [frames, tokens, features], dimensionless.
  package func tokens<Scalar: BinaryFloatingPoint>(
    from coordinates: [Double], execution: Execution
  ) -> [Scalar] {
    let frames = Frames(coordinates, atoms: tree.atoms)
    return parallelRows(
      frames.count, width: width, of: 0, execution: execution
    ) { frame, row in
      write(cutCoordinates(from: frames[frame])) { row[$0] = Scalar($1) }
    }
  }

  /// The numbers of one sample, tokens · features.
  private var width: Int { groups.tokens * groups.features }

  /// Hands out the standardised coordinates of one conformation and their places in a sample.
  private func write(_ q: [Double], _ feature: (_ place: Int, _ value: Double) -> Void) {
    for (placement, offset) in groups.offsets.enumerated() {
      for axis in 0..<3 {
        let index = 3 * placement + axis
        feature(offset + axis, (q[index] - means[index]) / standardDeviations[index])
      }
    }
  }

  /// The internal coordinates of one of some samples [frames, tokens, features], nm and rad,
  /// [placements, 3].
  func coordinates<Scalar: BinaryFloatingPoint>(of frame: Int, in tokens: [Scalar]) -> [Double] {
    groups.coordinates(means: means, standardDeviations: standardDeviations) {
      tokens[frame * width + $0]
    }
  }

  /// The conformations that have these tokens.
  ///
  /// `log |dx/dtoken| = log |dx/dq| + Σ ln(standard deviation)`. A frame is in the support if every
  /// `0 < r ≤ 100 nm`, `0 < θ < π` and every torsion lies in its own window: wrapping it there
  /// would count states twice, unless the density of the tokens is periodic. A frame with a token
  /// that is not finite has all atoms at the origin and a log-Jacobian of zero.
  ///
  /// - Parameter tokens: Standardised, [frames, tokens, features].
  package func coordinates<Scalar: BinaryFloatingPoint>(
    from tokens: [Scalar], execution: Execution
  ) -> RebuiltConformations {
    precondition(tokens.count % width == 0, "\(tokens.count) features, \(width) a frame")
    let logScale = standardDeviations.reduce(0) { $0 + log($1) }
    // One row holds the positions, the log-Jacobian, and 1 inside the support.
    let atoms = tree.atoms
    let results = parallelRows(
      tokens.count / width, width: 3 * atoms + 2, of: 0.0, execution: execution
    ) { frame, row in
      var q = self.coordinates(of: frame, in: tokens)
      guard q.allSatisfy(\.isFinite) else { return }
      if hasPeriodicTorsions { q = Self.cut(q, at: cuts) }
      for (atom, position) in tree.positions(from: q).enumerated() {
        for axis in 0..<3 { row[3 * atom + axis] = position[axis] }
      }
      row[3 * atoms] = tree.logJacobian(at: q) + logScale
      row[3 * atoms + 1] = isInSupport(q) ? 1 : 0
    }
    return RebuiltConformations(rows: results, atoms: atoms)
  }

  /// The internal coordinates of one conformation, every torsion in its window, [placements, 3].
  func cutCoordinates(from positions: [SIMD3<Double>]) -> [Double] {
    Self.cut(tree.internalCoordinates(from: positions), at: cuts)
  }

  static func cut(_ q: [Double], at cuts: [Double]) -> [Double] {
    var q = q
    for placement in 1..<cuts.count {
      q[3 * placement + 2] = unwrappedTorsion(q[3 * placement + 2], cut: cuts[placement])
    }
    return q
  }

  private func isInSupport(_ q: [Double]) -> Bool {
    tree.isInSupport(q)
      && (1..<tree.placements).allSatisfy { placement in
        let φ = q[3 * placement + 2]
        return φ >= cuts[placement] && φ < cuts[placement] + 2 * .pi
      }
  }
}

extension InternalRepresentation {
  /// Where the window of every torsion begins, and its length, as its token counts it,
  /// [tokens, features]; nil unless torsions are periodic.
  ///
  /// A bond length or an angle has a window of length 0.
  package var periodicWindows: (lows: [Float], periods: [Float])? {
    guard hasPeriodicTorsions else { return nil }
    var lows = [Float](repeating: 0, count: means.count)
    var periods = lows
    for placement in 1..<tree.placements {
      let index = 3 * placement + 2
      lows[index] = Float((cuts[placement] - means[index]) / standardDeviations[index])
      periods[index] = Float(2 * .pi / standardDeviations[index])
    }
    return (groups.spread(lows, missing: 0), groups.spread(periods, missing: 0))
  }

  /// Changes the conformation of one frame of training tokens, as by `EquivalentAtoms.relabel`.
  ///
  /// - Parameters:
  ///   - tokens: Standardised tokens, [frames, tokens, features].
  ///   - frame: The frame to change.
  ///   - change: Of positions in nm, [atoms].
  package func relabel(
    _ tokens: inout [Float], frame: Int, change: (inout [SIMD3<Double>]) -> Void
  ) {
    var positions = tree.positions(from: coordinates(of: frame, in: tokens))
    change(&positions)
    write(cutCoordinates(from: positions)) { tokens[frame * width + $0] = Float($1) }
  }
}
