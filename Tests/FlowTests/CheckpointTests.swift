import Flow
import Foundation
import Kernels
import TensorFiles
import TestSupport
import Testing

@Suite struct CheckpointTests {
  init() throws { try loadBLAS() }

  private static let configuration: FlowConfiguration = {
    var flow = FlowConfiguration(tokens: 3, features: 2)
    (flow.layers, flow.width, flow.headWidth, flow.headUnits) = (1, 4, 4, 2)
    (flow.components, flow.expansion) = (2, 1)
    return flow
  }()

  private static func trainer(_ flow: TarFlow) throws -> Trainer {
    var training = TrainingConfiguration()
    (training.steps, training.batch, training.warmUp) = (20, 16, 2)
    return try Trainer(flow, training, samples: floats(50 * 6, seed: 1), seed: 7) {
      sample, _, generator in
      sample[0] += Float(generator.normal())
    }
  }

  /// A state some steps into a training, with a validation on the way.
  private static func trained(_ steps: Int) throws -> (TarFlow, TrainingState) {
    let flow = try TarFlow(configuration)
    var trainer = try trainer(flow)
    var state = TrainingState(flow, seed: 7)
    for step in 0..<steps {
      if step == 2 { _ = trainer.validate(&state, on: floats(60, seed: 2), workers: 1) }
      _ = try trainer.step(&state, workers: 2)
    }
    return (flow, state)
  }

