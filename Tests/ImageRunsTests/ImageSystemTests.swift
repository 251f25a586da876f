import Flow
import Foundation
import ImageRuns
import Images
import Kernels
import Reporting
import Runs
import RunsTestSupport
import TestSupport
import Testing

private let digits = systemsFolder.appending(path: "digits").path

@Suite struct ImageSystemTests {
  private func read(_ text: String) throws -> ImageSystem {
    try withTemporaryFolder { folder in
      let path = "\(folder)/images.yaml"
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      do {
        return try ImageSystem.read(path: path)
      } catch RunError.configuration(path, let problem) {
        throw RunError.configuration(source: "images.yaml", problem: problem)
      }
    }
  }

  private static let text = "name: own\nimage_size: 8\nchannels: 1\nclasses: 2\n"

  @Test func `a description needs a name, a shape and its classes`() throws {
    let system = try read(Self.text + "class_names: [a, b]\ndefaults: {seed: 1}\n")
    #expect(system.name == "own" && system.classNames == ["a", "b"])
    #expect(system.shape == ImageShape(channels: 1, size: 8))
    #expect(system.training == nil && system.test == nil && system.trainingCount == nil)
  }

  @Test(arguments: [
    ("classes: 2", "clases: 2", "unknown key 'clases'; did you mean 'classes'?"),
    ("name: own\n", "", "the key 'name' is missing"),
    ("image_size: 8", "image_size: big", "'image_size' is no whole number"),
    (
      "channels: 1", "channels: 2",
      "image_size 8, channels 2, classes 2: expected 1 to 8192, 1 or 3, 0 to 65536"
    ),
    (
      "image_size: 8", "image_size: 0",
      "image_size 0, channels 1, classes 2: expected 1 to 8192, 1 or 3, 0 to 65536"
    ),
    ("classes: 2", "classes: 2\nclass_names: [a]", "class_names has 1 name, but classes is 2"),
  ])
  func `what does not fit is named`(old: String, new: String, problem: String) throws {
    #expect(throws: RunError.configuration(source: "images.yaml", problem: problem)) {
      try read(Self.text.replacing(old, with: new))
    }
  }

  private func files(
    _ own: ImageSystem.Files?, images: String? = nil, labels: String? = nil
  ) throws -> ImageSystem.Files {
    try ImageSystem.files(
      own, in: digits, images: images, labels: labels, kind: "training", advice: "name some")
  }

  @Test func `files are those given, or else the system's own`() throws {
    let system = try ImageSystem.read(path: "\(digits)/images.yaml")
    let own = try files(system.training)
    #expect(own.images == "\(digits)/train-images.gz" && own.labels == "\(digits)/train-labels.gz")
    let given = try files(system.training, images: "\(digits)/../digits/test-images.gz")
    #expect(given.images == "\(digits)/test-images.gz" && given.labels == nil)
    let both = try files(
      nil, images: "\(digits)/test-images.gz", labels: "\(digits)/test-labels.gz")
    #expect(both.labels == "\(digits)/test-labels.gz")
  }

  @Test func `files that are not there are named with what to do`() throws {
    #expect(
      throws: RunError.missing(what: "training images", path: digits, advice: "name some")
    ) { try files(nil) }
    for (images, labels, path) in [
      ("/nowhere", nil, "/nowhere"), ("\(digits)/test-images.gz", "/nobody", "/nobody"),
    ] as [(String, String?, String)] {
      #expect(
        throws: RunError.missing(
          what: "training images", path: path,
          advice: "see \(digits)/README.md for where they come from, or name some")
      ) { try files(nil, images: images, labels: labels) }
    }
  }
}

@Suite struct ImageRunTests {
  private func configuration() throws -> ImageConfiguration {
    let defaults = try ConfigurationLayer(defaultsOf: "\(digits)/images.yaml")
    return try resolveConfiguration(ImageConfiguration(), layers: [defaults].compactMap { $0 })
  }

  private func record(start: String? = nil, seed: UInt64 = 1) throws -> ImageRecord {
    let system = try ImageSystem.read(path: "\(digits)/images.yaml")
    var configuration = try configuration()
    configuration.seed = seed
    return try ImageRecord(
      configuration, system: digits,
      files: try ImageSystem.files(
        system.test, in: digits, images: nil, labels: nil, kind: "test", advice: ""),
      start: start, kernel: "Haswell", context: CapturedLog().context())
  }

