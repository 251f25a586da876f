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
///
/// The way there and back, in double precision, changes distances by less than 1e-9 nm, and the
/// log-Jacobians are those of the numeric map (InternalRepresentationTests,
/// CartesianRepresentationTests).
package enum Representation: Codable, Equatable, Sendable {
  case `internal`(InternalRepresentation)
  case cartesian(CartesianRepresentation)

  /// Which representation; the raw values are the names in files.
  package enum Kind: String, Codable, CaseIterable, Sendable {
    case `internal`, cartesian
  }

  /// The representation of `kind` with its scales taken from training data.
  ///
  /// - Parameters:
  ///   - order: The order of placement; the cartesian tokens keep the topology's.
  ///   - atomsPerToken: The most atoms of an internal token; a cartesian one has one.
  ///   - periodicTorsions: Whether the density of the internal tokens will be periodic in them.
  ///   - coordinates: nm, [frames, atoms, 3].
  /// - Throws: `RepresentationError` for molecules and data that have no such representation.
  package init(
    _ kind: Kind, order: AtomOrder, atomsPerToken: Int = 1, periodicTorsions: Bool = false,
    topology: Topology, coordinates: [Double], execution: Execution
  ) throws(RepresentationError) {
    switch kind {
    case .internal:
      let tree = try BondTree(topology: topology, order: order)
      var representation = try InternalRepresentation(
        tree: tree, atomsPerToken: atomsPerToken, topology: topology, coordinates: coordinates,
        execution: execution)
      representation.hasPeriodicTorsions = periodicTorsions
      self = .internal(representation)
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
    case .internal(let representation): representation.groups.tokens
    case .cartesian(let representation): representation.atoms
    }
  }

  /// The numbers in one token.
  package var features: Int {
    switch self {
    case .internal(let representation): representation.groups.features
    case .cartesian: 3
    }
  }

  /// The features that each token has, [tokens]; nil when all have all.
  package var present: [Int]? {
    switch self {
    case .internal(let representation): representation.groups.present
    case .cartesian: nil
    }
  }

  /// The windows of the features that are periodic, as `InternalRepresentation.periodicWindows`; nil
  /// where there are none.
  package var periodicWindows: (lows: [Float], periods: [Float])? {
    switch self {
    case .internal(let representation): representation.periodicWindows
    case .cartesian: nil
    }
  }

  /// The standardised tokens of conformations.
  ///
  /// - Parameter coordinates: nm, [frames, atoms, 3].
  /// - Returns: [frames, tokens, features], dimensionless.
  package func tokens(from coordinates: [Double], execution: Execution) -> [Float] {
    switch self {
    case .internal(let representation):
      representation.tokens(from: coordinates, execution: execution)
    case .cartesian(let representation):
      representation.tokens(from: coordinates, execution: execution)
    }
  }

  /// The conformations that have these tokens.
  ///
  /// Coordinates and log-Jacobians are finite for all tokens; frames outside the support are
  /// marked.
  ///
  /// - Parameter tokens: Standardised, [frames, tokens, features].
  package func coordinates(from tokens: [Float], execution: Execution) -> RebuiltConformations {
    switch self {
    case .internal(let representation):
      representation.coordinates(from: tokens, execution: execution)
    case .cartesian(let representation):
      representation.coordinates(from: tokens, execution: execution)
    }
  }
}
