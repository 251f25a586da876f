import Kernels

/// Conformations rebuilt from tokens.
package struct RebuiltConformations: Equatable, Sendable {
  /// nm, [frames, atoms, 3]; finite also where the frame is outside the support.
  package var coordinates: [Double]
  /// `log |dx/dtokens|` of each frame, [frames]: `log q(x) = log p(tokens) − logJacobian`.
  package var logJacobian: [Double]
  /// Whether a conformation has these tokens, [frames]; where not, its weight is zero.
  package var inSupport: [Bool]
}

/// How conformations are written as tokens, and back.
package enum Representation: Codable, Equatable, Sendable {
  case `internal`(InternalRepresentation)
  case cartesian(CartesianRepresentation)

  /// The names on the command line and in the configuration.
  package enum Kind: String, Codable, CaseIterable, Sendable {
    case `internal`, cartesian
  }

  /// The representation of `kind` with its scales taken from training data.
  ///
  /// - Parameters:
  ///   - order: The order of placement; the cartesian tokens keep the topology's.
  ///   - coordinates: nm, [frames, atoms, 3].
  /// - Throws: `RepresentationError` for molecules and data that have no such representation.
  package init(
    _ kind: Kind, order: AtomOrder, topology: Topology, coordinates: [Double], execution: Execution
  ) throws(RepresentationError) {
    switch kind {
    case .internal:
      let tree = try BondTree(topology: topology, order: order)
      self = .internal(
        try InternalRepresentation(
          tree: tree, topology: topology, coordinates: coordinates, execution: execution))
    case .cartesian:
      self = .cartesian(
        try CartesianRepresentation(
          topology: topology, coordinates: coordinates, execution: execution))
    }
  }

  package var kind: Kind {
    switch self {
    case .internal: .internal
    case .cartesian: .cartesian
    }
  }

  /// The number of atoms of the molecule.
  package var atoms: Int {
    switch self {
    case .internal(let representation): representation.tree.atoms
    case .cartesian(let representation): representation.atoms
    }
  }

  /// The number of tokens of one conformation.
  package var tokens: Int {
    switch self {
    case .internal(let representation): representation.tree.tokens
    case .cartesian(let representation): representation.atoms
    }
  }

  /// The numbers in one token.
  package var features: Int { 3 }

  /// Whether training tokens are to be rotated and shifted at random (`CartesianRepresentation.augment`).
  package var needsAugmentation: Bool { kind == .cartesian }

  /// Standardised tokens, [frames, tokens, features], of conformations in nm, [frames, atoms, 3].
  package func tokens(from coordinates: [Double], execution: Execution) -> [Float] {
    switch self {
    case .internal(let representation):
      representation.tokens(from: coordinates, execution: execution)
    case .cartesian(let representation):
      representation.tokens(from: coordinates, execution: execution)
    }
  }

  /// Conformations, log-Jacobians and support of standardised tokens, [frames, tokens, features].
  package func coordinates(from tokens: [Float], execution: Execution) -> RebuiltConformations {
    switch self {
    case .internal(let representation):
      representation.coordinates(from: tokens, execution: execution)
    case .cartesian(let representation):
      representation.coordinates(from: tokens, execution: execution)
    }
  }
}

/// The positions of one frame of `coordinates`, [frames, atoms, 3].
func positions(_ coordinates: [Double], frame: Int, atoms: Int) -> [SIMD3<Double>] {
  (0..<atoms).map { atom in
    let offset = 3 * (frame * atoms + atom)
    return SIMD3(coordinates[offset], coordinates[offset + 1], coordinates[offset + 2])
  }
}

/// The number of whole frames in `coordinates`, [frames, atoms, 3].
func frameCount(_ coordinates: Int, atoms: Int) -> Int {
  precondition(coordinates % (3 * atoms) == 0, "\(coordinates) coordinates, \(atoms) atoms")
  return coordinates / (3 * atoms)
}

/// `count` rows of `width` elements, [count, width], each row written by `body` on one of the workers.
func rows<Element>(
  _ count: Int, width: Int, of initial: Element, execution: Execution,
  _ body: (Int, UnsafeMutableBufferPointer<Element>) -> Void
) -> [Element] {
  var elements = [Element](repeating: initial, count: count * width)
  elements.withUnsafeMutableBufferPointer { buffer in
    let whole = buffer
    parallel(count, workers: execution.workers) { row in
      body(row, UnsafeMutableBufferPointer(rebasing: whole[row * width..<(row + 1) * width]))
    }
  }
  return elements
}
