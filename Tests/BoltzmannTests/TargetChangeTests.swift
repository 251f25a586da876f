import Evaluation
import Flow
import Foundation
import Kernels
import Molecules
import Runs
import RunsTestSupport
import TestSupport
import Testing
import Trajectories

@testable import Boltzmann

@Suite struct TargetChangeTests {
  private let context = CapturedLog().context()
  private let temporary: TemporaryFolder
  private var folder: URL { temporary.url }

  init() throws { temporary = try TemporaryFolder() }

  /// Frames of AL3 as proposals drawn from its own distribution, `log q = −u − log Z` with Z = 1.
  private func proposals(_ count: Int, ancestors: [Int]? = nil) throws -> AnalysisSource {
    let (molecule, trajectory) = (try system("AL3"), try alanineFrames(0..<count))
    let energies = molecule.reducedEnergies(trajectory.coordinates, execution: .serial)
    let weighted = try WeightedProposals(
      Proposals(
        conformations: trajectory, logDensities: energies.map { -$0 },
        isSupported: [Bool](repeating: true, count: count), ancestors: ancestors),
      of: molecule, clip: 0.1, execution: .serial)
    try weighted.write(
      samples: "\(folder.path)/samples.nc", weights: "\(folder.path)/weights.csv",
      system: molecule, context: context)
    return try AnalysisSource(path: folder.path)
  }

