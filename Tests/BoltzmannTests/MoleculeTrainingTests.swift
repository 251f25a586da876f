import Boltzmann
import Flow
import Foundation
import Kernels
import Molecules
import Runs
import RunsTestSupport
import TensorFiles
import TestSupport
import Testing
import Trajectories

@Suite struct MoleculeTrainingTests {
  private let molecule: MolecularSystem
  private let kernel: String

  init() throws {
    molecule = try system("AL3")
    kernel = try loadBLAS()
  }

  private var configuration: RunConfiguration {
    var configuration = RunConfiguration()
    configuration.flow.width = 32
    configuration.flow.layers = 1
    configuration.flow.components = 3
    configuration.training.steps = 4
    configuration.training.batch = 16
    configuration.training.validateEvery = 2
    configuration.training.precision = .fp32
    return configuration
  }

  /// The record of a training on 40 frames, validated on 20.
  private func record(_ configuration: RunConfiguration, in folder: String) throws -> MoleculeRecord
  {
    let paths = ["train", "reference"].map { "\(folder)/\($0).nc" }
    try writeAmberTrajectory(try alanineFrames(0..<40), path: paths[0])
    try writeAmberTrajectory(try alanineFrames(40..<60), path: paths[1])
    return try MoleculeRecord(
      configuration, system: molecule, training: paths[0], reference: paths[1], kernel: kernel,
      context: CapturedLog().context())
  }

