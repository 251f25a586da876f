import Foundation
import Molecules
import Runs

/// Everything that decides what a simulation computes, apart from its input files.
///
/// Times in ps.
package struct SimulationSettings: LayeredConfiguration, Equatable {
  /// The production time of each chain.
  package var time: Double
  /// What comes before it and is not kept.
  package var equilibration: Double
  /// Independent chains at the first temperature; with several temperatures each chain is a ladder
  /// of walkers.
  package var chains = 8
  /// K, ascending; the first is the one whose frames are kept, unless those of every rung are.
  package var temperatures: [Double]
  package var timeStep = SimulationSettings.defaultTimeStep
  /// ps⁻¹.
  package var friction = 1.0
  /// u; nil keeps the masses of the topology.
  package var hydrogenMass: Double? = SimulationSettings.defaultHydrogenMass
  package var saveEvery = 1.0
  package var exchangeEvery = 0.2
  /// The time between independent proposals of a flow, where there is one.
  package var proposeEvery = 1.0
  /// Whether frames at every temperature are kept, not only those at the first.
  package var framesOfEveryRung = false
  package var seed: UInt64 = 1

  /// Their bias of the mean potential energy is at most 0.0013 kJ/mol per atom, by simulations of
  /// AL2 (docs/benchmarks/energies-and-md.md).
  package static let defaultTimeStep = 0.001
  package static let defaultHydrogenMass = 3.0

  /// What the numbers may be, times in ps.
  private static let longestTime = 1e9
  private static let equilibrations = Setting.Limits.between(0, longestTime)
  private static let intervals = Setting.Limits.between(1e-9, longestTime)
  private static let timeSteps = Setting.Limits.between(1e-9, 0.01)
  private static let chainCounts = Setting.Limits.between(1, 1e5)
  private static let frictions = Setting.Limits.between(0, 1e4)
  private static let hydrogenMasses = Setting.Limits.between(1, 100)

  /// Their products with chains and walkers are whole numbers of 64 bits.
  private static let mostSteps = 1e12

  private enum CodingKeys: String, CodingKey {
    case time = "time_ps"
    case equilibration = "equilibration_ps"
    case chains
    case temperatures = "temperatures_K"
    case timeStep = "time_step_ps"
    case friction = "friction_per_ps"
    case hydrogenMass = "hydrogen_mass_u"
    case saveEvery = "save_every_ps"
    case exchangeEvery = "exchange_every_ps"
    case proposeEvery = "propose_every_ps"
    case framesOfEveryRung = "frames_of_every_rung"
    case seed
  }

  package static let choices: [String: [String]] = [:]

  /// Settings with a tenth of the time as equilibration.
  package init(time: Double, temperatures: [Double]) {
    self.time = time
    equilibration = time / 10
    self.temperatures = temperatures
  }

  package var walkers: Int { chains * temperatures.count }

  /// Times as numbers of steps, at least one but for the equilibration.
  package var steps: (total: Int, equilibration: Int, save: Int, exchange: Int) {
    func count(_ time: Double) -> Int { Int((time / timeStep).rounded()) }
    let (save, equilibration) = (max(1, count(saveEvery)), count(equilibration))
    // Whole intervals, so that the last frame is the last state.
    let frames = max(1, Int((time / timeStep / Double(save)).rounded()))
    return (equilibration + frames * save, equilibration, save, max(1, count(exchangeEvery)))
  }

  /// Steps between proposals of a flow.
  var stepsBetweenProposals: Int { max(1, Int((proposeEvery / timeStep).rounded())) }

  /// The rungs whose frames are kept, from 0.
  package var keptRungs: Range<Int> { 0..<(framesOfEveryRung ? temperatures.count : 1) }

  /// Frames of all chains at one temperature.
  package var frames: Int { (steps.total - steps.equilibration) / steps.save * chains }

  /// - Throws: `RunError.configuration`.
  package func validate() throws {
    func require(_ holds: Bool, _ problem: String) throws {
      if !holds { throw RunError.configuration(source: "simulation", problem: problem) }
    }
    try require(
      Self.timeSteps.contains(timeStep),
      "the time step is \(timeStep) ps, expected 1e-6 to 10 fs")
    try require(
      time >= saveEvery && time <= Self.longestTime,
      "the time is \(time) ps, expected at least the \(saveEvery) ps between frames, at most 1 ms")
    try require(
      Self.equilibrations.contains(equilibration),
      "the equilibration is \(equilibration) ps, expected 0 to 1 ms")
    for (name, interval) in [
      ("frames", saveEvery), ("exchanges", exchangeEvery), ("proposals", proposeEvery),
    ] {
      try require(
        Self.intervals.contains(interval),
        "the time between \(name) is \(interval) ps, expected 1e-6 fs to 1 ms")
    }
    try require(
      max(time, equilibration) / timeStep <= Self.mostSteps,
      "\(time) ps in steps of \(timeStep) ps are too many steps, expected at most "
        + "\(Self.mostSteps)")
    try require(
      Self.chainCounts.contains(Double(chains)), "\(chains) chains, expected \(Self.chainCounts)")
    let shown =
      temperatures.prefix(20).map { "\($0)" }.joined(separator: ", ")
      + (temperatures.count > 20 ? ", …" : "")
    try require(
      (1...1_000).contains(temperatures.count)
        && temperatures.allSatisfy(MolecularSystem.temperatures.contains)
        && zip(temperatures, temperatures.dropFirst()).allSatisfy { $0 < $1 },
      "the temperatures are [\(shown)] K, expected ascending ones, each "
        + "\(MolecularSystem.temperatures)")
    try require(
      Self.frictions.contains(friction),
      "the friction is \(friction) per ps, expected \(Self.frictions)")
    try require(
      hydrogenMass.map(Self.hydrogenMasses.contains) ?? true,
      "the hydrogen mass is \(hydrogenMass ?? 0) u, expected \(Self.hydrogenMasses)")
    try require(
      (walkers + 7) / 8 * 8 <= 1_000_000, "\(walkers) walkers are too many for one process")
  }
}

