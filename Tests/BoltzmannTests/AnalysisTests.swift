import Evaluation
import Foundation
import Kernels
import Molecules
import Runs
import RunsTestSupport
import TestSupport
import Testing
import Trajectories

@testable import Boltzmann

/// Frames of AL3's reference as proposals of a flow: equal weights if the log-densities are −u.
private func samples(
  _ frames: Range<Int>, in folder: URL, logDensity: (Int, Double) -> Double = { -$1 }
) throws -> AnalysisSource {
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  let (molecule, trajectory) = (try system("AL3"), try alanineFrames(frames))
  let energies = molecule.reducedEnergies(trajectory.coordinates, execution: .serial)
  let weighted = try WeightedProposals(
    Proposals(
      conformations: trajectory,
      logDensities: energies.enumerated().map { logDensity($0.offset, $0.element) },
      isSupported: [Bool](repeating: true, count: frames.count)),
    of: molecule, clip: 0.1, execution: .serial)
  try weighted.write(
    samples: "\(folder.path)/samples.nc", weights: "\(folder.path)/weights.csv", system: molecule,
    context: CapturedLog().context())
  return try AnalysisSource(path: folder.path)
}

@Suite struct AnalysisTests {
  private let context = CapturedLog().context()
  private let temporary: TemporaryFolder
  private var folder: URL { temporary.url }

  init() throws { temporary = try TemporaryFolder() }

  private func request(_ sources: AnalysisSource...) throws -> AnalysisRequest {
    AnalysisRequest(sources, of: try system("AL3"))
  }

  private func trajectory(_ frames: Range<Int>) throws -> AnalysisSource {
    let path = folder.appending(path: "frames.nc").path
    try writeAmberTrajectory(try alanineFrames(frames), path: path)
    return try AnalysisSource(path: path)
  }

  @Test func `proposals of equal weights and a trajectory of the same frames agree`() throws {
    var request = try request(try samples(0..<400, in: folder.appending(path: "a")))
    (request.reference, request.pairs) = (
      try trajectory(0..<400), [("PPII ALA2", "beta ALA2")]
    )
    let result = try request.result(context: context)
    #expect(result.sample.kind == .proposals && result.reference?.kind == .chains)
    #expect(result.sample.rows == 400 && result.reference?.rows == 400)
    expectClose([result.sample.effectiveSamples ?? 0], [400], relative: 1e-6)
    for state in result.states {
      let population = state.population
      expectClose([population.value], [population.reference ?? -1], absolute: 1e-6, state.name)
      expectClose([population.difference ?? 0], [0], absolute: 1e-3, state.name)
      // The states of one residue move together, with binomial errors.
      let p = population.value
      expectClose(
        [population.error], [(p * (1 - p) / 400).squareRoot()], relative: 0.25, state.name)
    }
    let cis = try #require(result.states.first { $0.name == "cis ALA1-ALA2" })
    #expect(cis.population.value == 0 && cis.freeEnergy == nil)
    expectClose([cis.upperBound ?? 0], [-log(0.05) / 400], relative: 1e-6)
    // Both never see it: neither is known to be zero.
    let referenceBound = try #require(cis.referenceUpperBound)
    #expect(referenceBound > 0.99 * -log(0.05) / 400 && referenceBound < 0.1)
    #expect(cis.population.difference == nil)
    let (beta, ppii) = (try population("beta ALA2", result), try population("PPII ALA2", result))
    let pair = try #require(result.pairs.first?.freeEnergy)
    expectClose([pair.value], [-log(beta / ppii)], relative: 1e-9)
    expectClose([pair.difference ?? 1], [0], absolute: 1e-6)
    #expect(result.observables.map(\.name) == ["energy", "rg", "end_to_end"])
    #expect(result.remarks.contains { $0.contains("look independent") })
    #expect(result.table.contains("400 proposals, worth 400"))
    #expect(result.table.contains("400 frames of 1 chain"))
    #expect(result.table.contains("< 0.749"))
  }

  private func population(_ name: String, _ result: AnalysisResult) throws -> Double {
    try #require(result.states.first { $0.name == name }).population.value
  }

