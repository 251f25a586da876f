import Foundation
import Kernels
import Runs
import RunsTestSupport
import TensorFiles
import TestSupport
import Testing
import Trajectories

@testable import Boltzmann

@Suite struct PendingRunTests {
  @Test func `a run learns from the energy alone, without any trajectory`() throws {
    let molecule = try system("AL2")
    try withTemporaryFolder { path in
      var configuration = try resolveConfiguration(
        RunConfiguration(), layers: [try .fromEnergy(temperature: 300)])
      #expect(configuration.energies.startRatio == 4 && !configuration.energies.usesSamples)
      (configuration.flow.width, configuration.flow.components) = (32, 3)
      (configuration.training.batch, configuration.training.steps) = (16, 6)
      configuration.training.validateEvery = 6
      (configuration.energies.firstStep, configuration.energies.drawn) = (2, 32)
      configuration.energies.drawEvery = 2
      let pending = try PendingRun(
        learningFromEnergyOf: molecule, configuration: configuration, reference: nil)
      #expect(pending.simulation.temperatures == [1200])
      let run = try RunFolder.create(path)
      try pending.write(in: run)
      let begun = try BegunRun(run.path)
      #expect(try begun.simulation == pending.simulation)
      #expect(!begun.simulatesFrames(pending.simulation))
      let log = CapturedLog()
      let context = log.context(workers: 2)
      let record = try pending.simulate(in: run, kernel: try loadBLAS(), context: context)
      #expect(record.reference == nil)
      #expect(throws: RunError.self) { try record.referencePath(in: run) }
      let inputs = try TrainingInputs(record, context: context)
      #expect(inputs.training.frames == 8 * 800 && inputs.reference == nil)
      var training = try MoleculeTraining(inputs, context: context)
      let model = try training.run(in: run)
      #expect(log.messages.last?.hasPrefix("info: weights of step 6, ") == true)
      let proposals = try model.drawProposals(
        SamplingOptions(), seed: 1, context: context)
      #expect(proposals.isSupported.contains(true))
      // Two validations would have two rows: the last step's has no validation loss, but an ESS.
      let metrics = try String(contentsOfFile: run.metrics, encoding: .utf8)
      let fields = metrics.split(separator: "\n")[1].split(
        separator: ",", omittingEmptySubsequences: false)
      #expect(fields.count == 7 && fields[2].isEmpty && Double(fields[4]).map { $0 > 0 } == true)
      // A run of its energy it is, too, when its simulation is damaged or gone.
      try record.write(path: run.record)
      try PendingRun.finish(run)
      try Data("damaged".utf8).write(to: URL(fileURLWithPath: run.simulation.record))
      let damaged = try BegunRun(run.path)
      #expect(throws: (any Error).self) { try damaged.simulation }
      try FileManager.default.removeItem(atPath: run.simulation.path)
      #expect(try damaged.simulation == nil && !damaged.simulatesFrames(nil))
    }
  }

