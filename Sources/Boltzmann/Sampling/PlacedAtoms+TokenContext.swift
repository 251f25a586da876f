import Flow
import Molecules

extension PlacedAtoms: TokenContext {
  package var shape: ContextShape { ContextShape(entries: entries, features: features) }
}

extension Representation {
  /// What a flow of these tokens may read besides them; nil for Cartesian coordinates, whose tokens
  /// are the positions.
  package var context: (any TokenContext)? {
    switch self {
    case .internal(let representation): PlacedAtoms(representation)
    case .cartesian: nil
    }
  }
}