  /// AL3 with another solvent.
  private func changed(_ old: String, _ new: String) throws -> MolecularSystem {
    let other = folder.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: other, withIntermediateDirectories: true)
    for file in ["system.yaml", "topology.prmtop"] {
      try FileManager.default.copyItem(
        at: systemsFolder.appending(path: "AL3/\(file)"), to: other.appending(path: file))
    }
    let description = other.appending(path: "system.yaml")
    let text = try String(contentsOf: description, encoding: .utf8)
    #expect(text.contains(old))
    try Data(text.replacing(old, with: new).utf8).write(to: description)
    return try MolecularSystem(folder: other.path)
  }

  @Test func `another temperature gives exponential averages of the energies`() throws {
    let (base, count) = (try system("AL3"), 400)
    let source = try proposals(count)
    let target = base.at(temperature: 312)
    let change = try TargetChange([source], from: base, to: target)
    let table = source.table(for: target)
    #expect(table == "\(folder.path)/weights.AL3.312K.csv")
    let result = try change.result(weights: [table], context: context)
    let energies = base.reducedEnergies(
      try alanineFrames(0..<count).coordinates, execution: .serial)
    // u' − u = u (310/312 − 1); of the base, all weights are 1.
    let work = energies.map { $0 * (310 / 312 - 1) }
    let least = work.min() ?? 0
    let mean = work.reduce(0) { $0 + exp(least - $1) } / Double(count)
    expectClose([result.exponential.value], [least - log(mean)], absolute: 1e-4)
    expectClose([result.before.effectiveSamples], [Double(count)], relative: 1e-6)
    #expect(result.after.effectiveSamples < Double(count) && result.verdict == .roughly)
    #expect(result.acceptanceRatio == nil && result.multistate == nil)
    #expect(result.text.contains("roughly"))
    // The table is read as any other.
    let written = try String(contentsOfFile: table, encoding: .utf8)
    let rows = written.split(separator: "\n").dropFirst().map { $0.split(separator: ",") }
    #expect(rows.count == count)
    expectClose(
      rows.prefix(5).map { Double($0[3]) ?? 0 }, work.prefix(5).map { -$0 }, absolute: 1e-3)
  }

  @Test func `a run that is read with another energy has no reference`() throws {
    let (run, log) = (try RunFolder.create("\(folder.path)/run"), CapturedLog())
    let paths = ["train", "reference"].map { "\(folder.path)/\($0).nc" }
    for path in paths { try writeAmberTrajectory(try alanineFrames(0..<4), path: path) }
    let base = try system("AL3")
    let record = try MoleculeRecord(
      RunConfiguration(), system: base, training: paths[0], reference: paths[1], kernel: "K",
      context: context)
    func reference(_ system: MolecularSystem) throws -> String? {
      try AnalysisSource.run(run, record).using(system, log: log.log)
        .referencePath(of: system, log: log.log)
    }
    #expect(try reference(try changed("model: obc1 ", "model: obc1 ")) == paths[1])
    #expect(log.messages.isEmpty, "\(log.messages)")
    let other = try changed("model: obc1 ", "model: obc2 ")
    #expect(try reference(other) == nil)
    #expect(
      log.messages.last
        == "warning: \(paths[1]): is of the run's own energy, not of that of \(other.folder): the "
        + "results are without a reference")
  }

  @Test func `without overlap the verdict says so`() throws {
    let base = try system("AL3")
    let change = try TargetChange(
      [try proposals(300)], from: base, to: base.at(temperature: 900))
    let result = try change.result(
      weights: [folder.appending(path: "new.csv").path], context: context)
    #expect(result.verdict == .fails)
    #expect(result.text.contains("do not carry the target"))
  }

  @Test func `another molecule, the system itself and frames in place of proposals are refused`()
    throws
  {
    let (base, source) = (try system("AL3"), try proposals(30))
    func problem(_ sources: [AnalysisSource], _ target: MolecularSystem) -> String {
      do {
        _ = try TargetChange(sources, from: base, to: target)
        return ""
      } catch { return "\(error)" }
    }
    let other = problem([source], try system("AL2"))
    #expect(other.contains("is of another molecule than \(folder.path)"))
    #expect(other.contains("22 atoms, not 33"))
    #expect(problem([source], base).contains("is the system of"))
    let frames = try AnalysisSource(path: "\(folder.path)/samples.nc")
    #expect(problem([frames], base.at(temperature: 320)).contains("no proposals"))
    // Another order of the atoms is another molecule.
    var topology = base.topology
    topology.atomNames.swapAt(4, 5)
    let difference = moleculeDifference(topology, base.topology)
    #expect(difference?.hasPrefix("atom 5 is") == true)
    #expect(moleculeDifference(base.topology, base.topology) == nil)
  }

  @Test func `annealed proposals are weighed alone, and have neither BAR nor MBAR`() throws {
    let base = try system("AL3")
    let source = try proposals(60, ancestors: (0..<60).map { $0 / 2 })
    let target = base.at(temperature: 312)
    var change = try TargetChange([source], from: base, to: target)
    let table = folder.appending(path: "new.csv").path
    let result = try change.result(weights: [table], context: context)
    #expect(result.acceptanceRatio == nil && result.multistate == nil)
    // Of 30 families of two: (1/30 − 1/60)/(1 − 1/60).
    let variance = result.before.logNormalization.error * result.before.logNormalization.error
    expectClose([variance], [1 / 59.0], relative: 1e-3)
    expectClose([result.before.effectiveSamples], [30], relative: 1e-3)
    #expect(result.after.effectiveSamples < 30 && result.verdict == .fails)
    try FileManager.default.removeItem(atPath: table)
    change.targetFrames = try AnalysisSource(path: "\(folder.path)/samples.nc")
    do {
      _ = try change.result(weights: [table], context: context)
      Issue.record("annealed proposals got a BAR")
    } catch { #expect("\(error)".contains("BAR and MBAR have no density for")) }
    #expect(!FileManager.default.fileExists(atPath: table))
  }

  /// AL3 with an untrained flow in its folder, and that flow.
  private func modelled() throws -> (system: MolecularSystem, model: TrainedModel) {
    let (base, model) = (try changed("model: obc1 ", "model: obc1 "), try untrainedModel())
    let state = TrainingState(model.flow, seed: 1, weights: model.weights)
    try Checkpoint(
      flow: model.flow.configuration, state: state,
      notes: try TrainedModel.checkpointNotes(
        model.representation, target: try ModelTarget(of: base))
    ).writeModel(path: base.modelPath)
    return (base, model)
  }

  @Test func `several flows of Cartesian coordinates have no MBAR and leave no table`() throws {
    try loadBLAS()
    let base = try changed("model: obc1 ", "model: obc1 ")
    let representation = try Representation(
      .cartesian, order: .topology, topology: base.topology,
      coordinates: try alanineFrames(0..<50).coordinates, execution: .serial)
    var shape = FlowConfiguration(
      tokens: representation.tokens, features: representation.features)
    (shape.blocks, shape.layers, shape.width, shape.components) = (2, 1, 32, 3)
    let flow = try TarFlow(shape)
    let model = TrainedModel(
      flow: flow, weights: flow.layout.initialValues(seed: 3), representation: representation)
    try Checkpoint(
      flow: flow.configuration, state: TrainingState(flow, seed: 1, weights: model.weights),
      notes: try TrainedModel.checkpointNotes(representation, target: try ModelTarget(of: base))
    ).writeModel(path: base.modelPath)
    let sources = try [4, 5].map { try draw(8, from: model, of: base, seed: $0) }
    let change = try TargetChange(sources, from: base, to: base.at(temperature: 312))
    let tables = ["a", "b"].map { folder.appending(path: "\($0).csv").path }
    let error = #expect(throws: RunError.self) {
      try change.result(weights: tables, context: context)
    }
    #expect(
      error?.description.contains("is of a model of Cartesian coordinates, as another one") == true)
    #expect(!tables.contains { FileManager.default.fileExists(atPath: $0) })
    let alone = try TargetChange([sources[0]], from: base, to: base.at(temperature: 312))
    #expect(try alone.result(weights: [tables[0]], context: context).samples == 8)
  }

  /// Proposals of a flow in a folder of their own.
  private func draw(
    _ count: Int, from model: TrainedModel, of system: MolecularSystem, seed: UInt64
  ) throws -> AnalysisSource {
    let own = folder.appending(path: "seed\(seed)")
    try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
    var options = SamplingOptions()
    options.count = count
    _ = try model.draw(
      options, seed: seed, first: 0, of: system, clip: 0.1, to: own.path, context: context)
    return try AnalysisSource(path: own.path)
  }

  @Test func `frames of base and target bridge them by MBAR, whatever the flow`() throws {
    let (base, model) = try modelled()
    let target = try changed("solvent_dielectric: 78.5", "solvent_dielectric: 70.5")
    var change = try TargetChange(
      [try draw(60, from: model, of: base, seed: 3)], from: base, to: target)
    let frames = folder.appending(path: "frames.nc").path
    try writeAmberTrajectory(try alanineFrames(0..<200), path: frames)
    change.targetFrames = try AnalysisSource(path: frames)
    change.baseFrames = try AnalysisSource(path: frames)
    let result = try change.result(
      weights: [folder.appending(path: "new.csv").path], context: context)
    let counts = try #require(result.frames)
    #expect(counts.base > 20 && counts.target > 20)
    // Both hardly differ: ⟨u' − u⟩ lies close to their free energy.
    let coordinates = try alanineFrames(0..<200).coordinates
    let work = zip(
      target.reducedEnergies(coordinates, execution: .serial),
      base.reducedEnergies(coordinates, execution: .serial)
    ).map { $0 - $1 }
    let found = try #require(result.multistate)
    #expect(abs(found.value - work.reduce(0, +) / 200) < 0.05 + 3 * found.error)
    #expect(result.acceptanceRatio != nil)
  }

  @Test func `proposals of another flow than the system's have no BAR and leave no table`() throws {
    let (base, model) = try modelled()
    let other = TrainedModel(
      flow: model.flow, weights: model.weights.map { 1.01 * $0 },
      representation: model.representation)
    var change = try TargetChange(
      [try draw(80, from: other, of: base, seed: 4)], from: base, to: base.at(temperature: 312))
    let (frames, table) = ("\(folder.path)/frames.nc", "\(folder.path)/new.csv")
    try writeAmberTrajectory(try alanineFrames(0..<200), path: frames)
    change.targetFrames = try AnalysisSource(path: frames)
    let error = #expect(throws: RunError.self) {
      _ = try change.result(weights: [table], context: context)
    }
    #expect(
      error?.description.contains("was drawn from another model than \(base.modelPath), whose")
        == true)
    #expect(!FileManager.default.fileExists(atPath: table))
    change.targetFrames = nil
    _ = try change.result(weights: [table], context: context)
    #expect(FileManager.default.fileExists(atPath: table))
  }

  @Test func `of two runs of one flow MBAR is the average over both`() throws {
    let (base, model) = try modelled()
    let sources = try [4, 5].map { try draw(80, from: model, of: base, seed: $0) }
    let change = try TargetChange(sources, from: base, to: base.at(temperature: 312))
    let result = try change.result(
      weights: ["a", "b"].map { folder.appending(path: "\($0).csv").path }, context: context)
    #expect(result.samples == 160 && result.frames == .init(base: 0, target: 0))
    // Densities of proposals in a file are those of their rounded coordinates.
    let found = try #require(result.multistate)
    expectClose([found.value], [result.exponential.value], absolute: 0.1)
  }

  @Test func `a proposal outside the support of its flow is in no other ensemble`() throws {
    let (base, model) = try modelled()
    let count = 120
    let sources = try [4, 5].map { try draw(count, from: model, of: base, seed: $0) }
    let change = try TargetChange(sources, from: base, to: base.at(temperature: 312))
    var options = SamplingOptions()
    options.count = count
    let old = try [4, 5].map { (seed: UInt64) in
      let drawn = try model.drawProposals(options, seed: seed, context: context)
      #expect(drawn.isSupported.contains(false))
      return try WeightedProposals(drawn, of: base, clip: 0.1, execution: .serial)
    }
    let states = try Ensembles(change, old, old, context: context)
    for (own, other) in [(0, 1), (1, 0)] {
      let isSupported = old[own].proposals.isSupported
      for row in 0..<count {
        let place = count * own + row
        #expect(states.energies[own][place].isFinite)
        for ensemble in [other, 2, 3] where !isSupported[row] {
          #expect(states.energies[ensemble][place] == .infinity)
        }
      }
      #expect(
        states.energies[other][count * own..<count * own + count].contains { $0.isFinite })
    }
    #expect(states.multistate()?.value.isFinite == true)
  }
}
