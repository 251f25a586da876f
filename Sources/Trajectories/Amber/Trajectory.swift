/// Conformations of one molecule.
package struct Trajectory: Equatable, Sendable {
  /// The number of atoms in every frame.
  package var atoms: Int
  /// Coordinates in nm, [frames, atoms, 3].
  package var coordinates: [Double]
  /// Time of each frame in ps, [frames].
  package var times: [Double]

  package init(atoms: Int, coordinates: [Double], times: [Double]? = nil) {
    precondition(
      atoms > 0 && coordinates.count % (3 * atoms) == 0,
      "\(coordinates.count) coordinates, \(atoms) atoms")
    self.atoms = atoms
    self.coordinates = coordinates
    self.times = times ?? (0..<coordinates.count / (3 * atoms)).map(Double.init)
  }

  /// The number of frames.
  package var frames: Int { coordinates.count / (3 * atoms) }

  /// The frames of these numbers, in their order.
  package func selected(_ numbers: some Sequence<Int>) -> Trajectory {
    let (numbers, width) = (Array(numbers), 3 * atoms)
    return Trajectory(
      atoms: atoms,
      coordinates: numbers.flatMap { coordinates[$0 * width..<($0 + 1) * width] },
      times: numbers.map { times[$0] })
  }

  /// The positions of one frame in nm, [atoms].
  package subscript(frame: Int) -> [SIMD3<Double>] {
    (0..<atoms).map { atom in
      let offset = 3 * (frame * atoms + atom)
      return SIMD3(coordinates[offset], coordinates[offset + 1], coordinates[offset + 2])
    }
  }
}
