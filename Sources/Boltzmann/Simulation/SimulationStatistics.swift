import Molecules

/// Sums over the frames of a simulation, for each walker's rung.
struct SimulationStatistics: Codable, Equatable {
  /// Frames of one chain so far.
  private(set) var frames = 0
  /// Sums of the energies in kJ/mol, [chains, temperatures].
  private var potentials, kinetics: [Double]
  private let temperatures: Int

  init(chains: Int, temperatures: Int) {
    self.temperatures = temperatures
    potentials = [Double](repeating: 0, count: chains * temperatures)
    kinetics = potentials
  }

  /// Whether sums that were read are of so many walkers.
  func fit(walkers: Int, temperatures: Int) -> Bool {
    self.temperatures == temperatures && potentials.count == walkers && kinetics.count == walkers
      && (0...1 << 60).contains(frames)
  }

  mutating func add(_ walkers: Walkers, _ exchange: ReplicaExchange) {
    frames += 1
    for walker in 0..<walkers.count {
      let place = walker / temperatures * temperatures + exchange.rungs[walker]
      potentials[place] += walkers.potentials[walker]
      kinetics[place] += walkers.kinetics[walker]
    }
  }

  /// The mean potential energy at a temperature, its standard error from the spread of the chains,
  /// and the mean kinetic energy, kJ/mol; the error is nil for one chain.
  func means(temperature: Int) -> (potential: Double, error: Double?, kinetic: Double) {
    func chainMeans(_ sums: [Double]) -> [Double] {
      stride(from: temperature, to: sums.count, by: temperatures).map {
        sums[$0] / Double(max(1, frames))
      }
    }
    let own = chainMeans(potentials)
    let mean = own.reduce(0, +) / Double(own.count)
    let squares = own.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let error = own.count > 1 ? (squares / Double(own.count * (own.count - 1))).squareRoot() : nil
    return (mean, error, chainMeans(kinetics).reduce(0, +) / Double(own.count))
  }
}