  @Test(arguments: [0, 1, 2, 5, 9])
  func `a resumed training is the uninterrupted one to the last bit`(stop: Int) throws {
    let (_, uninterrupted) = try Self.trained(10)
    let (flow, state) = try Self.trained(stop)
    let saved = Checkpoint(flow: flow.configuration, state: state, notes: ["unit": "nm"])
    try withTemporaryFolder { folder in
      try saved.write(path: folder + "/a")
      let read = try Checkpoint(path: folder + "/a")
      #expect(read.flow == saved.flow)
      #expect(read.state == saved.state)
      #expect(read.notes == ["unit": "nm"])
      try read.write(path: folder + "/b")
      #expect(
        FileManager.default.contentsEqual(atPath: folder + "/a", andPath: folder + "/b"))
      var resumed = read.state
      var trainer = try Self.trainer(flow)
      for step in stop..<10 {
        if step == 2 { _ = trainer.validate(&resumed, on: floats(60, seed: 2), workers: 1) }
        _ = try trainer.step(&resumed, workers: 1)
      }
      #expect(resumed == uninterrupted)
    }
  }

  @Test func `the model holds the best weights under the published names`() throws {
    let (flow, state) = try Self.trained(4)
    let checkpoint = Checkpoint(flow: flow.configuration, state: state, notes: ["unit": "nm"])
    try withTemporaryFolder { folder in
      try checkpoint.writeModel(path: folder + "/model")
      let model = try TrainedFlow(path: folder + "/model")
      #expect(model.flow.configuration == flow.configuration)
      #expect(model.weights == state.best?.weights)
      #expect(model.notes["unit"] == "nm" && model.notes["step"] == "2")
      let names = try Safetensors(path: folder + "/model").tensors.keys
      #expect(names.contains("blocks.0.attn_blocks.0.attention.qkv.weight"))
      // A model file is no checkpoint, and a checkpoint is no model file.
      #expect(throws: FlowError.self) { _ = try Checkpoint(path: folder + "/model") }
      try checkpoint.write(path: folder + "/checkpoint")
      #expect(
        throws: FlowError.tensor(
          path: folder + "/checkpoint",
          name: "adam.first.blocks.0.attn_blocks.0.attention.norm.bias",
          problem: "is of a training's checkpoint, not of a model; name best.safetensors beside it")
      ) { _ = try TrainedFlow(path: folder + "/checkpoint") }
    }
  }

  @Test(arguments: ["", "average.", "adam.first.", "adam.second.", "best."])
  func `tensors that do not fit the model are refused`(prefix: String) throws {
    let (flow, state) = try Self.trained(3)
    let name = prefix + "blocks.0.proj_in.weight"
    try withTemporaryFolder { folder in
      let path = folder + "/a"
      let written = Checkpoint(flow: flow.configuration, state: state, notes: [:])
      try written.write(path: path)
      let good = try Safetensors(path: path)
      func expect(
        _ tensor: String, _ problem: String, _ change: (inout Safetensors) -> Void
      ) throws {
        var file = good
        change(&file)
        try file.write(path: path)
        let error = FlowError.tensor(path: path, name: tensor, problem: problem)
        #expect(throws: error) { _ = try Checkpoint(path: path) }
      }
      try expect(name, "is missing; the model has shape [4, 2]") { $0.tensors[name] = nil }
      try expect(name, "has shape [2, 4], expected [4, 2]") { $0.tensors[name]?.shape = [2, 4] }
      try expect(name, "holds values that are not finite") {
        $0.tensors[name]?.values[3] = .nan
      }
      try expect(
        prefix + "extra", "is unknown to this model; another configuration wrote the file"
      ) { $0.tensors[prefix + "extra"] = StoredTensor(shape: [1], values: [0]) }
      var other = good
      other.tensors["var"] = StoredTensor(shape: [1], values: [1])
      try other.write(path: path)
      #expect(try Checkpoint(path: path).state == state)
    }
  }

  @Test func `metadata that does not fit is refused`() throws {
    let (flow, state) = try Self.trained(3)
    try withTemporaryFolder { folder in
      let path = folder + "/a"
      let written = Checkpoint(flow: flow.configuration, state: state, notes: [:])
      try written.write(path: path)
      let good = try Safetensors(path: path)
      let cases: [(String, String?, String)] = [
        ("flow", nil, "the metadata 'flow' is missing; no checkpoint of this program"),
        ("flow", "{}", "the metadata 'flow' is no flow configuration"),
        (
          "version", "2",
          "is of format version 2, this program reads version 1; use a newer program"
        ),
        ("step", nil, "the metadata 'step' is missing, expected a number of at least 0"),
        ("step", "-1", "the metadata 'step' is -1, expected a number of at least 0"),
        ("step", "1.5", "the metadata 'step' is 1.5, expected a number of at least 0"),
        ("best_step", nil, "the metadata 'best_step' is missing, expected a number of at least 0"),
        (
          "best_loss", "nan",
          "the metadata 'best_loss' is nan, expected a number of at least -inf"
        ),
      ]
      for (key, value, problem) in cases {
        var file = good
        file.metadata[key] = value
        try file.write(path: path)
        #expect(throws: SafetensorsError.content(path: path, problem: problem)) {
          _ = try Checkpoint(path: path)
        }
      }
      var file = good
      file.metadata["flow"] = good.metadata["flow"]?
        .replacingOccurrences(of: "\"width\":4", with: "\"width\":0")
      try file.write(path: path)
      #expect(throws: FlowError.configuration("width is 0, expected 1 to 16384")) {
        _ = try Checkpoint(path: path)
      }
    }
  }

  @Test func `a header with a changed byte is read or refused, never a crash`() throws {
    let (flow, state) = try Self.trained(3)
    try withTemporaryFolder { folder in
      let path = folder + "/a"
      try Checkpoint(flow: flow.configuration, state: state, notes: [:]).writeModel(path: path)
      // With its checksum every change would be refused for that.
      var file = try Safetensors(path: path)
      file.hasChecksum = false
      try file.write(path: path)
      let good = try Data(contentsOf: URL(fileURLWithPath: path))
      let end =
        8 + good.prefix(2).enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
      var generator = RandomGenerator(seed: 31, stream: .testing)
      let likely = Array("0123456789{}[]\",:-.e\\ ".utf8)
      var refused = 0
      for _ in 0..<2_000 {
        var data = good
        let place = Int.random(in: 0..<end, using: &generator)
        data[place] =
          Bool.random(using: &generator)
          ? UInt8.random(in: 0...255, using: &generator)
          : likely[Int.random(in: 0..<likely.count, using: &generator)]
        try data.write(to: URL(fileURLWithPath: path))
        do {
          _ = try TrainedFlow(path: path)
        } catch {
          #expect(error is SafetensorsError || error is FlowError, "\(error)")
          refused += 1
        }
      }
      // The rest changed nothing or a number that is only a note.
      #expect(refused > 1_500)
    }
  }

  @Test func `a flipped bit in a checkpoint or a model is noticed`() throws {
    let (flow, state) = try Self.trained(3)
    try withTemporaryFolder { folder in
      let path = folder + "/a"
      let checkpoint = Checkpoint(flow: flow.configuration, state: state, notes: ["a": "b"])
      for write in [checkpoint.write(path:), checkpoint.writeModel(path:)] {
        try write(path)
        #expect(try Safetensors(path: path).hasChecksum)
        let good = try Data(contentsOf: URL(fileURLWithPath: path))
        var generator = RandomGenerator(seed: 32, stream: .testing)
        for _ in 0..<300 {
          var data = good
          let place = Int.random(in: 0..<data.count, using: &generator)
          data[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
          try data.write(to: URL(fileURLWithPath: path))
          guard let read = try? Safetensors(path: path) else { continue }
          // Only the key of the checksum was hit.
          #expect(!read.hasChecksum, "byte \(place)")
          #expect(try read.tensors == Safetensors(good, path: path).tensors)
        }
      }
    }
  }
}
