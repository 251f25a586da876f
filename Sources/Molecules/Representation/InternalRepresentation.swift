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
  /// Where each torsion's window `[cut, cut + 2π)` begins, rad, [tokens]; unused for token 0.
  package let cuts: [Double]
  /// Means of the cut coordinates over the training frames, nm and rad, [tokens, 3].
  package let means: [Double]
  /// Their standard deviations, nm and rad, [tokens, 3].
  package let standardDeviations: [Double]
  /// Whether the tokens' density is periodic in the torsions: outside its window a torsion then is
  /// the angle that differs by a multiple of 2π, and in the support.
  package var hasPeriodicTorsions = false

  /// The standardised tokens of conformations.
  ///
  /// - Parameter coordinates: nm, [frames, atoms, 3].
  /// - Returns: [frames, tokens, 3], dimensionless.
  package func tokens<Scalar: BinaryFloatingPoint>(
    from coordinates: [Double], execution: Execution
  ) -> [Scalar] {
    let frames = Frames(coordinates, atoms: tree.atoms)
    return parallelRows(
      frames.count, width: means.count, of: 0, execution: execution
    ) { frame, row in
      let q = cutCoordinates(from: frames[frame])
      for index in q.indices {
        row[index] = Scalar((q[index] - means[index]) / standardDeviations[index])
      }
    }
  }

  /// The conformations that have these tokens.
  ///
  /// `log |dx/dtoken| = log |dx/dq| + Σ ln(standard deviation)`. A frame is in the support if every
  /// `0 < r ≤ 100 nm`, `0 < θ < π` and every torsion lies in its own window: wrapping it there
  /// would count states twice, unless the density of the tokens is periodic. A frame with a token that is not finite has all atoms at the origin
  /// and a log-Jacobian of zero.
  ///
  /// - Parameter tokens: Standardised, [frames, tokens, 3].
  package func coordinates<Scalar: BinaryFloatingPoint>(
    from tokens: [Scalar], execution: Execution
  ) -> RebuiltConformations {
    let width = means.count
    precondition(tokens.count % width == 0, "\(tokens.count) features, \(width) a frame")
    let logScale = standardDeviations.reduce(0) { $0 + log($1) }
    // One row holds the positions, the log-Jacobian, and 1 inside the support.
    let atoms = tree.atoms
    let results = parallelRows(
      tokens.count / width, width: 3 * atoms + 2, of: 0.0, execution: execution
    ) { frame, row in
      var q = (0..<width).map {
        means[$0] + standardDeviations[$0] * Double(tokens[frame * width + $0])
      }
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

  /// The internal coordinates of one conformation, every torsion in its window, [tokens, 3].
  func cutCoordinates(from positions: [SIMD3<Double>]) -> [Double] {
    Self.cut(tree.internalCoordinates(from: positions), at: cuts)
  }

  static func cut(_ q: [Double], at cuts: [Double]) -> [Double] {
    var q = q
    for token in 1..<cuts.count {
      q[3 * token + 2] = unwrappedTorsion(q[3 * token + 2], cut: cuts[token])
    }
    return q
  }

  private func isInSupport(_ q: [Double]) -> Bool {
    tree.isInSupport(q)
      && (1..<tree.tokens).allSatisfy { token in
        let φ = q[3 * token + 2]
        return φ >= cuts[token] && φ < cuts[token] + 2 * .pi
      }
  }
}

extension InternalRepresentation {
  /// Where the window of every torsion begins, and its length, as its token counts it, [tokens, 3];
  /// nil unless torsions are periodic.
  ///
  /// A bond length or an angle has a window of length 0.
  package var periodicWindows: (lows: [Float], periods: [Float])? {
    guard hasPeriodicTorsions else { return nil }
    var lows = [Float](repeating: 0, count: means.count)
    var periods = lows
    for token in 1..<tree.tokens {
      let index = 3 * token + 2
      lows[index] = Float((cuts[token] - means[index]) / standardDeviations[index])
      periods[index] = Float(2 * .pi / standardDeviations[index])
    }
    return (lows, periods)
  }

  /// Changes the conformation of one frame of training tokens, as by `EquivalentAtoms.relabel`.
  ///
  /// - Parameters:
  ///   - tokens: Standardised tokens, [frames, tokens, 3].
  ///   - frame: The frame to change.
  ///   - change: Of positions in nm, [atoms].
  package func relabel(
    _ tokens: inout [Float], frame: Int, change: (inout [SIMD3<Double>]) -> Void
  ) {
    let width = means.count
    var positions = tree.positions(
      from: (0..<width).map {
        means[$0] + standardDeviations[$0] * Double(tokens[frame * width + $0])
      })
    change(&positions)
    for (index, q) in cutCoordinates(from: positions).enumerated() {
      tokens[frame * width + index] = Float((q - means[index]) / standardDeviations[index])
    }
  }
}
