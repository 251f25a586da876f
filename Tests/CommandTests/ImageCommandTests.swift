import Flow
import Foundation
import Images
import TensorFiles
import TestSupport
import Testing

/// Runs `tarflow-mol image …` on the digits of the repository.
private func image(_ arguments: [String], folder: URL? = nil) throws -> Outcome {
  try Child(["image"] + arguments, folder: folder).outcome()
}

/// A training of digits of a second; later settings win.
private func tinyTraining(_ output: URL, _ more: String...) -> [String] {
  let settings = [
    "flow.width=64", "flow.blocks=2", "training.steps=6", "training.batch=32",
    "training.validate_every=3", "training.checkpoint_every=2", "training.held_out=50",
    "training.flip=true", "sampling.count=20",
  ]
  return ["train", "digits", "--systems", systemsFolder.path, "--output", output.path]
    + settings.flatMap { ["--set", $0] } + more
}

/// A run that is complete; to be read, not changed.
private let completeRun = Result { () throws -> URL in
  let run = try temporaryFolder().appending(path: "digits")
  let outcome = try image(tinyTraining(run))
  guard outcome.status == 0 else { throw TinyRun.Failure(outcome: outcome) }
  return run
}

private func metrics(_ run: URL) throws -> [[Substring]] {
  try String(contentsOf: run.appending(path: "metrics.csv"), encoding: .utf8)
    .split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).dropLast(2)
    }
}

@Suite struct ImageTrainingTests {
  /// What `Tests/Golden/images/train_torch.py` wrote.
  private struct Golden: Decodable {
    let settings: [String]
    let losses: [Double]
  }