  @Test func `a record is read as it was written`() throws {
    try withTemporaryFolder { folder in
      for start in [nil, "\(digits)/README.md"] {
        let record = try record(start: start)
        try record.write(path: "\(folder)/record.yaml")
        #expect(try ImageRecord.read(path: "\(folder)/record.yaml") == record)
        #expect(record.inputs.count == (start == nil ? 3 : 4))
        #expect(record.inputs.map(\.path).contains("\(digits)/images.yaml"))
        #expect(record.program == "tarflow-mol 1.2.3" && record.seed == 1)
        try record.checkInputs()
      }
    }
  }

  @Test func `a run of a folder of images has the folder as its input`() throws {
    try withTemporaryFolder { folder in
      try createFolder("\(folder)/set/a")
      try Data("x".utf8).write(to: URL(fileURLWithPath: "\(folder)/set/a/1.png"))
      let given = try ImageSystem.files(
        nil, in: digits, images: "\(folder)/set", labels: nil, kind: "training", advice: "")
      let record = try ImageRecord(
        ImageConfiguration(), system: digits, files: given, start: nil, kernel: "Haswell",
        context: CapturedLog().context())
      #expect(record.images.path == absolutePath("\(folder)/set") && record.labels == nil)
      try record.write(path: "\(folder)/record.yaml")
      #expect(try ImageRecord.read(path: "\(folder)/record.yaml") == record)
    }
  }

  @Test func `no damage gives another record of a run on images`() throws {
    try withTemporaryFolder { path in
      func run(_ name: String, seed: UInt64) throws -> RunFolder {
        let folder = try RunFolder.create("\(path)/\(name)")
        try folder.begin(try record(start: "\(digits)/README.md", seed: seed))
        return folder
      }
      let folders = [try run("run", seed: 1), try run("other", seed: 2)]
      let texts = try folders.map { try String(contentsOfFile: $0.record, encoding: .utf8) }
      try expectDamageNoticed(
        folders[0].record, as: texts[0], splicedWith: texts[1], limit: 300
      ) {
        let record = try ImageRecord.read(in: folders[0])
        try record.checkInputs()
        var configuration = record.configuration
        // Anybody may change these at any time.
        (configuration.training.steps, configuration.training.epochs) = (0, 1)
        configuration.sampling = ImageConfiguration().sampling
        return [try yamlText(configuration)] + record.inputs.map(\.fnv1a)
      }
    }
  }

  @Test func `test images lie in the system's folder, or else in the embedded one`() throws {
    try withTemporaryFolder { path in
      let (own, files) = ("\(path)/digits", FileManager.default)
      try files.copyItem(atPath: digits, toPath: own)
      let run = try RunFolder.create("\(path)/run")
      let record = try ImageRecord(
        try configuration(), system: own,
        files: try ImageSystem.files(
          nil, in: own, images: "\(digits)/test-images.gz", labels: nil, kind: "test", advice: ""),
        start: nil, kernel: "Haswell", context: CapturedLog().context())
      try record.keepInputs(in: run.path)
      try record.write(path: run.record)
      let description = URL(fileURLWithPath: "\(own)/images.yaml")
      let text = try String(contentsOf: description, encoding: .utf8)
      try Data("\(text)# one line more\n".utf8).write(to: description)
      let changed = try ImageRecord.read(in: run)
      #expect(changed.system == own)
      #expect(changed.description?.path == "\(run.path)/system/images.yaml")
      #expect(try changed.readSystem().name == "digits")
      try files.removeItem(atPath: own)
      let embedded = try? findSystem("digits", .images, in: nil, advice: "")
      #expect(try ImageRecord.read(in: run).system == embedded ?? "\(run.path)/system")
      // A system of that name with other images is no place to look.
      let copy = URL(fileURLWithPath: "\(run.path)/system/images.yaml")
      try Data(text.replacing("image_size: 8", with: "image_size: 4").utf8).write(to: copy)
      var other = try String(contentsOfFile: run.record, encoding: .utf8)
      let (old, new) = (
        try #require(record.description), try InputFile(path: copy.path)
      )
      other = other.replacing(old.fnv1a, with: new.fnv1a)
        .replacing("bytes: \(old.bytes)\n", with: "bytes: \(new.bytes)\n")
      try Data(other.utf8).write(to: URL(fileURLWithPath: run.record))
      #expect(try ImageRecord.read(in: run).system == "\(run.path)/system")
    }
  }

