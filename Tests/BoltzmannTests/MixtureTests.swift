import Flow
import Foundation
import Kernels
import Runs
import RunsTestSupport
import TensorFiles
import TestSupport
import Testing
import Trajectories

@testable import Boltzmann

@Suite struct MixtureTests {
  private let molecule: MolecularSystem
  private let context = CapturedLog().context()

  init() throws { molecule = try system("AL3") }

  /// Flows that differ a little.
  private func flows(_ count: Int) throws -> [TrainedModel] {
    let model = try untrainedModel(periodic: true)
    return (0..<count).map { number in
      var generator = RandomGenerator(seed: 8, stream: .testing, index: number)
      return TrainedModel(
        flow: model.flow, weights: model.weights.map { $0 + 0.004 * Float(generator.normal()) },
        representation: model.representation)
    }
  }

  private func draw(
    _ model: TrainedModel, _ count: Int, from first: Int = 0, priorScale: Double = 1.01
  ) throws -> Proposals {
    var options = SamplingOptions()
    (options.count, options.priorScale) = (count, priorScale)
    return try model.drawProposals(options, seed: 3, from: first, context: context)
  }

  @Test(.enabled(if: MatrixUnit.best(for: .bf16) != nil))
  func `the precision auto is fp32 for a mixture`() throws {
    let model = TrainedModel(mixing: try flows(2))
    var options = SamplingOptions()
    options.count = 4
    let single = try model.drawProposals(options, seed: 3, context: context)
    options.precision = .auto
    let auto = try model.drawProposals(options, seed: 3, context: context)
    #expect(auto.conformations == single.conformations)
    // Some may be no number.
    #expect(auto.logDensities.map(\.bitPattern) == single.logDensities.map(\.bitPattern))
  }

  @Test func `the mean of densities counts what is none as zero`() {
    let found = logMeanDensities([[0, 1, -.infinity, .nan], [log(3), .nan, 2, .nan]])
    expectClose(Array(found[..<3]), [log(2), 1 - log(2), 2 - log(2)], relative: 1e-15)
    #expect(found[3].isNaN)
    let one = [0.1, -.infinity]
    #expect(logMeanDensities([one]) == one && logMeanDensities([]).isEmpty)
  }

  @Test func `conformations are drawn in turn, with the mean of the flows' densities`() throws {
    let flows = try flows(3)
    let model = TrainedModel(mixing: flows)
    #expect(model.isMixture && model.members.map(\.weights) == flows.map(\.weights))
    for priorScale in [1, 1.01] {
      let drawn = try draw(model, 14, priorScale: priorScale)
      var options = SamplingOptions()
      options.priorScale = priorScale
      func densities(_ model: TrainedModel) -> [Double] {
        model.logDensities(
          of: drawn.conformations, labels: nil, options, seed: 1, execution: .serial)
      }
      let each = flows.map(densities)
      let known = drawn.isSupported.indices.filter { drawn.isSupported[$0] }
      #expect(known.count > 10)
      for frame in known {
        let expected = log(each.map { exp($0[frame] - each[0][frame]) }.reduce(0, +) / 3)
        // The file's rounding of coordinates moves a density by some 1e-3.
        let found = drawn.logDensities[frame] - each[0][frame]
        #expect(abs(found - expected) < 0.01, "\(found), \(expected)")
      }
      #expect(densities(model) == logMeanDensities(each))
    }
    // A flow's own part: its numbers are not those of the flow alone.
    let alone = try draw(TrainedModel(mixing: [flows[1]]), 14)
    #expect(try alone.logDensities == draw(flows[1], 14).logDensities)
    let mixed = try draw(model, 14)
    #expect(alone.conformations.coordinates[..<99] != mixed.conformations.coordinates[99..<198])
  }

