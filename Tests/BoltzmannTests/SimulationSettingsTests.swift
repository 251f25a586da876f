import Boltzmann
import Runs
import Testing

@Suite struct SimulationSettingsTests {
  @Test func `times are numbers of steps, whole intervals of frames`() {
    var settings = SimulationSettings(time: 10, temperatures: [300, 400, 500])
    #expect(settings.equilibration == 1)
    #expect(settings.walkers == 24 && settings.frames == 80)
    #expect(settings.steps == (11_000, 1_000, 1_000, 200))
    (settings.timeStep, settings.time, settings.equilibration) = (0.002, 9.7, 0)
    #expect(settings.steps == (5_000, 0, 500, 100))
    settings.time = 9.4
    #expect(settings.steps.total == 4_500 && settings.frames == 72)
    // A step longer than an interval takes the interval's place.
    (settings.timeStep, settings.saveEvery, settings.exchangeEvery) = (0.01, 0.001, 0.001)
    (settings.time, settings.chains) = (1, 1)
    #expect(settings.steps == (100, 0, 1, 1))
    #expect(settings.frames == 100)
  }

  private typealias Settings = SimulationSettings

  private static let limits:
    [(change: @Sendable (inout SimulationSettings) -> Void, problem: String)] = [
      ({ $0.timeStep = 0 }, "the time step is 0.0 ps, expected 1e-6 to 10 fs"),
      ({ $0.timeStep = 0.0101 }, "the time step is 0.0101 ps, expected 1e-6 to 10 fs"),
      ({ $0.timeStep = .nan }, "the time step is nan ps, expected 1e-6 to 10 fs"),
      (
        { $0.time = 0.5 },
        "the time is 0.5 ps, expected at least the 1.0 ps between frames, at most 1 ms"
      ),
      (
        { $0.time = 2e9 },
        "the time is 2000000000.0 ps, expected at least the 1.0 ps between frames, at most 1 ms"
      ),
      ({ $0.equilibration = -1 }, "the equilibration is -1.0 ps, expected 0 to 1 ms"),
      (
        { $0.saveEvery = 0 }, "the time between frames is 0.0 ps, expected 1e-6 fs to 1 ms"
      ),
      (
        { $0.exchangeEvery = 0 },
        "the time between exchanges is 0.0 ps, expected 1e-6 fs to 1 ms"
      ),
      ({ $0.chains = 0 }, "0 chains, expected 1 to 100000"),
      ({ $0.temperatures = [400, 300] }, "the temperatures are [400.0, 300.0] K, expected asc"),
      ({ $0.temperatures = [300, 300] }, "the temperatures are [300.0, 300.0] K, expected asc"),
      (
        { $0.temperatures = [0] },
        "the temperatures are [0.0] K, expected ascending ones, each 0.001 to 100000"
      ),
      ({ $0.temperatures = [1e-300] }, "the temperatures are [1e-300] K, expected ascending ones"),
      ({ $0.saveEvery = 1e-300 }, "the time between frames is 1e-300 ps, expected 1e-6 fs to 1 ms"),
      ({ $0.temperatures = [.nan] }, "the temperatures are [nan] K, expected ascending ones"),
      ({ $0.friction = -1 }, "the friction is -1.0 per ps, expected 0 to 10000"),
      ({ $0.friction = .infinity }, "the friction is inf per ps, expected 0 to 10000"),
      ({ $0.hydrogenMass = 0.5 }, "the hydrogen mass is 0.5 u, expected 1 to 100"),
      (
        { ($0.chains, $0.temperatures) = (100_000, (1...11).map { 300 + Double($0) }) },
        "1100000 walkers are too many for one process"
      ),
    ]

  @Test(arguments: 0..<limits.count)
  func `a number outside its limits is named`(index: Int) throws {
    let limit = Self.limits[index]
    var settings = SimulationSettings(time: 10, temperatures: [300, 400])
    try settings.validate()
    limit.change(&settings)
    let error = #expect(throws: RunError.self) { try settings.validate() }
    #expect(error?.description.hasPrefix("simulation: \(limit.problem)") == true, "\(error as Any)")
  }

  @Test func `the limits themselves are allowed`() throws {
    var settings = SimulationSettings(time: 1, temperatures: [1e5])
    (settings.timeStep, settings.equilibration, settings.friction) = (0.01, 0, 0)
    (settings.hydrogenMass, settings.chains) = (1, 1)
    try settings.validate()
    (settings.hydrogenMass, settings.friction, settings.time) = (nil, 1e4, 1e9)
    try settings.validate()
  }

  @Test func `settings are changed by the keys of their record`() throws {
    let defaults = SimulationSettings(time: 10, temperatures: [300])
    let settings = try resolveConfiguration(
      defaults,
      layers: [
        "time_ps=20", "temperatures_K=[300, 400]", "hydrogen_mass_u=null", "chains=2", "seed=9",
      ].map { try ConfigurationLayer(setting: $0) })
    var expected = SimulationSettings(time: 20, temperatures: [300, 400])
    (expected.equilibration, expected.hydrogenMass, expected.chains) = (1, nil, 2)
    expected.seed = 9
    #expect(settings == expected)
  }
}
