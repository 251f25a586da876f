import Foundation
import Molecules
import Reporting
import Runs
import TensorFiles

/// What a finished simulation has to say of itself: `summary.json`.
package struct SimulationSummary: Codable, Equatable, Sendable {
  package struct Rung: Codable, Equatable, Sendable {
    /// K.
    package let temperature: Double
    /// kJ/mol; the error is that of the mean, from the spread of the chains.
    package let meanPotential: Double
    package let potentialError: Double?
    /// K, from the mean kinetic energy.
    package let kineticTemperature: Double
    /// The share of successful exchanges with the next rung; nil on the last.
    package let acceptance: Double?

    private enum CodingKeys: String, CodingKey {
      case temperature = "temperature_K"
      case meanPotential = "mean_potential_kJ_mol"
      case potentialError = "mean_potential_error_kJ_mol"
      case kineticTemperature = "kinetic_temperature_K"
      case acceptance = "acceptance_with_next"
    }
  }

  package let system: String
  package let chains: Int
  /// Of each chain, ps.
  package let time: Double
  package let frames: Int
  package let rungs: [Rung]
  /// Of all walkers together.
  package let roundTrips: Int
  /// How often the chains jumped to proposals of a flow; nil without one.
  package let jumps: JumpStatistics?

  private enum CodingKeys: String, CodingKey {
    case system, chains, frames, rungs, jumps
    case time = "time_ps"
    case roundTrips = "round_trips"
  }

  init(
    system: String, settings: SimulationSettings, exchange: ReplicaExchange,
    statistics: SimulationStatistics, jumps: JumpStatistics?, dynamics: LangevinDynamics
  ) {
    self.jumps = jumps
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

  /// That of a complete simulation, compared with the list of checksums beside it.
  /// - Throws: `RunError` or `FileError`.
  package static func read(path: String) throws -> SimulationSummary {
    let text = try readInput(path: path, what: "summary", advice: "start a new simulation")
    guard let summary = try? decodeJSON(SimulationSummary.self, from: text.utf8),
      !summary.rungs.isEmpty, summary.jumps.map({ $0.fit(chains: summary.chains) }) ?? true
    else { throw RunError.badData(path: path, problem: "is no summary of a simulation") }
    try ChecksumList.check(path)
    return summary
  }

  /// A table for people.
  package func table(trajectory: String) -> String {
    var table = TextTable([
      .init(.right, leastWidth: 10), .init(.right), .init(.right), .init(.right),
    ])
    table.rows.append(["T (K)", "mean U (kJ/mol)", "kinetic T (K)", "exchanged with next"])
    for rung in rungs {
      table.rows.append([
        rung.temperature.fixed(1),
        rung.meanPotential.fixed(2) + (rung.potentialError.map { " ± " + $0.fixed(2) } ?? ""),
        rung.kineticTemperature.fixed(2), rung.acceptance?.fixed(3) ?? "–",
      ])
    }
    let title =
      "\(system), \(chains.counted("chain")) of "
      + "\(PhysicalTime(picoseconds: time)): "
      + "\(frames.counted("frame")) at "
      + "\(rungs[0].temperature.fixed(1)) K in \(trajectory)"
    let trips =
      rungs.count > 1
      ? ["", "\(roundTrips.counted("round trip")) through the temperatures."] : []
    let proposed = jumps.flatMap { jumps in
      jumps.acceptance.map {
        "\((100 * $0).fixed(1)) % of \(jumps.attempts.reduce(0, +).counted("proposal")) of the flow "
          + "accepted"
          + (jumps.withoutDensity > 0
            ? "; \(jumps.withoutDensity) from states that it gives no density." : ".")
      }
    }
    return ([title, ""] + table.lines + trips + (proposed.map { ["", $0] } ?? [])).joined(
      separator: "\n") + "\n"
  }
}