  @Test func `a shuffled file that names its chains has the errors of its chains`() throws {
    let path = folder.appending(path: "chains.nc").path
    let (frames, chains) = (try alanineFrames(0..<240), 6)
    // Each chain stays where a sixth of the frames in the order of φ lies.
    let angles = Backbone(try system("AL3").topology).angles(
      of: frames.coordinates, atoms: 33, execution: .serial)
    let ordered = (0..<240).sorted { angles[4 * $0] < angles[4 * $1] }
    var generator = RandomGenerator(seed: 3, stream: .shuffling)
    let order = (0..<240).shuffled(using: &generator)
    let shuffled = frames.selected(order.map { ordered[$0] })
    let mixed = Trajectory(
      atoms: 33, coordinates: shuffled.coordinates, times: order.map { Double($0 % 40) },
      chains: order.map { $0 / 40 })
    try writeAmberTrajectory(mixed, path: path)
    let read = try readConformations(path, of: try system("AL3"), log: CapturedLog().log)
    #expect(read.chains == mixed.chains)
    #expect(read.framesByChain?.count == chains)
    let restored = try #require(read.framesByChain).joined().map { order[$0] }
    #expect(restored == Array(0..<240))
    let grouped = try request(try AnalysisSource(path: path)).result(context: context)
    #expect(grouped.sample.groups == chains && grouped.sample.rows == 240)
    try writeAmberTrajectory(
      Trajectory(atoms: 33, coordinates: mixed.coordinates), path: path)
    let plain = try request(try AnalysisSource(path: path)).result(context: context)
    #expect(plain.sample.groups == 1)
    func error(_ result: AnalysisResult) throws -> Double {
      try #require(result.states.first { $0.name == "beta ALA2" }).population.error
    }
    let (own, asOne) = (try error(grouped), try error(plain))
    #expect(own > 3 * asOne)
    expectClose(
      [try population("beta ALA2", grouped)], [try population("beta ALA2", plain)],
      absolute: 1e-12)
  }

