import Flow
import Foundation
import Images
import TensorFiles
import TestSupport
import Testing

/// Every bad input of `tarflow-mol image` ends with its exit code and one line on stderr, and
/// leaves nothing.
@Suite struct ImageBadInputTests {
  private let folder: URL

  init() throws { folder = try temporaryFolder() }

  private func expectRefusal(
    _ arguments: [String], _ status: Int32, _ fragment: String, leaving names: [String] = [],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let outcome = try Child(["image"] + arguments, folder: folder).outcome()
    #expect(outcome.status == status, "\(outcome.errors)", sourceLocation: sourceLocation)
    #expect(
      outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)",
      sourceLocation: sourceLocation)
    #expect(
      outcome.errors.contains(fragment), "\(outcome.errors)", sourceLocation: sourceLocation)
    #expect(outcome.output.isEmpty, sourceLocation: sourceLocation)
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(left == names.sorted(), sourceLocation: sourceLocation)
  }

  private func training(_ more: [String]) -> [String] {
    ["train", "digits", "--systems", systemsFolder.path, "--output", "run"] + more
  }

  /// All settings that are wrong: `ImageConfigurationTests`.
  @Test(arguments: [
    ("flow.with=32", "unknown key 'flow.with'; did you mean 'width'?"),
    ("flow.patch=3", "flow.patch is 3, expected a divisor of the image size, 8"),
    ("flow.width=100", "flow.width is 100, expected a multiple of head_width, 64"),
    ("training.batch=2000", "training.batch is 2000, expected 1 to the 1437 training images"),
  ])
  func `a wrong setting is 78 and named`(setting: String, fragment: String) throws {
    try expectRefusal(training(["--set", setting]), 78, fragment)
  }

  @Test func `images of another size are 65, missing ones 66`() throws {
    for name in ["a", "b"] {
      try FileManager.default.createDirectory(
        at: folder.appending(path: "set/\(name)"), withIntermediateDirectories: true)
    }
    let path = folder.appending(path: "set/b/x.png").path
    try writePNG(
      [UInt8](repeating: 9, count: 81), channels: 1, width: 9, height: 9, path: path)
    let data = training(["--images", "set"])
    try expectRefusal(
      data, 65, "set: has 2 sub-folders, expected 10, one a class", leaving: ["set"])
    let unclassed = try description("image_size: 8\nchannels: 1\nclasses: 2\n")
    let own = ["train", unclassed, "--images", "set", "--output", "run"]
    try expectRefusal(
      own, 65, "set/b/x.png: is 9×9 pixels, expected 8×8; resize it first",
      leaving: ["set", "system"])
    try Data("no picture".utf8).write(to: URL(fileURLWithPath: path))
    try expectRefusal(
      own, 65, "set/b/x.png: is no PNG that can be read: ", leaving: ["set", "system"])
    try expectRefusal(
      training(["--images", "nowhere"]), 66, "nowhere: no such training images",
      leaving: ["set", "system"])
  }

  /// A system of images in a folder of its own.
  private func description(_ text: String) throws -> String {
    let system = folder.appending(path: "system")
    try FileManager.default.createDirectory(at: system, withIntermediateDirectories: true)
    try Data("name: own\n\(text)".utf8).write(to: system.appending(path: "images.yaml"))
    return "./system"
  }

  @Test func `a system that cannot be read is named`() throws {
    try expectRefusal(
      ["train", "digit", "--systems", systemsFolder.path], 66,
      "digit: no such system of images; known systems: afhq256, digits, fashion-mnist")
    for (text, status, fragment) in [
      ("image_size: 8\nchannels: 2\nclasses: 2\n", Int32(78), "channels 2, classes 2: expected"),
      ("image_size: 8\nchannels: 1\n", 78, "the key 'classes' is missing"),
      ("image_size: 8\nchannels: 1\nclasses: 2\nclas: 1\n", 78, "unknown key 'clas'"),
      (
        "image_size: 8\nchannels: 1\nclasses: 2\nclass_names: [a]\n", 78,
        "class_names has 1 name, but classes is 2"
      ),
      ("image_size: 8\nchannels: 1\nclasses: 2\n", 66, "no such training images; pass --images"),
    ] {
      try expectRefusal(
        ["train", try description(text), "--output", "run"], status, fragment,
        leaving: ["system"])
    }
  }

  @Test func `labels out of range and of another number are 65`() throws {
    let images = systemsFolder.appending(path: "digits/test-images.gz").path
    var labels = Data([0, 0, 8, 1, 0, 0, 1, 104]) + Data(repeating: 3, count: 360)
    labels[8 + 17] = 10
    try labels.write(to: folder.appending(path: "labels"))
    try expectRefusal(
      training(["--images", images, "--labels", "labels"]), 65,
      "labels: label 17 is 10, expected 0 to 9", leaving: ["labels"])
    try (Data([0, 0, 8, 1, 0, 0, 0, 2, 1, 1])).write(to: folder.appending(path: "labels"))
    try expectRefusal(
      training(["--images", images, "--labels", "labels"]), 65,
      "labels: has 2 labels for 360 images", leaving: ["labels"])
    try expectRefusal(
      training(["--images", images]), 65, "has no classes; name the file of its labels",
      leaving: ["labels"])
  }

  /// Weights of a flow of 8×8 images with four classes, and an input that fits.
  private func tensors() throws -> (weights: String, input: Safetensors) {
    let configuration = ImageModelConfiguration(
      imageSize: 8, channels: 1, classes: 4,
      network: ImageNetwork(patch: 2, width: 8, blocks: 1, layers: 1, headWidth: 4))
    let flow = try TarFlow(try configuration.flow())
    var file = Safetensors()
    file.tensors = flow.tensors(flow.layout.initialValues(seed: 1))
    file.metadata["config"] = configuration.json
    try file.write(path: folder.appending(path: "weights").path)
    var input = Safetensors()
    input.tensors = [
      "x": StoredTensor(shape: [2, 1, 8, 8], values: [Float](repeating: 0, count: 128)),
      "prior_noise": StoredTensor(shape: [2, 16, 4], values: [Float](repeating: 0, count: 128)),
      "labels": StoredTensor(shape: [2], values: [3, -1]),
    ]
    return ("weights", input)
  }

  @Test func `tensors that do not fit the weights are 65 and named`() throws {
    let (weights, good) = try tensors()
    let base = ["--weights", weights, "--input", "in", "--output", "out"]
    func expect(
      _ command: [String], _ fragment: String, _ change: (inout Safetensors) -> Void
    ) throws {
      var input = good
      change(&input)
      try input.write(path: folder.appending(path: "in").path)
      try expectRefusal(command + base, 65, fragment, leaving: ["in", "weights"])
    }
    try expect(["encode"], "in: has no tensor 'x', expected images of 8×8, 1 channel") {
      $0.tensors["x"] = nil
    }
    try expect(["encode"], "in: tensor 'x' is nan at [1, 0, 0, 3], expected finite numbers") {
      $0.tensors["x"]?.values[67] = .nan
    }
    try expect(["encode"], "in: tensor 'x' goes from 0.0 to 255.0, expected pixels from -1 to 1") {
      $0.tensors["x"]?.values[67] = 255
    }
    try expect(["decode"], "in: tensor 'prior_noise' is inf at [0, 0, 0], expected finite") {
      $0.tensors["prior_noise"]?.values[0] = .infinity
    }
    try expect(["encode"], "tensor 'x' has shape [1, 1, 16, 8], these weights expect images") {
      $0.tensors["x"]?.shape = [1, 1, 16, 8]
    }
    try expect(["denoise", "--sigma", "0.1"], "labels[1] is 4.0, expected -1 (none) to 3") {
      $0.tensors["labels"]?.values = [0, 4]
    }
    try expect(["encode"], "labels[0] is -2.0, expected") {
      $0.tensors["labels"]?.values = [-2, 0]
    }
    try expect(["encode"], "labels[0] is 0.5, expected") {
      $0.tensors["labels"]?.values = [0.5, 0]
    }
    try expect(["encode"], "tensor 'labels' has shape [1], expected [2]") {
      $0.tensors["labels"] = StoredTensor(shape: [1], values: [0])
    }
    try expect(["decode"], "tensor 'prior_noise' has shape [2, 4, 16], these weights expect") {
      $0.tensors["prior_noise"]?.shape = [2, 4, 16]
    }
  }

  @Test func `guidance by classes that there are not is refused`() throws {
    let unlabelled = try description("image_size: 8\nchannels: 1\nclasses: 0\n")
    let images = systemsFolder.appending(path: "digits/test-images.gz").path
    for data in [[unlabelled, "--images", images], ["--images", images]] {
      try expectRefusal(
        ["train"] + data + ["--output", "run", "--set", "sampling.guidance=2"], 78,
        "sampling.guidance is 2.0, but the images have no classes that could guide; leave it out",
        leaving: ["system"])
    }
    let (weights, good) = try tensors()
    let names = ["in", "system", "weights"]
    for labels in [StoredTensor(shape: [2], values: [-1, -1]), nil] {
      var input = good
      input.tensors["labels"] = labels
      try input.write(path: folder.appending(path: "in").path)
      try expectRefusal(
        ["decode", "--weights", weights, "--input", "in", "--output", "out", "--guidance", "1"], 65,
        "weights: 'labels' of in names no class that could guide it; add --attention-temperature",
        leaving: names)
    }
    try expectRefusal(
      ["sample", weights, "--label", "-1", "--guidance", "2"], 65,
      "weights: --label names no class that could guide it; add --attention-temperature, or leave",
      leaving: names)
  }

  @Test func `weights of another shape and other files are refused`() throws {
    let (weights, input) = try tensors()
    try input.write(path: folder.appending(path: "in").path)
    let run = ["encode", "--weights", weights, "--input", "in", "--output", "out"]
    for (option, fragment) in [
      (["--channels", "3"], "channels is 1, not 3"),
      (["--head-width", "8"], "head_width is 4, not 8"),
    ] {
      try expectRefusal(
        run + option, 65,
        "weights: its metadata 'config' says that \(fragment); leave that out",
        leaving: ["in", "weights"])
    }
    let path = folder.appending(path: "weights").path
    let good = try Safetensors(path: path)
    var file = good
    file.tensors["blocks.0.proj_in.weight"]?.shape = [4, 8]
    try file.write(path: path)
    try expectRefusal(
      run, 65, "weights: tensor 'blocks.0.proj_in.weight' has shape [4, 8], expected [8, 4]",
      leaving: ["in", "weights"])
    file = good
    file.tensors["var"] = StoredTensor(shape: [1], values: [1])
    try file.write(path: path)
    try expectRefusal(
      run, 65, "weights: tensor 'var' has shape [1], expected [16, 4]", leaving: ["in", "weights"])
    file = good
    file.metadata = [:]
    try file.write(path: path)
    try expectRefusal(
      run + ["--channels", "3"], 65,
      "weights: 16 tokens of 4 features make no square image of 3 channels; pass --channels",
      leaving: ["in", "weights"])
    try Data("hello, hello".utf8).write(to: URL(fileURLWithPath: path))
    try expectRefusal(run, 65, "weights: ", leaving: ["in", "weights"])
    try expectRefusal(
      ["encode", "--weights", "none", "--input", "in", "--output", "out"], 66,
      "none: no such weights file", leaving: ["in", "weights"])
    try good.write(path: path)
    try expectRefusal(
      ["encode", "--weights", weights, "--input", "none", "--output", "out"], 66,
      "none: no such input file", leaving: ["in", "weights"])
    try expectRefusal(
      ["encode", "--weights", weights, "--input", "in", "--output", "in"], 73,
      "in: exists already", leaving: ["in", "weights"])
    try expectRefusal(
      ["evaluate", weights], 66, "no such test images; pass --images", leaving: ["in", "weights"])
    try expectRefusal(
      ["sample", weights, "--denoise"], 65, "does not say the noise", leaving: ["in", "weights"])
    try expectRefusal(
      ["sample", weights, "--label", "4"], 65, "has classes 0 to 3, --label is 4",
      leaving: ["in", "weights"])
    try expectRefusal(
      ["sample", weights, "--array", "none/x.npy"], 74, "none/x.npy: cannot be written",
      leaving: ["in", "weights"])
  }

  @Test(arguments: [
    ["train"], ["train", "digits", "--resume", "x"], ["train", "digits", "--labels", "x"],
    ["train", "digits", "--json"], ["sample", "x", "-n", "0"], ["sample", "x", "--guidance=-1"],
    ["sample", "x", "--guide", "c"], ["sample", "x", "--fixed-point=-1"],
    ["sample", "x", "--attention-temperature", "0"], ["sample", "x", "--guide", "a"],
    ["sample", "x", "--annealed"], ["sample", "x", "--segment", "8"],
    ["sample", "x", "--denoise", "--strength", "nan"],
    ["sample", "x", "--array", "q", "--latents", "./q"],
    ["evaluate", "x", "--classify", "--conditional"],
    ["evaluate", "--features", "a", "b", "--conditional"],
    ["sample", "x", "--sigma", "0.1"], ["sample", "x", "--denoise", "--sigma", "0"], ["evaluate"],
    ["evaluate", "--features", "a"], ["evaluate", "x", "--features", "a", "b"],
    ["denoise", "--weights", "w", "--input", "i", "--output", "o"],
    ["encode", "--weights", "w", "--input", "i"], ["encode", "--channels", "2"],
  ])
  func `wrong usage is 64 with the usage on stderr`(arguments: [String]) throws {
    let outcome = try Child(["image"] + arguments).outcome()
    #expect(outcome.status == 64)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errorLines.count == 1)
    #expect(outcome.errors.contains("--help"))
  }
}
