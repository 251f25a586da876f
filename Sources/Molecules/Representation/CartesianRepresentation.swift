import Foundation
import Kernels

/// Cartesian tokens as the published benchmark makes them: every frame centred on its unweighted
/// centroid and divided by one scale.
///
/// A flow over all 3N coordinates needs a density for the centre of mass too: `augment` gives the
/// training tokens one, `N(0, I/N)`, and `logJacobian` takes it out again.
/// Conformations come back but for their centre, and the log-Jacobian is the numeric one
/// (CartesianRepresentationTests).
/// Source: Tan et al. 2025, *Sequential Boltzmann Generators*, arXiv 2502.18462.
package struct CartesianRepresentation: Codable, Equatable, Sendable {
  /// The number of atoms, each of them a token of x, y, z.
  package let atoms: Int
  /// The standard deviation of all centred training coordinates, nm.
  package let scale: Double

  /// Tokens beyond this lie outside the support: their atoms could not be written to a file.
  static let largestToken = 1e6

  /// Takes the scale from training data in nm, [frames, atoms, 3].
  ///
  /// - Throws: `RepresentationError.fewAtoms`, `.fewFrames`, `.notFinite`.
  package init(
    topology: Topology, coordinates: [Double], execution: Execution
  ) throws(RepresentationError) {
    guard topology.atoms >= 4 else { throw .fewAtoms(found: topology.atoms) }
    let atoms = topology.atoms
    let frames = Frames(coordinates, atoms: atoms)
    try frames.requireDifference()
    if let bad = coordinates.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(
        frame: bad / (3 * atoms), atom: topology.label(bad / 3 % atoms))
    }
    let squares = parallelRows(
      frames.count, width: 1, of: 0.0, execution: execution
    ) { frame, row in
      row[0] = centred(frames[frame]).reduce(0) { $0 + dot($1, $1) }
    }
    let scale = (squares.reduce(0, +) / Double(coordinates.count)).squareRoot()
    guard scale > 0 else {
      throw .constant(
        atom: "every atom", coordinate: "the distance to the centroid", spread: scale, unit: "nm")
    }
    self.atoms = atoms
    self.scale = scale
  }

  /// The centred, scaled tokens of conformations.
  ///
  /// - Parameter coordinates: nm, [frames, atoms, 3].
  /// - Returns: [frames, atoms, 3], dimensionless.
  package func tokens<Scalar: BinaryFloatingPoint>(
    from coordinates: [Double], execution: Execution
  ) -> [Scalar] {
    let frames = Frames(coordinates, atoms: atoms)
    return parallelRows(
      frames.count, width: 3 * atoms, of: 0, execution: execution
    ) { frame, row in
      let shape = centred(frames[frame])
      for atom in 0..<atoms {
        for axis in 0..<3 { row[3 * atom + axis] = Scalar(shape[atom][axis] / scale) }
      }
    }
  }

  /// The conformations that have these tokens: `x = scale · y`.
  ///
  /// `logJacobian = 3N ln(scale) − r²/(2 s²)` with `r = |Σ y / N|` and `s² = 1/N`: the second term
  /// divides the density by that of the centre of mass, up to its constant, which leaves a density
  /// over coordinates modulo translation. (The benchmark's `log r²` belongs to a density of the
  /// distance r alone and only widens the weights.) Frames keep the centre of mass that the flow
  /// gave them: no energy sees it, and so the map stays one to one. Frames with tokens that are not
  /// finite or beyond 1e6 are outside the support, with all atoms at the origin.
  ///
  /// - Parameter tokens: [frames, atoms, 3].
  package func coordinates<Scalar: BinaryFloatingPoint>(
    from tokens: [Scalar], execution: Execution
  ) -> RebuiltConformations {
    let width = 3 * atoms
    precondition(tokens.count % width == 0, "\(tokens.count) features, \(width) a frame")
    let results = parallelRows(
      tokens.count / width, width: width + 2, of: 0.0, execution: execution
    ) { frame, row in
      let y = tokens[frame * width..<(frame + 1) * width].map { Double($0) }
      guard y.allSatisfy({ abs($0) <= Self.largestToken }) else { return }
      for index in 0..<width { row[index] = scale * y[index] }
      let centre = mean(Frames(y, atoms: atoms)[0])
      row[width] = Double(width) * log(scale) - 0.5 * Double(atoms) * dot(centre, centre)
      row[width + 1] = 1
    }
    return RebuiltConformations(rows: results, atoms: atoms)
  }
}

extension CartesianRepresentation {
  /// Turns one frame of training tokens by a uniform random rotation and adds one shift
  /// `c ~ N(0, I/N)` to all its atoms.
  ///
  /// The rotation is that of a quaternion of four normal numbers; reflections never occur.
  ///
  /// - Parameters:
  ///   - tokens: Centred tokens, [frames, atoms, 3].
  ///   - frame: The frame to change.
  ///   - normal: The source of independent standard normal numbers; called seven times.
  package func augment(_ tokens: inout [Float], frame: Int, normal: () -> Double) {
    precondition(
      3 * atoms * (frame + 1) <= tokens.count, "frame \(frame) of \(tokens.count / (3 * atoms))")
    let (w, v) = (normal(), SIMD3(normal(), normal(), normal()))
    let shift = SIMD3(normal(), normal(), normal()) / Double(atoms).squareRoot()
    let norm = w * w + dot(v, v)
    for atom in 0..<atoms {
      let offset = 3 * (frame * atoms + atom)
      let y = SIMD3<Double>(SIMD3(tokens[offset], tokens[offset + 1], tokens[offset + 2]))
      let twice = 2 * cross(v, y)
      let turned = y + (w * twice + cross(v, twice)) / max(norm, .leastNormalMagnitude) + shift
      for axis in 0..<3 { tokens[offset + axis] = Float(turned[axis]) }
    }
  }
}

private func mean(_ positions: [SIMD3<Double>]) -> SIMD3<Double> {
  positions.reduce(.zero, +) / Double(positions.count)
}

private func centred(_ positions: [SIMD3<Double>]) -> [SIMD3<Double>] {
  let centre = mean(positions)
  return positions.map { $0 - centre }
}