  @Test func `samples that no memory holds are refused before the training`() throws {
    let system = try ImageSystem.read(path: "\(digits)/images.yaml")
    var configuration = try configuration()
    configuration.sampling.count = 1 << 40
    let record = try ImageRecord(
      configuration, system: digits,
      files: try ImageSystem.files(
        system.test, in: digits, images: nil, labels: nil, kind: "test", advice: ""),
      start: nil, kernel: "Haswell", context: CapturedLog().context())
    try loadBLAS()
    let error = #expect(throws: RunError.self) {
      try ImageTraining(record, context: CapturedLog().context())
    }
    #expect(
      error?.description.contains("1099511627776 samples of 8×8, 1 channel: need about ") == true)
    #expect(error?.description.hasSuffix("; set sampling.count lower") == true)
  }

  @Test func `the plan of digits counts what it will train`() throws {
    try loadBLAS()
    let system = try ImageSystem.read(path: "\(digits)/images.yaml")
    let plan = ImagePlan(
      system: system, configuration: try configuration(), images: 1_437, workers: 1)
    let facts = Dictionary(uniqueKeysWithValues: try plan.facts().map { ($0.name, $0.value) })
    let expected: [String: FactValue] = [
      "system": .text("digits"), "image": .text("8×8, 1 channel"), "patch": .count(2),
      "tokens": .count(16), "features": .count(4), "width": .count(64), "blocks": .count(4),
      "layers of a block": .count(1), "heads": .count(1), "classes": .count(10),
      "map": .text("affine"), "noise": .text("gaussian 0.1"), "label drop": .number(0.1),
      "flip": .text("no"), "training images": .count(1_437), "batch": .count(64),
      "epochs": .count(60), "steps": .count(1_320), "steps of an epoch": .count(22),
      "warm-up steps": .count(22), "learning rate": .text("0.002"),
      "lowest learning rate": .text("1e-06"), "betas": .text("0.9 0.95"),
      "weight decay": .text("0.0001"),
      // By hand: input, positions and classes, one layer, output, for each of four blocks.
      "parameters": .count(
        4
          * ((4 * 64 + 64) + 16 * 64 + 10 * 64 + (12 * 64 * 64 + 13 * 64) + (64 * 8 + 8))),
    ]
    for (name, value) in expected { #expect(facts[name] == value, "\(name)") }
    guard case .number(let peak) = facts["sgemm peak GFLOP/s"] ?? facts["bf16 peak GFLOP/s"],
      case .number(let hours) = facts["hours at least"],
      case .number(let operations) = facts["TFLOP an image"]
    else {
      Issue.record("\(facts)")
      return
    }
    #expect(peak > 0)
    expectClose([hours], [operations * 1e3 * 64 * 1_320 / peak / 3_600], relative: 1e-12)
  }

  @Test func `a plan that does not fit its images is refused`() throws {
    let system = try ImageSystem.read(path: "\(digits)/images.yaml")
    let plan = ImagePlan(
      system: system, configuration: try configuration(), images: 10, workers: 1)
    #expect(throws: RunError.self) { try plan.facts() }
    var configuration = try configuration()
    configuration.flow.patch = 3
    let other = ImagePlan(
      system: system, configuration: configuration, images: 1_437, workers: 1)
    #expect(throws: (any Error).self) { try other.facts() }
  }

  @Test func `samples are drawn by rows of one class, the same for any workers`() throws {
    let system = try ImageSystem.read(path: "\(digits)/images.yaml")
    var configuration = try configuration()
    (configuration.flow.width, configuration.flow.blocks) = (64, 1)
    (configuration.sampling.count, configuration.sampling.columns) = (6, 2)
    let shape = configuration.model(of: system)
    let flow = try TarFlow(try shape.flow())
    try withTemporaryFolder { folder in
      try loadBLAS()
      let state = TrainingState(flow, seed: 1)
      try Checkpoint(flow: flow.configuration, state: state, notes: ["config": shape.json])
        .writeModel(path: "\(folder)/model")
      let model = try ImageModel(path: "\(folder)/model")
      #expect(model.classesByRow(count: 6, columns: 2) == [0, 0, 1, 1, 2, 2])
      #expect(model.classesByRow(count: 12, columns: 1)?.suffix(2) == [0, 1])
      let one = try model.drawSamples(configuration, context: CapturedLog().context())
      let three = try model.drawSamples(configuration, context: CapturedLog().context(workers: 3))
      #expect(one.pixels == three.pixels && one.pixels.count == 6 * 64)
      #expect(one.sequence.isEmpty)
      var plan = ImageSamplingPlan(count: 2, seed: 3, guidance: nil)
      (plan.labels, plan.keepsSequence) = ([1, 2], true)
      let kept = try model.drawSamples(plan, context: CapturedLog().context())
      #expect(kept.sequence.count == 2 && kept.sequence.last == kept.pixels)
      plan.count = 1 << 40
      #expect(throws: RunError.self) {
        try model.drawSamples(plan, context: CapturedLog().context())
      }
    }
  }
}
