/// Why a molecule or its training data cannot be given a representation.
package enum RepresentationError: Error, Equatable, Sendable {
  /// Fewer than four atoms: no torsion exists.
  case fewAtoms(found: Int)
  /// `unreached` atoms, `first` among them, have no path of bonds to `start`.
  case disconnected(start: String, first: String, unreached: Int)
  /// A coordinate in the training data is not a number or infinite.
  case notFinite(frame: Int, atom: String)
  /// In this frame the three atoms, which have to span a plane, lie on a line or on one another.
  case collinear(frame: Int, atoms: [String])
  /// Training data of fewer than two different frames.
  case fewFrames(found: Int)
  /// A coordinate does not vary over the training frames; `spread` is its standard deviation.
  case constant(atom: String, coordinate: String, spread: Double, unit: String)
}

extension RepresentationError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .fewAtoms(let found):
      "the molecule has \(found) atoms, a representation needs at least 4; use a larger molecule"
    case .disconnected(let start, let first, let unreached):
      "\(unreached) atoms, the first is \(first), are not bonded to the molecule of \(start); "
        + "one connected molecule is expected: strip solvent and ions, or add the missing bond"
    case .notFinite(let frame, let atom):
      "frame \(frame): the position of \(atom) is not finite; remove the frame or repair the file"
    case .collinear(let frame, let atoms):
      "frame \(frame): \(atoms.joined(separator: ", ")) lie on one line, so torsions about them "
        + "are undefined; remove the frame, or use the cartesian representation if they always do"
    case .fewFrames(let found):
      "the training data has \(found) different frames, at least 2 are needed (thousands to learn "
        + "from); pass a longer trajectory"
    case .constant(let atom, let coordinate, let spread, let unit):
      "\(coordinate) of \(atom) has a standard deviation of \(spread) \(unit) in the training "
        + "data: molecular dynamics made with constraints has no density to learn; run it without "
        + "constraints (no SHAKE, no rigid bonds) or pass frames that differ"
    }
  }
}