  @Test(arguments: Representation.Kind.allCases)
  func `a training leaves the model that it returns`(kind: Representation.Kind) throws {
    try withTemporaryFolder { path in
      var configuration = configuration
      configuration.representation = kind
      let log = CapturedLog()
      let inputs = try TrainingInputs(
        try record(configuration, in: path), context: log.context())
      #expect(inputs.training.frames == 40 && inputs.reference?.frames == 20)
      var training = try MoleculeTraining(inputs, context: log.context())
      let folder = try RunFolder.create("\(path)/run")
      let model = try training.run(in: folder)
      let read = try TrainedModel(path: folder.model)
      #expect(read.weights == model.weights && read.representation == model.representation)
      #expect(read.flow.configuration == model.flow.configuration)
      #expect(model.representation.kind == kind && model.representation.atoms == 33)
      #expect(log.messages.last?.hasPrefix("info: best validation NLL ") == true)
      #expect(
        log.messages.last?.hasSuffix(", \(model.flow.layout.count) parameters") == true)
    }
  }

  @Test func `proposals that no memory holds are refused before the training`() throws {
    try withTemporaryFolder { path in
      var configuration = configuration
      (configuration.energies.proposals, configuration.energies.drawn) = (1, 1 << 50)
      let context = CapturedLog().context()
      let inputs = try TrainingInputs(try record(configuration, in: path), context: context)
      let refused = #expect(throws: RunError.self) {
        try MoleculeTraining(inputs, context: context)
      }
      #expect(refused?.description.hasSuffix("; set energies.drawn lower") == true)
    }
  }

  /// The frames of hotter rungs beside the training trajectory, with the temperatures that they
  /// state.
  private func writeRungs(_ temperatures: [Double], frames: Int = 40, in folder: String) throws {
    for (index, temperature) in temperatures.enumerated() {
      let path = "\(folder)/train.rung\(index + 2).nc"
      let hot = try GrowingTrajectory(
        creating: path, atoms: 33, hasTemperatures: true, programVersion: "1", title: "AL3")
      try hot.append(
        alanineFrames(60..<60 + frames).coordinates, times: (0..<frames).map(Double.init),
        chains: [Int32](repeating: 0, count: frames),
        temperatures: [Double](repeating: temperature, count: frames))
      try hot.flush()
    }
  }

  @Test func `hotter rungs are learned as classes, and the model is that of the first`() throws {
    try withTemporaryFolder { path in
      var configuration = configuration
      configuration.framesOfEveryRung = true
      configuration.energies.firstStep = 2
      configuration.energies.leastSize = 0
      configuration.energies.drawn = 16
      let missing = #expect(throws: RunError.self) { try self.record(configuration, in: path) }
      #expect(missing?.description.contains("\(path)/train.rung2.nc") == true)
      try writeRungs([311, 312], in: path)
      let record = try self.record(configuration, in: path)
      #expect(record.hotter?.map(\.name) == ["train.rung2.nc", "train.rung3.nc"])
      try record.write(path: "\(path)/record.yaml")
      #expect(try MoleculeRecord.read(path: "\(path)/record.yaml") == record)
      let text = try String(contentsOfFile: "\(path)/record.yaml", encoding: .utf8)
      try text.replacingOccurrences(of: "every_rung: true", with: "every_rung: false")
        .write(toFile: "\(path)/other.yaml", atomically: true, encoding: .utf8)
      let edited = try TrainingInputs(
        try MoleculeRecord.read(path: "\(path)/other.yaml"), context: context)
      let refused = #expect(throws: RunError.self) {
        try MoleculeTraining(edited, context: context)
      }
      #expect(refused?.description.contains("is false, but the record names tra") == true)
      let log = CapturedLog()
      let inputs = try TrainingInputs(record, context: log.context())
      var training = try MoleculeTraining(inputs, context: log.context())
      let folder = try RunFolder.create("\(path)/run")
      let model = try training.run(in: folder)
      #expect(model.flow.configuration.classes == 0)
      let stored = try TrainedFlow(path: folder.model)
      #expect(stored.flow.configuration.classes == 3)
      let read = try TrainedModel(path: folder.model)
      #expect(read.weights == model.weights && read.flow.layout == model.flow.layout)
      // The best validation loss is that of the model that is returned.
      let tokens = model.representation.tokens(
        from: try alanineFrames(40..<60).coordinates, execution: .serial)
      let loss = -model.flow.logDensity(tokens, weights: model.weights).reduce(0, +) / 20
      #expect(log.messages.last?.contains("best validation NLL \(loss.fixed(1))") == true)
    }
  }

  @Test(arguments: [
    ([320, 310], "is at 310 K, expected one above 320 K"),
    ([290], "is at 290 K, expected one above 310 K"),
    ([600], "temperature"),
  ])
  func `a rung whose frames are not at a temperature above the one before is refused`(
    temperatures: [Double], problem: String
  ) throws {
    try withTemporaryFolder { path in
      var configuration = configuration
      configuration.framesOfEveryRung = true
      try writeRungs(temperatures, in: path)
      let inputs = try TrainingInputs(try record(configuration, in: path), context: context)
      let error = #expect(throws: RunError.self) { try MoleculeTraining(inputs, context: context) }
      #expect(error?.description.contains(problem) == true)
    }
  }

  @Test func `the labels of a carboxylate are drawn where the settings say so`() throws {
    try withTemporaryFolder { path in
      func weights(flips: Bool, turns: Bool) throws -> [Float] {
        var configuration = configuration
        (configuration.relabelFlips, configuration.relabelEquivalentAtoms) = (flips, turns)
        let folder = "\(path)/\(flips)\(turns)"
        try createFolder(folder)
        let inputs = try TrainingInputs(try record(configuration, in: folder), context: context)
        var training = try MoleculeTraining(inputs, context: context)
        return try training.run(in: try RunFolder.create("\(folder)/run")).weights
      }
      let plain = try weights(flips: false, turns: false)
      #expect(try weights(flips: true, turns: false) != plain)
      #expect(try weights(flips: true, turns: true) != weights(flips: false, turns: true))
    }
  }

  @Test func `periodic torsions go from the settings to the samples`() throws {
    try withTemporaryFolder { path in
      var configuration = configuration
      configuration.flow.periodic = true
      let inputs = try TrainingInputs(try record(configuration, in: path), context: context)
      var training = try MoleculeTraining(inputs, context: context)
      let folder = try RunFolder.create("\(path)/run")
      let model = try training.run(in: folder)
      let read = try TrainedModel(path: folder.model)
      #expect(read.representation == model.representation)
      #expect(read.flow.configuration == model.flow.configuration)
      let windows = try #require(read.flow.configuration.windows)
      #expect(windows.periods.filter { $0 > 0 }.count == 30)
      guard case .internal(var representation) = read.representation else {
        Issue.record("\(read.representation.kind)")
        return
      }
      // As few lengths and angles of an untrained flow are those of a conformation, they are put in
      // their place.
      var tokens = read.flow.sample(50, seed: 1, weights: read.weights).x
      for index in tokens.indices where windows.periods[index % 93] == 0 { tokens[index] = 0 }
      let all = [Bool](repeating: true, count: 50)
      #expect(representation.coordinates(from: tokens, execution: .serial).inSupport == all)
      // The flow's own windows are those of the representation but for rounding.
      representation.hasPeriodicTorsions = false
      let fixed = representation.coordinates(from: tokens, execution: .serial).inSupport
      #expect(fixed.count { $0 } > 48)
    }
  }

  @Test func `tokens of several atoms are trained, read and drawn from`() throws {
    try withTemporaryFolder { path in
      var configuration = configuration
      (configuration.flow.periodic, configuration.flow.contextUnits) = (true, 8)
      configuration.atomsPerToken = 6
      let inputs = try TrainingInputs(try record(configuration, in: path), context: context)
      var training = try MoleculeTraining(inputs, context: context)
      let folder = try RunFolder.create("\(path)/run")
      let trained = try training.run(in: folder)
      let model = try TrainedModel(path: folder.model)
      #expect(model.representation == trained.representation)
      #expect(model.flow.configuration == trained.flow.configuration)
      let present = try #require(model.flow.configuration.present)
      #expect(present.reduce(0, +) == 3 * 31 && present.max() == 18)
      let drawn = model.flow.sample(20, seed: 3, weights: model.weights)
      expectClose(
        model.flow.logDensity(drawn.x, weights: model.weights), drawn.logDensity, absolute: 2e-3)
      let initial = try InitialModel(.file(folder.model))
      let layer = try initial.layer(for: molecule)
      let resolved = try resolveConfiguration(RunConfiguration(), layers: [layer])
      #expect(resolved.atomsPerToken == 6)
    }
  }

  @Test func `a flow whose tokens are not those of its representation is refused`() throws {
    func representation(_ size: Int) throws -> Representation {
      try Representation(
        .internal, order: .topology, atomsPerToken: size, topology: molecule.topology,
        coordinates: try alanineFrames(0..<40).coordinates, execution: .serial)
    }
    let (one, six) = (try representation(1), try representation(6))
    var shape = FlowConfiguration(tokens: six.tokens, features: six.features)
    shape.present = six.present
    let flow = try TarFlow(shape)
    let state = TrainingState(flow, seed: 1)
    try withTemporaryFolder { path in
      func write(_ representation: Representation) throws {
        let notes = try TrainedModel.checkpointNotes(representation)
        try Checkpoint(flow: shape, state: state, notes: notes).writeModel(path: "\(path)/model")
      }
      try write(six)
      #expect(try TrainedModel(path: "\(path)/model").flow.configuration == shape)
      try write(one)
      let error = #expect(throws: RunError.self) { try TrainedModel(path: "\(path)/model") }
      #expect(error?.description.contains("its 'representation', with 31 of 3") == true)
    }
  }

  @Test func `a flow that sees the placed atoms is trained, read and drawn from`() throws {
    try withTemporaryFolder { path in
      var configuration = configuration
      configuration.flow.contextUnits = 8
      let inputs = try TrainingInputs(try record(configuration, in: path), context: context)
      var training = try MoleculeTraining(inputs, context: context)
      let folder = try RunFolder.create("\(path)/run")
      _ = try training.run(in: folder)
      let model = try TrainedModel(path: folder.model)
      #expect(model.flow.configuration.context?.entries.last == 32)
      let state = try #require(try folder.resumedState(of: model.flow, context: context))
      #expect(state.step == 4)

      // Larger weights than four steps give, so that the context has a part in the density.
      var generator = RandomGenerator(seed: 8, stream: .testing)
      let weights = model.weights.map { $0 + 0.05 * Float(generator.normal()) }
      let drawn = model.flow.sample(20, seed: 3, weights: weights)
      expectClose(
        model.flow.logDensity(drawn.x, weights: weights), drawn.logDensity, absolute: 2e-3)
      let frames = try alanineFrames(60..<80)
      let tokens = model.representation.tokens(from: frames.coordinates, execution: .serial)
      let (z, logDeterminant) = model.flow.encode(tokens, weights: weights)
      let back = model.flow.decode(z, weights: weights)
      expectClose(back.x.map(Double.init), tokens.map(Double.init), absolute: 3e-5)
      expectClose(back.logDeterminant, logDeterminant.map { -$0 }, absolute: 2e-3)
    }
  }

  @Test func `a training that ends before its energies begin warns of it`() throws {
    try withTemporaryFolder { path in
      var configuration = configuration
      (configuration.energies.proposals, configuration.energies.firstStep) = (0.1, 4)
      let log = CapturedLog()
      let inputs = try TrainingInputs(try record(configuration, in: path), context: log.context())
      var training = try MoleculeTraining(inputs, context: log.context())
      _ = try training.run(in: try RunFolder.create("\(path)/run"))
      let warning = "warning: energies have no part in 4 steps: they begin at step "
      #expect(log.messages.contains(warning + "energies.first_step = 4"))
    }
  }

  @Test func `Cartesian tokens have no context`() throws {
    try withTemporaryFolder { path in
      var configuration = configuration
      configuration.flow.contextUnits = 8
      configuration.representation = .cartesian
      let inputs = try TrainingInputs(try record(configuration, in: path), context: context)
      #expect(
        throws: RunError.configuration(
          source: "configuration",
          problem: "flow.context_units is 8, but these tokens have no context; set it to 0")
      ) { _ = try MoleculeTraining(inputs, context: context) }
    }
  }

  @Test func `a record is read as it was written, and notices what changed`() throws {
    try withTemporaryFolder { path in
      let record = try record(configuration, in: path)
      let file = "\(path)/record.yaml"
      try record.write(path: file)
      #expect(try MoleculeRecord.read(path: file) == record)
      #expect(record.inputs.count == 4)
      #expect(try record.readSystem().description == molecule.description)
      try record.checkInputs()
      try writeAmberTrajectory(try alanineFrames(0..<41), path: "\(path)/train.nc")
      #expect(throws: RunError.self) { try record.checkInputs() }
      // The system of the run is what it was.
      _ = try record.readSystem()
    }
  }

  @Test func `a reference that is the training trajectory is warned of`() throws {
    try withTemporaryFolder { path in
      let record = try record(configuration, in: path)
      let log = CapturedLog()
      _ = try TrainingInputs(record, context: log.context())
      #expect(!log.messages.contains { $0.contains("same bytes") })
      let copy = "\(path)/copy.nc"
      try FileManager.default.copyItem(atPath: record.training.path, toPath: copy)
      let same = try MoleculeRecord(
        configuration, system: molecule, training: record.training.path, reference: copy,
        kernel: kernel, context: log.context())
      _ = try TrainingInputs(same, context: log.context())
      #expect(
        log.messages.contains {
          $0.hasPrefix("warning: \(copy): holds the same bytes as the training trajectory")
        })
    }
  }

  @Test func `a long reference is thinned out for the validation loss`() throws {
    try withTemporaryFolder { path in
      let record = try record(configuration, in: path)
      let few = try alanineFrames(0..<105)
      let many = Trajectory(
        atoms: 33, coordinates: (0..<96).flatMap { _ in few.coordinates })
      try writeAmberTrajectory(many, path: "\(path)/reference.nc")
      let changed = try MoleculeRecord(
        configuration, system: molecule, training: record.training.path,
        reference: "\(path)/reference.nc", kernel: kernel, context: CapturedLog().context())
      let log = CapturedLog()
      let inputs = try TrainingInputs(changed, context: log.context())
      #expect(inputs.reference?.frames == 10_080)
      _ = try MoleculeTraining(inputs, context: log.context())
      #expect(
        log.messages.contains {
          $0.hasSuffix("loss is that of 10000 of the 10080 reference frames")
        })
    }
  }

  @Test func `frames that are all the same cannot be represented`() throws {
    try withTemporaryFolder { path in
      let one = try alanineFrames(0..<1)
      let inputs = try TrainingInputs(try record(configuration, in: path), context: context)
      let same = Trajectory(
        atoms: 33, coordinates: (0..<20).flatMap { _ in one.coordinates })
      try writeAmberTrajectory(same, path: inputs.record.training.path)
      let changed = try TrainingInputs(inputs.record, context: context)
      let error = #expect(throws: RunError.self) {
        _ = try MoleculeTraining(changed, context: context)
      }
      #expect(error?.description.hasPrefix("\(inputs.record.training.path): ") == true)
      #expect(error?.description.contains("1 different frames") == true)
    }
  }

  private let context = CapturedLog().context()

  @Test func `a batch that is larger than the frames is refused`() throws {
    try withTemporaryFolder { path in
      var configuration = configuration
      configuration.training.batch = 41
      let inputs = try TrainingInputs(try record(configuration, in: path), context: context)
      #expect(
        throws: RunError.configuration(
          source: "configuration", problem: "training.batch is 41, more than the 40 samples")
      ) { _ = try MoleculeTraining(inputs, context: context) }
    }
  }
}