  @Test func `a state that the reference never visits has a bound there and no σ`() throws {
    let angles = Backbone(try system("AL3").topology).angles(
      of: try alanineFrames(0..<300).coordinates, atoms: 33, execution: .serial)
    let others = (0..<300).filter { angles[4 * $0] < 0 }
    #expect(others.count < 300)
    let path = folder.appending(path: "reference.nc").path
    try writeAmberTrajectory(try alanineFrames(0..<300).selected(others), path: path)
    var request = try request(try samples(0..<300, in: folder.appending(path: "a")))
    request.reference = try AnalysisSource(path: path)
    let result = try request.result(context: context)
    let left = try #require(result.states.first { $0.name == "left ALA2" })
    #expect(left.population.value > 0 && left.upperBound == nil)
    #expect(left.population.reference == 0 && left.population.difference == nil)
    let bound = try #require(left.referenceUpperBound)
    #expect(bound > 0.99 * -log(0.05) / Double(others.count) && bound < 0.2)
    let row = try #require(
      result.table.split(separator: "\n").first { $0.hasPrefix("left ALA2") })
    #expect(row.contains("< \(String(format: "%.3f", 100 * bound))") && row.hasSuffix("–"))
    let data = try JSONEncoder().encode(result)
    #expect(String(decoding: data, as: UTF8.self).contains("\"reference_population_below\":"))
  }

  @Test func `weights change the populations as they should`() throws {
    // Proposals with the weight 3 in every second row.
    let source = try samples(0..<300, in: folder.appending(path: "b")) { row, energy in
      row % 2 == 0 ? -energy : -energy - log(3)
    }
    let result = try request(source).result(context: context)
    let angles = Backbone(try system("AL3").topology).angles(
      of: try alanineFrames(0..<300).coordinates, atoms: 33, execution: .serial)
    let weights = (0..<300).map { $0 % 2 == 0 ? 1.0 : 3 }
    let left = (0..<300).reduce(0.0) { $0 + (angles[4 * $1] >= 0 ? weights[$1] : 0) } / 600
    expectClose([try population("left ALA2", result)], [left], absolute: 1e-6)
    expectClose([result.sample.effectiveSamples ?? 0], [600 * 600 / 1_500], relative: 1e-5)
    // log Z = log mean w = log 2.
    expectClose([result.sample.logNormalization?.value ?? 0], [log(2)], absolute: 1e-5)
  }

  @Test func `angles on both sides of 180 degrees differ by the shorter way`() throws {
    let molecule = try system("AL3")
    var definitions = try StateDefinitions(builtInFor: molecule.topology)
    let phi = try QuantityReader(molecule.topology).quantity("phi 2")
    (definitions.states, definitions.observables) = ([], [.init(name: "phi", quantity: phi)])
    // Equal weights, the angles 10 degrees about their mean.
    func averages(_ degrees: Double) -> SetAverages {
      SetAverages(
        paths: [], AveragedSample(proposals: [Double](repeating: 0, count: 200)), definitions,
        memberships: [],
        observables: [(0..<200).map { (degrees + ($0 % 2 == 0 ? 10 : -10)) * .pi / 180 }],
        energies: (0..<200).map(Double.init))
    }
    let result = try analysis(
      of: averages(179), beside: averages(-179), of: molecule, definitions, context: context)
    let mean = try #require(result.observables.last?.mean)
    let (difference, other) = (try #require(mean.difference), try #require(mean.referenceError))
    expectClose([mean.value, mean.reference ?? 0], [179, -179], absolute: 1e-9)
    let error = (mean.error * mean.error + other * other).squareRoot()
    expectClose([difference], [-2 / error], relative: 1e-9)
  }

  @Test func `another temperature weighs the proposals for it and leaves the reference out`() throws
  {
    var request = try request(try samples(0..<300, in: folder.appending(path: "a")))
    request.temperature = 312
    let result = try request.result(context: context)
    #expect(result.temperature == 312 && result.reference == nil)
    // The proposals' log q is −u at 310 K: log w = u (1 − 310/312).
    let energies = try system("AL3").reducedEnergies(
      try alanineFrames(0..<300).coordinates, execution: .serial)
    let least = try #require(energies.min())
    let weights = energies.map { exp(($0 - least) * (1 - 310 / 312)) }
    let mean =
      zip(weights, energies).reduce(0) { $0 + $1.0 * $1.1 } / weights.reduce(0, +) * 310 / 312
    expectClose([try #require(result.observables.first).mean.value], [mean], absolute: 1e-3)
  }

  @Test func `smoothed weights have the Pareto k and the warning of the weights before`() throws {
    // Weights of 1/p, a tail of the shape 1.
    let source = try samples(0..<300, in: folder.appending(path: "a")) { row, energy in
      -energy + log((Double(row) + 0.5) / 300)
    }
    var request = try request(source)
    let plain = try request.result(context: context)
    request.isSmoothed = true
    let smoothed = try request.result(context: context)
    #expect(smoothed.sample.effectiveSamples != plain.sample.effectiveSamples)
    #expect(try #require(plain.sample.paretoShape) > 0.7)
    #expect(smoothed.sample.paretoShape == plain.sample.paretoShape)
    for result in [plain, smoothed] {
      #expect(result.remarks.contains { $0.hasPrefix("Pareto k of the sample's weights is ") })
    }
  }

  @Test func `proposals are no frames of a simulation`() throws {
    let source = try samples(0..<60, in: folder.appending(path: "a"))
    let path = folder.appending(path: "a/samples.nc").path
    func problem(_ request: AnalysisRequest) -> String {
      let error = #expect(throws: RunError.self) { try request.result(context: context) }
      return error?.description ?? ""
    }
    let alone = problem(try request(try AnalysisSource(path: path)))
    #expect(alone.hasPrefix("\(path): holds proposals, which count by their weights"))
    #expect(alone.contains("--weights"))
    var compared = try request(source)
    compared.reference = try AnalysisSource(path: path)
    #expect(problem(compared) == alone)
  }

  @Test func `a simulation is of its own temperature, whatever its system's is`() throws {
    let log = CapturedLog()
    let molecule = try system("AL2")
    var settings = SimulationSettings(time: 0.1, temperatures: [310])
    (settings.chains, settings.saveEvery) = (2, 0.02)
    let record = try SimulationRecord(
      settings, system: molecule, start: try molecule.startPath(), context: log.context())
    let place = SimulationFolder(path: folder.appending(path: "md").path)
    try createFolder(place.path)
    try record.write(path: place.record)
    _ = try Simulation(record, system: molecule, context: log.context()).run(in: place)
    let source = try AnalysisSource(path: place.path)
    let own = try #require(try source.system())
    #expect(molecule.description.temperature == 300 && own.description.temperature == 310)
    for system in [own, molecule.at(temperature: 310)] {
      let result = try AnalysisRequest([source], of: system).result(context: context)
      #expect(result.temperature == 310 && result.sample.groups == 2)
    }
    let error = #expect(throws: RunError.self) {
      try AnalysisRequest([source], of: molecule).result(context: context)
    }
    #expect(error?.description.contains("is of a simulation at 310.0 K") == true)
  }

  @Test func `a simulation whose frames are gone says where they may be`() throws {
    let simulation = SimulationFolder(path: folder.path)
    do {
      _ = try simulation.framesSoFar()
      Issue.record("found frames in an empty folder")
    } catch { #expect("\(error)".contains("training.nc and reference.nc of the run")) }
    try Data().write(to: URL(fileURLWithPath: simulation.growingTrajectory))
    #expect(try simulation.framesSoFar() == simulation.growingTrajectory)
    try Data().write(to: URL(fileURLWithPath: simulation.trajectory))
    #expect(try simulation.framesSoFar() == simulation.trajectory)
  }

  @Test func `several runs are pooled, and mixtures of kinds are refused`() throws {
    let (a, b) = (
      try samples(0..<150, in: folder.appending(path: "a")),
      try samples(150..<300, in: folder.appending(path: "b"))
    )
    let both = try request(a, b).result(context: context)
    let whole = try request(
      try samples(0..<300, in: folder.appending(path: "c"))
    ).result(context: context)
    #expect(both.sample.groups == 2 && both.sample.rows == 300)
    for (found, expected) in zip(both.states, whole.states) {
      expectClose([found.population.value], [expected.population.value], absolute: 1e-9)
      #expect(found.population.error >= 0.8 * expected.population.error)
    }
    let frames = try trajectory(0..<50)
    #expect(throws: RunError.self) { try request(a, frames).result(context: context) }
    #expect(throws: RunError.self) {
      var request = try request(a)
      request.pairs = [("left ALA2", "lefd ALA2")]
      _ = try request.result(context: context)
    }
    let empty = folder.appending(path: "empty")
    try FileManager.default.createDirectory(at: empty, withIntermediateDirectories: true)
    #expect(throws: RunError.self) { try AnalysisSource(path: empty.path) }
  }

  @Test func `conformations that would count twice are refused`() throws {
    let a = try samples(0..<60, in: folder.appending(path: "a"))
    let b = try samples(40..<100, in: folder.appending(path: "b"))
    func problem(_ sources: AnalysisSource...) throws -> String {
      do {
        _ = try AnalysisRequest(sources, of: try system("AL3")).result(context: context)
        return ""
      } catch let error as RunError { return "\(error)" }
    }
    #expect(try problem(a, a).contains("is named twice"))
    let overlap = try problem(a, b)
    #expect(overlap.contains("b/samples.nc: holds 20 of the conformations of "))
    #expect(overlap.contains("another --seed"))
    let frames = folder.appending(path: "one.nc").path
    try writeAmberTrajectory(try alanineFrames(0..<50), path: frames)
    let found = try problem(try AnalysisSource(path: frames), try trajectory(30..<80))
    #expect(found.contains("frames.nc: holds 20 of the conformations of "))
    let base = try system("AL3")
    #expect(throws: RunError.self) {
      try TargetChange([a, a], from: base, to: base.at(temperature: 312))
    }
    let change = try TargetChange([a, b], from: base, to: base.at(temperature: 312))
    let tables = ["a", "b"].map { folder.appending(path: "\($0).csv").path }
    #expect(throws: RunError.self) { try change.result(weights: tables, context: context) }
    #expect(!tables.contains { FileManager.default.fileExists(atPath: $0) })
  }

  @Test func `surfaces add up to everything and are those of the states`() throws {
    var request = try request(try samples(0..<300, in: folder.appending(path: "a")))
    request.reference = try trajectory(0..<300)
    let surfaces = folder.appending(path: "surfaces").path
    // One of the backbone's planes, and one that is named twice, are there once.
    (request.surfacesFolder, request.surfaces) = (
      surfaces, ["rg", "distance 1:CA 3:CA, phi 2", "phi 2", "rg"]
    )
    let result = try request.result(context: context)
    let paths = try request.surfacePaths()
    #expect(
      paths.map { URL(fileURLWithPath: $0).lastPathComponent } == [
        "psi_1.csv", "phi_2.csv", "psi_2.csv", "phi_2-psi_2.csv", "phi_3.csv", "rg.csv",
        "distance_1_CA_3_CA-phi_2.csv",
      ])
    func rows(_ path: String) throws -> [[Double?]] {
      try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").dropFirst().map {
        $0.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
      }
    }
    let phi = try rows(paths[1])
    #expect(phi.count == 36 && phi[0].count == 11)
    expectClose([phi.reduce(0) { $0 + ($1[2] ?? 0) }], [1], absolute: 1e-9)
    let left = phi.filter { ($0[0] ?? -1) >= 0 }.reduce(0) { $0 + ($1[2] ?? 0) }
    expectClose([left], [try population("left ALA2", result)], absolute: 1e-6)
    for row in phi {
      guard let p = row[2], p > 0 else {
        #expect(row[4] == nil && row[10] == nil)
        continue
      }
      let largest = phi.compactMap { $0[2] }.max() ?? 0
      expectClose([row[4] ?? -1], [-log(p / largest)], absolute: 1e-9)
      expectClose([row[5] ?? -1], [(row[3] ?? 0) / p], relative: 1e-9)
    }
    #expect(phi.compactMap { $0[4] }.min() == 0)
    let plane = try rows(paths[3])
    #expect(plane.count == 36 * 36 && plane[0].count == 13)
    expectClose([plane.reduce(0) { $0 + ($1[4] ?? 0) }], [1], absolute: 1e-9)
    #expect(throws: RunError.self) {
      try SurfaceAxes("phi 2, psi 2, rg", topology: try system("AL3").topology)
    }
    #expect(throws: RunError.self) {
      try SurfaceAxes("phi 1", topology: try system("AL3").topology)
    }
  }
}
