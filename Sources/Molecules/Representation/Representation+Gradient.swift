import Kernels

extension Representation {
  /// The gradient of `f(x(tokens)) + log |dx/dtokens|` with respect to the tokens, the reverse of
  /// `coordinates`.
  ///
  /// It is the slope of the numeric map to 1e-6 (`RepresentationGradientTests`). Outside the support
  /// it need not be finite.
  ///
  /// - Parameters:
  ///   - gradient: ∂f/∂x, 1/nm, [frames, atoms, 3]; for the Boltzmann density the forces over kT.
  ///   - tokens: Standardised, [frames, tokens, features].
  ///   - coordinates: What `coordinates(from: tokens)` gives, nm, [frames, atoms, 3].
  /// - Returns: [frames, tokens, features].
  package func tokenGradient(
    of gradient: [Double], at tokens: [Float], coordinates: [Double], execution: Execution
  ) -> [Double] {
    precondition(
      gradient.count == coordinates.count
        && tokens.count * 3 * atoms == gradient.count * self.tokens * features,
      "\(gradient.count) and \(coordinates.count) coordinates, \(tokens.count) features")
    return switch self {
    case .internal(let representation):
      representation.tokenGradient(
        of: gradient, at: tokens, coordinates: coordinates, execution: execution)
    case .cartesian(let representation):
      representation.tokenGradient(of: gradient, at: tokens, execution: execution)
    }
  }
}

extension InternalRepresentation {
  /// As `Representation.tokenGradient`; for tokens of any precision.
  package func tokenGradient<Scalar: BinaryFloatingPoint>(
    of gradient: [Double], at tokens: [Scalar], coordinates: [Double], execution: Execution
  ) -> [Double] {
    let (gradients, frames) = (
      Frames(gradient, atoms: tree.atoms), Frames(coordinates, atoms: tree.atoms)
    )
    return parallelRows(
      frames.count, width: groups.tokens * groups.features, of: 0.0, execution: execution
    ) { frame, row in
      let q = self.coordinates(of: frame, in: tokens)
      guard q.allSatisfy(\.isFinite) else { return }
      let moved = tree.coordinateGradient(of: gradients[frame], at: q, positions: frames[frame])
      let stretched = tree.logJacobianGradient(at: q)
      let slopes = q.indices.map { standardDeviations[$0] * (moved[$0] + stretched[$0]) }
      for (place, slope) in groups.spread(slopes, missing: 0).enumerated() { row[place] = slope }
    }
  }
}

extension CartesianRepresentation {
  /// As `Representation.tokenGradient`: `scale · ∂f/∂x − Σ y / N`.
  func tokenGradient(of gradient: [Double], at tokens: [Float], execution: Execution) -> [Double] {
    let width = 3 * atoms
    return parallelRows(
      tokens.count / width, width: width, of: 0.0, execution: execution
    ) { frame, row in
      for axis in 0..<3 {
        let centre =
          stride(from: axis, to: width, by: 3).reduce(0.0) {
            $0 + Double(tokens[frame * width + $1])
          } / Double(atoms)
        for index in stride(from: axis, to: width, by: 3) {
          row[index] = scale * gradient[frame * width + index] - centre
        }
      }
    }
  }
}