  @Test func `200 losses of digits are PyTorch's`() throws {
    let file = goldenFolder.appending(path: "images/digits-losses.json")
    let golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file))
    let run = try temporaryFolder().appending(path: "run")
    let outcome = try image(
      ["train", "digits", "--systems", systemsFolder.path, "--output", run.path]
        + golden.settings.flatMap { ["--set", $0] } + ["--set", "sampling.count=0"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let found = try metrics(run).dropFirst().compactMap { Double($0[1]) }
    #expect(found.count == 200)
    // The losses have six decimals, and differ in the last one. Rounding to bfloat16, another decay
    // or another end of the schedule moves them by 5e-4 and more.
    expectClose(found, golden.losses, absolute: 2e-5, "loss")
  }

  @Test func `a run folder holds a model and a grid`() throws {
    let run = try completeRun.get()
    let names = try FileManager.default.subpathsOfDirectory(atPath: run.path).sorted()
      .filter { !$0.hasPrefix("report/") }
    #expect(
      names == [
        "checkpoints", "checkpoints/best.safetensors", "checkpoints/step-4.safetensors",
        "checkpoints/step-6.safetensors", "config.resolved.yaml", "lock", "metrics.csv",
        "report", "report.html", "samples.png", "system", "system/images.yaml",
      ])
    let page = try String(contentsOf: run.appending(path: "report.html"), encoding: .utf8)
    for part in [
      "Images drawn from the flow", "report/loss.csv", "Learning rate, over time", "Raw samples",
      "Guided and denoised samples", "Accuracy by class", "bits per dimension",
      "Latents of test images",
    ] {
      #expect(page.contains(part), "\(part)")
    }
    let rows = try metrics(run)
    #expect(rows[0] == ["step", "train_loss", "validation_loss", "learning_rate"])
    #expect(rows.dropFirst().map { $0[0] } == ["3", "6"])
    #expect(rows.dropFirst().allSatisfy { $0.allSatisfy { Double($0) != nil } })
    let model = try ImageModel(
      path: run.appending(path: "checkpoints/best.safetensors").path)
    #expect(model.shape == ImageShape(channels: 1, size: 8))
    #expect(model.configuration.classes == 10)
    #expect(model.notes["noise"] == "gaussian" && model.notes["noise_deviation"] == "0.1")
  }

  @Test func `a stopped and resumed training is the uninterrupted one, for any threads`() throws {
    let whole = try completeRun.get()
    let run = try temporaryFolder().appending(path: "run")
    let stopped = try image(tinyTraining(run, "--max-hours", "1e-9", "--threads", "1"))
    #expect(stopped.status == 75)
    #expect(
      stopped.errorLines == [
        "Error: stopped after step 1 (the time limit); continue with: "
          + "tarflow-mol image train --resume \(run.path)"
      ])
    #expect(try image(["train", "--resume", run.path, "--threads", "3"]).status == 0)
    for name in ["checkpoints/best.safetensors", "checkpoints/step-6.safetensors", "samples.png"] {
      #expect(try run.bytes(name) == whole.bytes(name), "\(name)")
    }
    #expect(try metrics(run) == metrics(whole))
  }

  @Test func `a training may begin with weights that are there`() throws {
    let whole = try completeRun.get()
    let start = whole.appending(path: "checkpoints/best.safetensors").path
    let run = try temporaryFolder().appending(path: "run")
    let outcome = try image(
      tinyTraining(
        run, "--weights", start, "--set", "training.steps=1", "--set",
        "training.learning_rate=1e-30", "--set", "training.lowest_rate=0", "--set",
        "training.average_decay=0"))
    #expect(outcome.status == 0, "\(outcome.errors)")
    let before = try Safetensors(path: start).tensors
    let after = try Safetensors(path: run.appending(path: "checkpoints/best.safetensors").path)
    #expect(after.tensors == before)
  }

  @Test func `a volume-preserving flow keeps its prior's variance in var`() throws {
    let run = try temporaryFolder().appending(path: "run")
    let outcome = try image(
      tinyTraining(run, "--set", "flow.volume_preserving=true", "--set", "noise.kind=uniform"))
    #expect(outcome.status == 0, "\(outcome.errors)")
    let model = try ImageModel(path: run.appending(path: "checkpoints/best.safetensors").path)
    #expect(model.configuration.network.volumePreserving)
    #expect(Set(model.priorVariance).count > 10)

    // A training that begins with its weights goes on from its variance, not from ones.
    let next = try temporaryFolder().appending(path: "run")
    let more = try image(
      tinyTraining(
        next, "--set", "flow.volume_preserving=true", "--set", "noise.kind=uniform", "--set",
        "training.steps=1", "--weights",
        run.appending(path: "checkpoints/best.safetensors").path))
    #expect(more.status == 0, "\(more.errors)")
    let after = try ImageModel(path: next.appending(path: "checkpoints/best.safetensors").path)
    func distance(_ variance: [Float]) -> Float { variance.reduce(0) { $0 + abs($1 - 1) } }
    #expect(distance(after.priorVariance) > 0.8 * distance(model.priorVariance))
  }

  @Test(arguments: [
    // Parameters: counted by hand from the published shapes.
    ("imagenet64-uncond-bpd", 1024, 12, 460_142_784, 500_400, 5_004),
    ("imagenet64-uncond", 1024, 12, 460_142_784, 1_000_800, 5_004),
    ("imagenet64-cond", 1024, 12, 466_286_784, 1_000_800, 5_004),
    ("imagenet128-cond", 1024, 48, 823_927_552, 533_760, 1_668),
    ("afhq256", 1024, 192, 463_481_856, 228_000, 57),
  ])
  func `the published runs are planned without a training`(
    name: String, tokens: Int, features: Int, parameters: Int, steps: Int, warmUp: Int
  ) throws {
    let outcome = try image(
      ["train", name, "--systems", systemsFolder.path, "--dry-run", "--json", "--quiet"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let facts = try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    #expect(facts["tokens"] as? Int == tokens && facts["features"] as? Int == features)
    #expect(facts["parameters"] as? Int == parameters)
    #expect(facts["steps"] as? Int == steps && facts["warm-up_steps"] as? Int == warmUp)
    let width = name == "imagenet128-cond" ? 1_024 : 768
    let classes = facts["classes"] as? Int ?? -1
    let layer = 12 * width * width + 13 * width
    let block =
      (features * width + width) + tokens * width + classes * width + 8 * layer
      + (2 * features * width + 2 * features)
    #expect(parameters == 8 * block)
  }
}

@Suite struct ImageSamplingTests {
  private let run: URL
  private let folder: URL

  init() throws {
    run = try completeRun.get()
    folder = try temporaryFolder()
  }

  @Test func `images are drawn with all that is asked for`() throws {
    let outcome = try image(
      [
        "sample", run.path, "-n", "6", "--columns", "3", "--guidance", "1.5", "--annealed",
        "--attention-temperature", "0.5", "--denoise", "--output", "grid.png", "--array", "x.npy",
        "--latents", "z.npy", "--sequence", "sequence.png",
      ], folder: folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output == "grid.png\nx.npy\nz.npy\nsequence.png\n")
    #expect(try StoredArray(path: folder.appending(path: "x.npy").path)?.shape == [6, 1, 8, 8])
    #expect(try StoredArray(path: folder.appending(path: "z.npy").path)?.shape == [6, 16, 4])
    // Six rows of the noise and the images after two blocks, eight times as large, and a letter.
    let png = try folder.bytes("sequence.png")
    let sizes = png[16..<24].map { Int($0) }
    let (width, height) = (12 + 4 + 3 * 68 + 4, 6 * 68 + 4)
    #expect(sizes == [0, 0, 0, width, 0, 0, height / 256, height % 256])
    let again = try image(
      ["sample", run.path, "-n", "6", "--output", "grid.png"], folder: folder)
    #expect(again.status == 73)
    #expect(try folder.bytes("sequence.png") == png)
  }

  @Test func `guidance, denoising, class and seed change the images, threads do not`() throws {
    func sample(_ more: String...) throws -> Data {
      let outcome = try image(
        [
          "sample", run.path, "-n", "4", "--output", "s.png", "--array", "s.npy", "--overwrite",
        ] + more, folder: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return try folder.bytes("s.npy")
    }
    let plain = try sample()
    #expect(try sample("--threads", "1") == plain)
    #expect(try sample("--guidance", "0", "--guide", "a") == plain)
    // The first row is of class 0 anyhow.
    #expect(try sample("--label", "0") == plain)
    let others = try [
      sample("--guidance", "1"), sample("--guidance", "1", "--guide", "b"),
      sample("--guidance", "1", "--annealed"), sample("--denoise"),
      sample("--denoise", "--strength", "0.5"), sample("--label", "4"), sample("--label", "-1"),
      sample("--seed", "2"),
    ]
    #expect(Set(others + [plain]).count == 9)
  }

  @Test func `evaluation says what the images allow`() throws {
    let outcome = try image(
      ["evaluate", run.path, "--bits", "--classify", "-n", "40", "--json", "--quiet"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let facts = try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    #expect(facts["images"] as? Int == 40)
    let bits = try #require(facts["bits_per_dimension"] as? Double)
    #expect(bits > 0 && bits < 20)
    let accuracy = try #require(facts["accuracy_%"] as? Double)
    #expect((0...100).contains(accuracy))
    let features = goldenFolder.appending(path: "images/frechet").path
    let distance = try image(
      ["evaluate", "--features", "\(features)/a.npy", "\(features)/b.npy"])
    #expect(distance.status == 0, "\(distance.errors)")
    #expect(distance.output.contains("Fréchet distance  74.7029"))
  }
}

/// The commands from tensors to tensors, against the published numbers.
@Suite struct ImageTensorTests {
  private func expectSame(_ found: StoredTensor?, _ expected: StoredTensor?, _ label: String) throws
  {
    let (found, expected) = (try #require(found, "\(label)"), try #require(expected, "\(label)"))
    #expect(found.shape == expected.shape, "\(label)")
    let scale = Double(expected.values.map(abs).max() ?? 0)
    expectClose(
      found.values.map { Double($0) }, expected.values.map { Double($0) },
      absolute: 1e-4 * max(scale, 1e-30), label)
  }

  /// Runs a command on tensors and returns what it writes.
  private func run(
    _ command: String, _ weights: String, _ tensors: [String: StoredTensor?], _ more: [String] = []
  ) throws -> Safetensors {
    let folder = try temporaryFolder()
    var input = Safetensors()
    input.tensors = tensors.compactMapValues { $0 }
    try input.write(path: folder.appending(path: "in").path)
    let outcome = try image(
      [command, "--weights", weights, "--input", "in", "--output", "out", "--threads", "2"] + more,
      folder: folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output == "out\n")
    return try Safetensors(path: folder.appending(path: "out").path)
  }

  @Test(arguments: goldenFlows)
  func `encode gives latents, loss and every gradient`(weights: String) throws {
    let expected = try Safetensors(
      path: weights.replacing(".weights.", with: ".expected.")
    ).tensors
    let found = try run(
      "encode", weights, ["x": expected["x"], "labels": expected["labels"]], ["--gradients"]
    ).tensors
    let gradients = expected.keys.filter { $0.hasPrefix("grad.") }
    #expect(Set(found.keys) == Set(gradients + ["z", "log_det_per_dim", "loss"]))
    for name in found.keys { try expectSame(found[name], expected[name], name) }
    let plain = try run("encode", weights, ["x": expected["x"], "labels": expected["labels"]])
    #expect(Set(plain.tensors.keys) == ["z", "log_det_per_dim", "loss"])
  }

  @Test func `weights without metadata are told the width of a head`() throws {
    let path = goldenFolder.appending(path: "flows/small-conditional.weights.safetensors").path
    let expected = try Safetensors(path: path.replacing(".weights.", with: ".expected.")).tensors
    var bare = try Safetensors(path: path)
    bare.metadata = [:]
    let weights = try temporaryFolder().appending(path: "bare").path
    try bare.write(path: weights)
    let input: [String: StoredTensor?] = ["x": expected["x"], "labels": expected["labels"]]
    let found = try run("encode", weights, input, ["--channels", "3", "--head-width", "8"])
    try expectSame(found.tensors["z"], expected["z"], "z")
    let other = try run("encode", weights, input)
    #expect(other.tensors["z"] != found.tensors["z"])
  }

  @Test(arguments: goldenFlows)
  func `decode gives every guided sample, denoise the denoised`(weights: String) throws {
    let expected = try Safetensors(
      path: weights.replacing(".weights.", with: ".expected.")
    ).tensors
    let labels = expected["sample_labels"]
    for name in expected.keys where name.hasPrefix("sample.") {
      var options: [String] = []
      for field in name.dropFirst("sample.".count).split(separator: ",") {
        let parts = field.split(separator: "=").map(String.init)
        switch parts[0] {
        case "guidance": options += ["--guidance", parts[1]]
        case "what": options += ["--guide", parts[1]]
        case "temp": options += ["--attention-temperature", parts[1]]
        default: options += parts[1] == "1" ? ["--annealed"] : []
        }
      }
      let found = try run(
        "decode", weights, ["prior_noise": expected["prior_noise"], "labels": labels], options)
      try expectSame(found.tensors["sample"], expected[name], name)
      let iterated = try run(
        "decode", weights, ["prior_noise": expected["prior_noise"], "labels": labels],
        options + ["--fixed-point", "0", "--segment", "5"])
      try expectSame(iterated.tensors["sample"], expected[name], "\(name), iterated")
    }
    let denoised = try run(
      "denoise", weights,
      ["x": expected["sample.guidance=0,what=ab,temp=1.0,annealed=0"], "labels": labels],
      ["--sigma", "0.1"])
    try expectSame(denoised.tensors["denoised"], expected["denoised.sigma=0.1"], "denoised")
  }
}
