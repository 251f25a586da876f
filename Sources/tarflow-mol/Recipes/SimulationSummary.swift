import Foundation
import Molecules

/// What a finished simulation has to say of itself: `summary.json`.
struct SimulationSummary: Codable, Equatable {
  struct Rung: Codable, Equatable {
    /// K.
    let temperature: Double
    /// kJ/mol; the error is that of the mean, from the spread of the chains.
    let meanPotential: Double
    let potentialError: Double?
    /// K, from the mean kinetic energy.
    let kineticTemperature: Double
    /// The share of successful exchanges with the next rung; nil on the last.
    let acceptance: Double?

    private enum CodingKeys: String, CodingKey {
      case temperature = "temperature_K"
      case meanPotential = "mean_potential_kJ_mol"
      case potentialError = "mean_potential_error_kJ_mol"
      case kineticTemperature = "kinetic_temperature_K"
      case acceptance = "acceptance_with_next"
    }
  }

  let system: String
  let chains: Int
  /// Of each chain, ps.
  let time: Double
  let frames: Int
  let rungs: [Rung]
  /// Of all walkers together.
  let roundTrips: Int

  private enum CodingKeys: String, CodingKey {
    case system, chains, frames, rungs
    case time = "time_ps"
    case roundTrips = "round_trips"
  }

  init(
    system: String, settings: SimulationSettings, exchange: ReplicaExchange,
    statistics: SimulationStatistics, dynamics: LangevinDynamics
  ) {
    self.system = system
    chains = settings.chains
    time = settings.time
    frames = settings.frames
    roundTrips = exchange.roundTrips
    rungs = settings.temperatures.enumerated().map { index, temperature in
      let means = statistics.means(temperature: index)
      return Rung(
        temperature: temperature, meanPotential: means.potential, potentialError: means.error,
        kineticTemperature: dynamics.temperature(kinetic: means.kinetic),
        acceptance: index < exchange.attempts.count && exchange.attempts[index] > 0
          ? Double(exchange.exchanges[index]) / Double(exchange.attempts[index]) : nil)
    }
  }

  /// That of a complete simulation.
  /// - Throws: `CommandError`.
  static func read(path: String) throws -> SimulationSummary {
    let text = try readText(path: path, what: "summary", advice: "start the simulation anew")
    guard let summary = try? JSONDecoder().decode(SimulationSummary.self, from: Data(text.utf8))
    else { throw CommandError.badData(path: path, problem: "is no summary of a simulation") }
    return summary
  }

  /// A table for people.
  func table(trajectory: String) -> String {
    var lines = [
      "\(system), \(chains) \(chains == 1 ? "chain" : "chains") of \(PhysicalTime(picoseconds: time)): "
        + "\(frames) frames at \(decimal(rungs[0].temperature, 1)) K in \(trajectory)", "",
      "     T (K)   mean U (kJ/mol)   kinetic T (K)   exchanged with next",
    ]
    for rung in rungs {
      let mean =
        decimal(rung.meanPotential, 2) + (rung.potentialError.map { " ± " + decimal($0, 2) } ?? "")
      let fields = [
        (decimal(rung.temperature, 1), 10), (mean, 18), (decimal(rung.kineticTemperature, 2), 16),
        (rung.acceptance.map { decimal($0, 3) } ?? "–", 22),
      ]
      lines.append(
        fields.map { text, width in
          String(repeating: " ", count: max(0, width - text.count)) + text
        }.joined())
    }
    if rungs.count > 1 { lines += ["", "\(roundTrips) round trips through the temperatures."] }
    return lines.joined(separator: "\n") + "\n"
  }
}
