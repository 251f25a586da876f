/// Flat coordinates, [frames, atoms, 3], frame by frame.
struct Frames {
  let coordinates: [Double]
  /// The number of atoms in a frame.
  let atoms: Int
  /// The number of frames.
  let count: Int

  /// - Precondition: The coordinates are whole frames.
  init(_ coordinates: [Double], atoms: Int) {
    precondition(
      coordinates.count % (3 * atoms) == 0, "\(coordinates.count) coordinates, \(atoms) atoms")
    self.coordinates = coordinates
    self.atoms = atoms
    count = coordinates.count / (3 * atoms)
  }

  /// The positions of one frame, [atoms].
  subscript(frame: Int) -> [SIMD3<Double>] {
    (0..<atoms).map { atom in
      let offset = 3 * (frame * atoms + atom)
      return SIMD3(coordinates[offset], coordinates[offset + 1], coordinates[offset + 2])
    }
  }

  /// Throws `RepresentationError.fewFrames` unless two frames differ.
  func requireDifference() throws(RepresentationError) {
    guard count > 0 else { throw .fewFrames(found: 0) }
    let first = coordinates[..<(3 * atoms)]
    let differ = (1..<count).contains { frame in
      !coordinates[3 * atoms * frame..<3 * atoms * (frame + 1)].elementsEqual(first)
    }
    guard differ else { throw .fewFrames(found: 1) }
  }
}