extension SimulationSettings {
  /// Reads settings; a record that does not speak of the frames of every rung or of proposals has
  /// none.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    time = try container.decode(Double.self, forKey: .time)
    equilibration = try container.decode(Double.self, forKey: .equilibration)
    chains = try container.decode(Int.self, forKey: .chains)
    temperatures = try container.decode([Double].self, forKey: .temperatures)
    timeStep = try container.decode(Double.self, forKey: .timeStep)
    friction = try container.decode(Double.self, forKey: .friction)
    hydrogenMass = try container.decodeIfPresent(Double.self, forKey: .hydrogenMass)
    saveEvery = try container.decode(Double.self, forKey: .saveEvery)
    exchangeEvery = try container.decode(Double.self, forKey: .exchangeEvery)
    proposeEvery = try container.decodeIfPresent(Double.self, forKey: .proposeEvery) ?? 1
    framesOfEveryRung =
      try container.decodeIfPresent(Bool.self, forKey: .framesOfEveryRung) ?? false
    seed = try container.decode(UInt64.self, forKey: .seed)
  }
}

extension SimulationSettings {
  /// What the settings of a simulation mean.
  package static let settings: [Setting] = [
    Setting("time_ps", "the time of each chain", unit: "ps", intervals),
    Setting(
      "equilibration_ps", "the time before it, which is not kept", unit: "ps", equilibrations),
    Setting("chains", "independent chains, or ladders of walkers", chainCounts),
    Setting("temperatures_K", "ascending; frames of the first are kept", unit: "K"),
    Setting("time_step_ps", "the time step", unit: "ps", timeSteps),
    Setting(
      "friction_per_ps", "the friction, 0 for constant energy", unit: "1/ps", frictions),
    Setting(
      "hydrogen_mass_u", "mass of hydrogens; null for that of the topology", unit: "u",
      hydrogenMasses),
    Setting("save_every_ps", "the time between frames", unit: "ps", intervals),
    Setting("exchange_every_ps", "the time between exchanges", unit: "ps", intervals),
    Setting(
      "propose_every_ps", "the time between proposals of a flow", unit: "ps", intervals),
    Setting("frames_of_every_rung", "whether frames at every temperature are kept"),
    Setting("seed", "the seed of all randomness", .atLeast(0)),
  ]
}
