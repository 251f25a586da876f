import Kernels

/// The state of many copies of a molecule that move independently of each other, in groups of
/// eight.
package struct Walkers: Equatable, Sendable {
  /// How many there are.
  package let count: Int
  package let atoms: Int
  /// Steps made so far.
  package internal(set) var step = 0
  /// kT of each, kJ/mol, [count].
  package internal(set) var thermalEnergies: [Double]
  /// Potential energy at the present positions, kJ/mol, [count]; zero before the first step.
  package internal(set) var potentials: [Double]
  /// Kinetic energy half a step earlier, kJ/mol, [count].
  package internal(set) var kinetics: [Double]
  /// nm, [groups, atoms, 3, 8]; lanes of the last group without a walker start as copies of the
  /// last one.
  package internal(set) var positions: [Double]
  /// nm/ps, like the positions.
  package internal(set) var velocities: [Double]

  private var width: Int { 3 * atoms }

  /// Starts all walkers at one conformation, each with velocities drawn from Maxwell's
  /// distribution.
  ///
  /// - Parameters:
  ///   - start: nm, [atoms].
  ///   - masses: u, [atoms].
  ///   - thermalEnergies: kT of each walker, kJ/mol.
  package init(
    at start: [SIMD3<Double>], masses: [Double], thermalEnergies: [Double], seed: UInt64
  ) {
    self.init(at: [start], masses: masses, thermalEnergies: thermalEnergies, seed: seed) { _ in 0 }
  }

  /// Starts walkers at several conformations, as the first initializer at one.
  ///
  /// - Parameters:
  ///   - starts: nm, [conformations][atoms].
  ///   - start: Which of them a walker begins with.
  package init(
    at starts: [[SIMD3<Double>]], masses: [Double], thermalEnergies: [Double], seed: UInt64,
    start: (_ walker: Int) -> Int
  ) {
    precondition(
      starts.allSatisfy { $0.count == masses.count } && !thermalEnergies.isEmpty,
      "\(masses.count) masses, \(starts.map(\.count)) atoms, \(thermalEnergies.count) walkers")
    let count = thermalEnergies.count
    (self.count, atoms) = (count, masses.count)
    self.thermalEnergies = thermalEnergies
    potentials = [Double](repeating: 0, count: count)
    kinetics = potentials
    let groups = (count + Energy.lanes - 1) / Energy.lanes
    positions = [Double](repeating: 0, count: groups * 3 * masses.count * Energy.lanes)
    velocities = positions
    for lane in 0..<groups * Energy.lanes {
      let thermal = thermalEnergies[min(lane, count - 1)]
      let start = starts[start(min(lane, count - 1))]
      var generator = RandomGenerator(seed: seed, stream: .velocities, index: lane)
      for atom in start.indices {
        for axis in 0..<3 {
          let place = place(lane, 3 * atom + axis)
          positions[place] = start[atom][axis]
          velocities[place] = generator.normal() * (thermal / masses[atom]).squareRoot()
        }
      }
    }
  }

  /// Restores what another instance held.
  ///
  /// - Precondition: The lengths fit together.
  package init(
    atoms: Int, step: Int, thermalEnergies: [Double], potentials: [Double], kinetics: [Double],
    positions: [Double], velocities: [Double]
  ) {
    count = thermalEnergies.count
    let groups = (count + Energy.lanes - 1) / Energy.lanes
    precondition(
      potentials.count == count && kinetics.count == count && positions.count == velocities.count
        && positions.count == groups * 3 * atoms * Energy.lanes,
      "\(count) walkers, \(potentials.count) and \(kinetics.count) energies, "
        + "\(positions.count) and \(velocities.count) numbers")
    self.atoms = atoms
    self.step = step
    self.thermalEnergies = thermalEnergies
    self.potentials = potentials
    self.kinetics = kinetics
    self.positions = positions
    self.velocities = velocities
  }

  /// Positions of one walker about their centroid, nm, [atoms, 3].
  ///
  /// The molecule wanders as a whole; single precision in a file should not be spent on that.
  package func centred(_ walker: Int) -> [Double] {
    var own = (0..<width).map { positions[place(walker, $0)] }
    for axis in 0..<3 {
      let mean = stride(from: axis, to: width, by: 3).reduce(0) { $0 + own[$1] } / Double(atoms)
      for index in stride(from: axis, to: width, by: 3) { own[index] -= mean }
    }
    return own
  }

  /// Puts a walker at another conformation, with velocities drawn from Maxwell's distribution.
  ///
  /// - Parameters:
  ///   - conformation: nm, [atoms, 3].
  ///   - potential: Its potential energy, kJ/mol.
  ///   - masses: u, [atoms].
  ///   - normal: The source of independent standard normal numbers; called 3 · atoms times.
  package mutating func place(
    _ walker: Int, at conformation: some Collection<Double>, potential: Double, masses: [Double],
    normal: () -> Double
  ) {
    precondition(
      conformation.count == width && masses.count == atoms,
      "\(conformation.count) coordinates and \(masses.count) masses of \(atoms) atoms")
    var kinetic = 0.0
    for (index, coordinate) in conformation.enumerated() {
      let velocity = normal() * (thermalEnergies[walker] / masses[index / 3]).squareRoot()
      positions[place(walker, index)] = coordinate
      velocities[place(walker, index)] = velocity
      kinetic += 0.5 * masses[index / 3] * velocity * velocity
    }
    (potentials[walker], kinetics[walker]) = (potential, kinetic)
  }

  /// Gives a walker another temperature: its velocities are scaled with it.
  mutating func setThermalEnergy(_ thermal: Double, of walker: Int) {
    let factor = (thermal / thermalEnergies[walker]).squareRoot()
    thermalEnergies[walker] = thermal
    for index in 0..<width { velocities[place(walker, index)] *= factor }
  }

  private func place(_ walker: Int, _ coordinate: Int) -> Int {
    let (group, lane) = (walker / Energy.lanes, walker % Energy.lanes)
    return (group * width + coordinate) * Energy.lanes + lane
  }
}