  /// Why a pending run cannot simulate.
  private func problem(of pending: PendingRun, in run: RunFolder) throws -> String {
    let error = #expect(throws: RunError.self) {
      _ = try pending.simulate(in: run, kernel: try loadBLAS(), context: CapturedLog().context())
    }
    return error?.description ?? ""
  }

  @Test func `the reference of a pending run is to stay what it was`() throws {
    let molecule = try system("AL2")
    try withTemporaryFolder { folder in
      let reference = "\(folder)/reference.nc"
      try Data("frames".utf8).write(to: URL(fileURLWithPath: reference))
      let configuration = try resolveConfiguration(
        RunConfiguration(), layers: [try .fromEnergy(temperature: 300)])
      let run = try RunFolder.create("\(folder)/run")
      try PendingRun(
        learningFromEnergyOf: molecule, configuration: configuration, reference: reference
      ).write(in: run)
      let pending = try #require(try PendingRun.read(in: run.path))
      try Data("others".utf8).write(to: URL(fileURLWithPath: reference))
      #expect(
        try problem(of: pending, in: run).contains(
          "reference.nc: has changed since the run began (6 bytes"))
      try FileManager.default.removeItem(atPath: reference)
      #expect(try problem(of: pending, in: run).contains("reference.nc: no such input file"))
      #expect(!FileManager.default.fileExists(atPath: run.simulation.path))
      #expect(throws: RunError.self) {
        try PendingRun(
          learningFromEnergyOf: molecule, configuration: configuration, reference: reference)
      }
    }
  }

  @Test func `the model that a pending run begins with is to stay what it was`() throws {
    let molecule = try system("AL2")
    try withTemporaryFolder { folder in
      let model = "\(folder)/model.safetensors"
      try Data("weights".utf8).write(to: URL(fileURLWithPath: model))
      let run = try RunFolder.create("\(folder)/run")
      try PendingRun(
        system: molecule, configuration: RunConfiguration(), time: 1, initial: model
      ).write(in: run)
      let file = try InputFile(path: model)
      let simulation = try BegunRun(run.path).simulation
      #expect(simulation?.time == 1)
      #expect(try BegunRun(run.path).simulatesFrames(simulation))
      #expect(try BegunRun(run.path).initial == file)
      let pending = try #require(try PendingRun.read(in: run.path))
      try Data("others".utf8).write(to: URL(fileURLWithPath: model))
      #expect(
        try problem(of: pending, in: run).contains(
          "model.safetensors: has changed since the run began (7 bytes"))
      try FileManager.default.removeItem(atPath: model)
      #expect(try problem(of: pending, in: run).contains("model.safetensors: no such input file"))
      // Gone, it is still the model that the run begins with.
      #expect(try BegunRun(run.path).initial == file)
      // A record of a program that wrote the path alone.
      let record = "\(run.path)/config.pending.yaml"
      let text = try String(contentsOfFile: record, encoding: .utf8)
      let start = try #require(text.range(of: "initial_file:"))
      try Data("\(text[..<start.lowerBound])initial: \(model)\n".utf8)
        .write(to: URL(fileURLWithPath: record))
      #expect(throws: RunError.self) { try BegunRun(run.path) }
      try Data("weights".utf8).write(to: URL(fileURLWithPath: model))
      #expect(try BegunRun(run.path).initial == file)
    }
  }

  @Test func `a single frame of each chain is too few to hold some out`() throws {
    let (molecule, configuration) = (try system("AL2"), RunConfiguration())
    let error = #expect(throws: RunError.self) {
      try PendingRun(system: molecule, configuration: configuration, time: 0.2)
    }
    #expect(error?.description.contains("at least 0.4 ps: some frames are held") == true)
    let pending = try PendingRun(system: molecule, configuration: configuration, time: 0.4)
    #expect(pending.simulation.frames == 16)
  }

  @Test func `simulated frames become a run's training and reference`() throws {
    let molecule = try system("AL2")
    try withTemporaryFolder { path in
      var configuration = RunConfiguration()
      configuration.seed = 5
      let pending = try PendingRun(system: molecule, configuration: configuration, time: 1)
      #expect(pending.simulation.seed == 5 && pending.simulation.saveEvery == 0.2)
      #expect(pending.simulation.temperatures[0] == 300 && pending.simulation.chains == 8)
      let run = try RunFolder.create(path)
      #expect(try PendingRun.read(in: path) == nil)
      try pending.write(in: run)
      let read = try #require(try PendingRun.read(in: path))
      #expect(read.system == pending.system && read.configuration == pending.configuration)
      // Numbers are written with 15 digits.
      expectClose(
        read.simulation.temperatures, pending.simulation.temperatures, relative: 5e-15)
      let log = CapturedLog()
      let record = try pending.simulate(
        in: run, kernel: try loadBLAS(), context: log.context(workers: 2))
      #expect(record.training.path == absolutePath(run.simulatedTraining))
      #expect(record.configuration == configuration)
      // Five rounds of eight chains, the last held out.
      let training = try readFrames(run.simulatedTraining, of: molecule, log: log.log)
      let reference = try readFrames(run.ownReference, of: molecule, log: log.log)
      #expect(training.frames == 32 && reference.frames == 8)
      let whole = try readFrames(run.simulation.trajectory, of: molecule, log: log.log)
      #expect(training.coordinates == Array(whole.coordinates.prefix(32 * 66)))
      let last = Set((32..<40).map { Array(whole.coordinates[$0 * 66..<($0 + 1) * 66]) })
      #expect(Set((0..<8).map { Array(reference.coordinates[$0 * 66..<($0 + 1) * 66]) }) == last)
      #expect(try frameChains(path: run.simulatedTraining) == (0..<32).map { $0 % 8 })
      #expect(try #require(try frameChains(path: run.ownReference)).sorted() == Array(0..<8))
      try PendingRun.finish(run)
      #expect(try PendingRun.read(in: path) == nil)
      #expect(!run.simulation.isComplete)
      let listed = ChecksumList.files(in: run.simulation.path).map(\.name)
      #expect(listed == ["summary.json", "energies.csv"])
    }
  }

  @Test(arguments: [(8, 10_008), (8, 16_000), (8, 80_000), (7, 16_002), (12, 20_004)])
  func `every chain has its share of a reference that is thinned out`(chains: Int, count: Int) {
    let held = 4 * count..<5 * count
    let frames = PendingRun.reference(among: held, chains: chains, seed: 1)
    #expect(Set(frames).count == 10_000 && frames.allSatisfy(held.contains))
    let ofChain = Dictionary(grouping: frames) { $0 % chains }
    let (share, shares) = (10_000 / Double(chains), ofChain.mapValues(\.count))
    #expect(
      shares.count == chains && shares.values.allSatisfy { abs(Double($0) - share) < 1 },
      "\(shares)")
    // Even over time, too: no gap is longer than the stride.
    let longest = (count + 9_999) / 10_000 * chains
    for frames in ofChain.values.map({ $0.sorted() }) {
      #expect(zip(frames, frames.dropFirst()).allSatisfy { $1 - $0 <= longest })
    }
  }

  @Test(arguments: [8, 10_000])
  func `few frames that are held out are all of a reference`(count: Int) {
    var generator = RandomGenerator(seed: 1, stream: .shuffling)
    #expect(
      PendingRun.reference(among: 32..<32 + count, chains: 8, seed: 1)
        == (32..<32 + count).shuffled(using: &generator))
  }

  @Test func `frames of every rung are divided like those of the first`() throws {
    let molecule = try system("AL2")
    try withTemporaryFolder { path in
      var configuration = RunConfiguration()
      configuration.framesOfEveryRung = true
      let pending = try PendingRun(system: molecule, configuration: configuration, time: 1)
      let temperatures = pending.simulation.temperatures
      #expect(pending.simulation.keptRungs == 0..<temperatures.count && temperatures.count > 2)
      let run = try RunFolder.create(path)
      try pending.write(in: run)
      let log = CapturedLog()
      let record = try pending.simulate(
        in: run, kernel: try loadBLAS(), context: log.context(workers: 2))
      let hotter = try #require(record.hotter)
      #expect(hotter.map(\.name) == (2...temperatures.count).map { "training.rung\($0).nc" })
      for rung in 1..<temperatures.count {
        let frames = try readFrames(hotter[rung - 1].path, of: molecule, log: log.log)
        let whole = try readFrames(
          run.simulation.trajectory(rung: rung), of: molecule, log: log.log)
        #expect(frames.frames == 32)
        #expect(frames.coordinates == Array(whole.coordinates.prefix(32 * 66)))
        expectClose(
          try readAmberTemperatures(path: hotter[rung - 1].path), [temperatures[rung]],
          relative: 1e-12)
      }
      #expect(try frameChains(path: hotter[0].path) == (0..<32).map { $0 % 8 })
      try PendingRun.finish(run)
      let left = try FileManager.default.contentsOfDirectory(atPath: run.simulation.path)
      #expect(!left.contains { $0.hasPrefix("trajectory") })
      let listed = ChecksumList.files(in: run.simulation.path).map(\.name)
      #expect(!listed.contains { $0.hasPrefix("trajectory") })
    }
  }
}
