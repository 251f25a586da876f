/// Conformations of one molecule.
package struct Trajectory: Equatable, Sendable {
  /// The number of atoms in every frame.
  package var atoms: Int
  /// Coordinates in nm, [frames, atoms, 3].
  package var coordinates: [Double]
  /// Time of each frame in ps, [frames].
  package var times: [Double]
  /// Which chain of a simulation each frame is of, [frames]; nil where nothing says so.
  package var chains: [Int]?

  package init(
    atoms: Int, coordinates: [Double], times: [Double]? = nil, chains: [Int]? = nil
  ) {
    precondition(
      atoms > 0 && coordinates.count % (3 * atoms) == 0,
      "\(coordinates.count) coordinates, \(atoms) atoms")
    precondition(
      chains.map { $0.count == coordinates.count / (3 * atoms) } ?? true,
      "\(chains?.count ?? 0) chains, \(coordinates.count) coordinates, \(atoms) atoms")
    self.atoms = atoms
    self.coordinates = coordinates
    self.times = times ?? (0..<coordinates.count / (3 * atoms)).map(Double.init)
    self.chains = chains
  }

  /// The number of frames.
  package var frames: Int { coordinates.count / (3 * atoms) }

  /// The frames of these numbers, in their order.
  package func selected(_ numbers: some Sequence<Int>) -> Trajectory {
    let (numbers, width) = (Array(numbers), 3 * atoms)
    guard !numbers.elementsEqual(0..<frames) else { return self }
    var chosen: [Double] = []
    chosen.reserveCapacity(numbers.count * width)
    for number in numbers { chosen += coordinates[number * width..<(number + 1) * width] }
    return Trajectory(
      atoms: atoms, coordinates: chosen,
      times: numbers.map { times[$0] }, chains: chains.map { chains in numbers.map { chains[$0] } })
  }

  /// The frames of each chain in the order of time, [chains]; nil where nothing says which chain a
  /// frame is of.
  package var framesByChain: [[Int]]? {
    chains.map { Trajectories.framesByChain($0, times: times) }
  }

  /// The positions of one frame in nm, [atoms].
  package subscript(frame: Int) -> [SIMD3<Double>] {
    (0..<atoms).map { atom in
      let offset = 3 * (frame * atoms + atom)
      return SIMD3(coordinates[offset], coordinates[offset + 1], coordinates[offset + 2])
    }
  }
}