  @Test func `a draw may begin anywhere and be divided`() throws {
    let model = TrainedModel(mixing: try flows(3))
    let whole = try draw(model, 11)
    for range in [0..<1, 1..<2, 2..<8, 7..<11, 3..<5] {
      let part = try draw(model, range.count, from: range.lowerBound)
      #expect(part.logDensities == Array(whole.logDensities[range]))
      #expect(
        part.conformations.coordinates
          == Array(whole.conformations.coordinates[range.lowerBound * 99..<range.upperBound * 99]))
    }
    let observed = try model.observeProposals(
      {
        var options = SamplingOptions(); options.count = 11; return options
      }(), of: molecule,
      seed: 3, clip: 0, blocksOf: 4, context: context)
    #expect(observed.weights.values.count == 11)
  }

  /// `⟨q_k/q⟩ = 1` for every part of q, with the variance of a bounded ratio.
  @Test func `the weights of a part of the mixture have the mean 1`() throws {
    let flows = try flows(2)
    let drawn = try draw(TrainedModel(mixing: flows), 1500, priorScale: 1)
    var options = SamplingOptions()
    options.priorScale = 1
    for flow in flows {
      let densities = flow.logDensities(
        of: drawn.conformations, labels: nil, options, seed: 1, execution: .serial)
      let ratios = drawn.logDensities.indices.filter { drawn.isSupported[$0] }.map {
        densities[$0].isFinite ? exp(densities[$0] - drawn.logDensities[$0]) : 0
      }
      let mean = ratios.reduce(0, +) / Double(ratios.count)
      let deviation =
        (ratios.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(ratios.count)).squareRoot()
      #expect(deviation > 0.05 && ratios.allSatisfy { $0 < 2.03 }, "\(deviation)")
      #expect(
        abs(mean - 1) < 4 * deviation / Double(ratios.count).squareRoot(), "\(mean), \(deviation)")
    }
  }

  @Test func `of a long reference only the frames that are compared get a density`() throws {
    let (model, frames) = (TrainedModel(mixing: try flows(2)), try alanineFrames(0..<40))
    func densities(_ count: Int) -> [Double] {
      model.referenceDensities(
        frames, comparing: count, of: molecule, SamplingOptions(), seed: 1, execution: .serial)
    }
    let all = densities(40)
    #expect(all == densities(100) && all.allSatisfy(\.isFinite))
    let few = densities(10)
    let known = few.indices.filter { few[$0].isFinite }
    #expect(known.count == 10 && known.allSatisfy { few[$0] == all[$0] } && few.count == 40)
  }

  /// A chain that gets its proposals from one flow alone, but their weights from all, would have
  /// another distribution.
  @Test func `for jumps each flow is drawn at random, whatever the number of chains`() throws {
    let flows = try flows(2)
    let model = TrainedModel(mixing: flows)
    func draw(_ count: Int, from first: Int) -> DrawnConformations {
      model.drawConformations(
        count, from: first, seed: 3, stream: .jumpProposals, choosing: .atRandom, priorScale: 1,
        execution: .serial)
    }
    let whole = draw(120, from: 0)
    let part = draw(7, from: 31)
    #expect(part.coordinates == Array(whole.coordinates[31 * 99..<38 * 99]))
    #expect(part.logDensities == Array(whole.logDensities[31..<38]))
    // Which flow it was: its own draw of the same step and index.
    let first = flows[0].flow.sample(
      Array(0..<120), seed: 3, stream: .jumpProposals, step: 1, weights: flows[0].weights)
    let coordinates = flows[0].representation.coordinates(from: first.x, execution: .serial)
      .coordinates
    let isFirst = (0..<120).map { frame in
      whole.coordinates[frame * 99..<(frame + 1) * 99]
        .elementsEqual(coordinates[frame * 99..<(frame + 1) * 99])
    }
    for chain in 0..<2 {
      let share = stride(from: chain, to: 120, by: 2).count { isFirst[$0] }
      // Of 60, half of them with a standard deviation of 3.9.
      #expect((15...45).contains(share), "\(share)")
    }
  }

  private func write(
    _ model: TrainedModel, path: String, target: (inout [String: String]) -> Void = { _ in }
  ) throws {
    var notes = try ModelTarget(of: molecule).notes
    target(&notes)
    let state = TrainingState(model.flow, seed: 1, weights: model.weights)
    try Checkpoint(
      flow: model.flow.configuration, state: state,
      notes: try TrainedModel.checkpointNotes(model.representation).merging(notes) { $1 }
    ).writeModel(path: path)
  }

  @Test func `a mixture is read from its file as it was put together`() throws {
    try withTemporaryFolder { folder in
      let flows = try flows(3)
      let paths = flows.indices.map { "\(folder)/\($0).safetensors" }
      for (flow, path) in zip(flows, paths) { try write(flow, path: path) }
      let (pair, all) = ("\(folder)/pair.safetensors", "\(folder)/all.safetensors")
      func mix(_ paths: [String], to output: String) throws -> Int {
        try mixModels(paths.map { .file($0) }, of: molecule, to: output)
      }
      #expect(try mix([paths[0], paths[1]], to: pair) == 2)
      // A mixture counts as its flows.
      #expect(try mix([pair, paths[2]], to: all) == 3)
      let read = try TrainedModel(path: all, for: molecule, context: context)
      #expect(read.members.map(\.weights) == flows.map(\.weights))
      #expect(read.members.map(\.representation) == flows.map(\.representation))
      #expect(
        try draw(read, 5).logDensities == draw(TrainedModel(mixing: flows), 5).logDensities)
      #expect(throws: SafetensorsError.self) { try TrainedFlow(path: all) }
      // The file itself says whose energy it is for.
      let notes = try Safetensors.metadata(path: all)
      #expect(try ModelTarget(of: molecule).notes.allSatisfy { notes[$0] == $1 })
      #expect(throws: RunError.self) { try mix([paths[0], paths[0]], to: pair) }
      try write(flows[1], path: paths[1]) { $0["temperature_K"] = "300.0" }
      let error = #expect(throws: RunError.self) { try mix([paths[0], paths[1]], to: pair) }
      #expect(
        error?.description.contains("its temperature_K is 300.0, the system's is 310.0") == true)
    }
  }

  @Test(arguments: [
    ("mixture", "1", "the metadata 'mixture' is 1, expected 2 to 64"),
    ("mixture", "3", "the metadata 'flow' is missing"),
    ("flow2.version", "7", "format version 7"),
  ])
  func `a damaged mixture is refused`(key: String, value: String, problem: String) throws {
    try withTemporaryFolder { folder in
      let paths = (0..<2).map { "\(folder)/\($0).safetensors" }
      for (flow, path) in zip(try flows(2), paths) { try write(flow, path: path) }
      let output = "\(folder)/mixture.safetensors"
      _ = try TrainedFlow.writeMixture(of: paths, notes: [:], to: output)
      var file = try Safetensors(path: output)
      file.metadata[key] = value
      try file.write(path: output)
      let error = #expect(throws: SafetensorsError.self) { try TrainedModel(path: output) }
      #expect(error?.description.contains(problem) == true, "\(error?.description ?? "")")
      file = try Safetensors(path: output)
      file.metadata[key] = key == "mixture" ? "2" : "1"
      file.tensors["flow3.stray"] = StoredTensor(shape: [1], values: [0])
      try file.write(path: output)
      #expect(throws: SafetensorsError.self) { try TrainedModel(path: output) }
    }
  }

  @Test func `what needs one flow takes the first of a mixture, and says so`() throws {
    try withTemporaryFolder { folder in
      let (flows, log) = (try flows(2), CapturedLog())
      let model = TrainedModel(mixing: flows)
      var options = SamplingOptions()
      options.count = 4
      var settings = AnnealingSettings()
      (settings.keptShare, settings.equalSteps, settings.moves) = (nil, 2, 1)
      for name in ["mixture", "first"] {
        try FileManager.default.createDirectory(
          atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
      }
      func anneal(_ model: TrainedModel, to path: String) throws -> Data {
        let files = try model.drawAnnealed(
          options, settings, seed: 1, first: 0, of: molecule, clip: 0, to: "\(folder)/\(path)",
          context: log.context())
        return try Data(contentsOf: URL(fileURLWithPath: files[1]))
      }
      #expect(try anneal(model, to: "mixture") == anneal(flows[0], to: "first"))
      #expect(
        log.messages.filter {
          $0.hasSuffix("a mixture of 2 flows: what is annealed is drawn from the first")
        }.count == 1)
    }
  }
}
