import Foundation
import Images
import TensorFiles
import TestSupport
import Testing

/// Pictures of one shade for each class, in a sub-folder of its name.
private func writePictures(_ folder: URL, _ classes: [(name: String, shade: Int)], count: Int)
  throws
{
  for (name, shade) in classes {
    let path = folder.appending(path: name)
    try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
    for image in 0..<count {
      try writePNG(
        (0..<64).map { UInt8(shade + ($0 * 7 + image * 5) % 32) }, channels: 1, width: 8, height: 8,
        path: path.appending(path: "\(image).png").path)
    }
  }
}

/// The settings of a training of a second.
private let short = [
  "training.epochs=2", "training.checkpoint_every=2", "flow.blocks=2", "sampling.columns=2",
  "sampling.count=4",
].flatMap { ["--set", $0] }

/// A folder with pictures in `pets` and a run on them in `run`; to be copied, not changed.
private let trained = Result { () throws -> (folder: URL, outcome: Outcome) in
  let folder = try temporaryFolder()
  try writePictures(folder.appending(path: "pets"), [("cat", 20), ("Dog", 200)], count: 40)
  let outcome = try Child(
    ["image", "train", "--images", "pets", "--output", "run"] + short, folder: folder
  ).outcome()
  guard outcome.status == 0 else { throw TinyRun.Failure(outcome: outcome) }
  return (folder, outcome)
}

/// A folder of pictures is all that a training needs.
@Suite struct ImageFolderTests {
  private let folder: URL

  init() throws {
    folder = try temporaryFolder().appending(path: "work")
    try FileManager.default.copyItem(at: trained.get().folder, to: folder)
  }

  private func image(_ arguments: String...) throws -> Outcome {
    try Child(["image"] + arguments, folder: folder).outcome()
  }

  @Test func `what was chosen is said on one line, with how to change it`() throws {
    let lines = try trained.get().outcome.errors.split(separator: "\n")
    let choice = lines.filter { $0.contains("80 pictures of 8×8, 1 channel") }
    #expect(choice.count == 1)
    for part in [
      "pets: 80 pictures of 8×8, 1 channel, 2 classes (Dog, cat); the network has patches of 2×2, "
        + "width 64, 2 blocks of 1 layer, ",
      "it trains for 8 steps of 16 pictures, and 8 are held out; change it: --set flow.width=128",
    ] {
      #expect(choice.first?.contains(part) == true, "\(choice)")
    }
    let record = try String(
      contentsOf: folder.appending(path: "run/config.resolved.yaml"), encoding: .utf8)
    for line in ["held_out_from: throughout", "patch: 2", "epochs: 2", "image_size: 8", "- Dog"] {
      #expect(record.contains(line), "\(line)")
    }
    let model = try ImageModel(
      path: folder.appending(path: "run/checkpoints/best.safetensors").path)
    #expect(model.classNames == ["Dog", "cat"])
    // Three letters of two pixels' pixels, two pictures of 64 pixels, four apart.
    let (width, height) = (36 + 4 + 2 * 68 + 4, 2 * 68 + 4)
    let expected: [UInt8] = [0, 0, 0, UInt8(width), 0, 0, 0, UInt8(height)]
    let header = try Array(folder.bytes("run/samples.png")[16..<24])
    #expect(header == expected)
    #expect(
      try image("train", "pets").errors.contains("it holds pictures; train on them: --images"))
    #expect(try image("train", "run").errors.contains("it is a run; go on with it: --resume run,"))
  }

  @Test func `a stopped run resumes exactly`() throws {
    // At the same place, which the record names.
    let place = try trained.get().folder
    let stopped = try Child(
      ["image", "train", "--images", "pets", "--max-hours", "1e-9", "--output", "stopped"] + short,
      folder: place
    ).outcome()
    #expect(stopped.status == 75, "\(stopped.errors)")
    let resumed = try Child(["image", "train", "--resume", "stopped"], folder: place).outcome()
    #expect(resumed.status == 0, "\(resumed.errors)")
    for name in ["checkpoints/best.safetensors", "samples.png"] {
      #expect(try place.bytes("stopped/\(name)") == place.bytes("run/\(name)"), "\(name)")
    }
    try FileManager.default.removeItem(at: place.appending(path: "stopped"))
  }

  @Test func `a run is judged by the images that it held out, or by others`() throws {
    let own = try image("evaluate", "run", "--quiet")
    #expect(own.status == 0, "\(own.errors)")
    #expect(own.output.hasPrefix("run, 8 images held out of the training\n"))
    for part in ["accuracy (%)", "bits per dimension", "Left out:\n  Fréchet distance: ", "Dog "] {
      #expect(own.output.contains(part), "\(part)")
    }
    let other = try image("evaluate", "run", "--images", "pets", "--quiet")
    #expect(other.output.hasPrefix("run, 80 training images\n"))
    #expect(other.output.contains("The flow learned from these images"))
    let flat = try image("evaluate", "run", "--images", "pets/cat", "--quiet")
    #expect(flat.output.hasPrefix("run, 40 test images\n"))
    #expect(flat.status == 0 && flat.output.contains("  accuracy: the images have no classes."))
    // Copied without its pictures and renamed, it samples and says what it misses.
    try FileManager.default.moveItem(
      at: folder.appending(path: "run"), to: folder.appending(path: "moved"))
    #expect(try image("sample", "moved", "-n", "2", "--quiet").status == 0)
    #expect(try image("evaluate", "moved", "--images", "pets", "--quiet").output.contains("bits"))
    let facts = try Child(["inspect", "moved"], folder: folder).outcome()
    for line in [#/kind +run on images/#, #/class names +Dog, cat/#, #/held out +8/#] {
      #expect(facts.output.contains(line), "\(facts.output)")
    }
    #expect(try Child(["report", "moved", "--quiet"], folder: folder).outcome().status == 0)
  }

  @Test func `pictures without classes and a network of weights that are there`() throws {
    let plain = try Child(
      ["image", "train", "--images", "pets/cat", "--output", "plain"] + short, folder: folder
    ).outcome()
    #expect(plain.status == 0, "\(plain.errors)")
    #expect(plain.errors.contains("40 pictures of 8×8, 1 channel, without classes; "))
    #expect(plain.errors.contains("warning: ") && plain.errors.contains("40 pictures are few"))
    let found = try image("evaluate", "plain", "--quiet")
    #expect(found.output.contains("  accuracy: the flow has no classes to tell apart."))

    let next = try image(
      "train", "--images", "pets", "--weights", "run/checkpoints/best.safetensors", "--output",
      "next", "--set", "training.steps=1", "--set", "sampling.count=0")
    #expect(next.status == 0, "\(next.errors)")
    #expect(next.errors.contains("2 blocks of 1 layer,"))
  }

  @Test func `pictures that do not fit are refused, and nothing is left`() throws {
    try writePNG(
      [UInt8](repeating: 9, count: 81), channels: 1, width: 9, height: 9,
      path: folder.appending(path: "pets/cat/9.png").path)
    for (images, fragment) in [
      ("pets", "pets/cat/9.png: is 9×9 pixels, but 79 of 80 pictures are 8×8; bring all to one"),
      ("nothing", "nothing: no such training images; pass --images"),
      ("run", "run/samples.png: lies beside folders, which are taken for classes"),
      ("run/samples.png", "samples.png: is no IDX file, no .npy file and no folder of PNGs"),
    ] {
      let outcome = try image("train", "--images", images, "--output", "new")
      #expect([65, 66].contains(outcome.status) && outcome.errorLines.count == 1)
      #expect(outcome.errors.contains(fragment), "\(outcome.errors)")
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "new").path))
    }
    let batch = try image("train", "--images", "pets/Dog", "--set", "training.batch=99")
    #expect(batch.status == 78)
    #expect(batch.errors.contains("training.batch is 99, expected 1 to the 36 training images"))
    #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "runs").path))
  }

  /// Every command says which one is meant.
  @Test(arguments: [
    (["sample", "run"], "image sample run"), (["evaluate", "run"], "image evaluate run"),
    (["export", "run"], "image sample run --array images.npy"),
    (["export", "run", "--to", "x"], "image sample run --array images.npy"),
    (["analyze", "run"], "image evaluate run"), (["reweight", "run"], "image evaluate run"),
    (["train", "--resume", "run"], "image train --resume run"),
    (
      ["train", "AL3", "--systems", systemsFolder.path, "--from", "run"],
      "image train --weights run/checkpoints/best.safetensors"
    ),
    (["report", "run", "run", "--output", "x.html"], "report run"),
    (["sample", "run/checkpoints/best.safetensors"], "image sample run/checkpoints/best.safet"),
  ])
  func `a command on molecules names the one on images`(arguments: [String], meant: String) throws {
    let outcome = try Child(arguments, folder: folder).outcome()
    #expect(outcome.status == 65 && outcome.output.isEmpty)
    #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
    #expect(outcome.errors.contains("Error: run"), "\(outcome.errors)")
    #expect(outcome.errors.contains("tarflow-mol \(meant)"), "\(outcome.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "x").path))
  }

  @Test(arguments: [
    (["sample"], "sample RUN"), (["evaluate"], "evaluate RUN"),
    (
      ["train", "--resume"],
      "train --resume RUN"
    ),
    (["encode", "--input", "x", "--output", "y", "--weights"], "its flow knows no pixels"),
  ])
  func `a command on images names the one on molecules`(arguments: [String], meant: String) throws {
    let run = try TinyRun.shared().complete.path
    let outcome = try Child(["image"] + arguments + [run], folder: folder).outcome()
    #expect(outcome.status == 65 && outcome.output.isEmpty)
    #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
    #expect(outcome.errors.contains("is a run on a molecule; "), "\(outcome.errors)")
    #expect(outcome.errors.contains(meant.replacing("RUN", with: run)), "\(outcome.errors)")
  }

  @Test func `a system of the other kind is named as such`() throws {
    for (arguments, fragment) in [
      (["train", "digits"], "it is a system of images: tarflow-mol image train digits"),
      (["image", "train", "AL3"], "it is a molecule: tarflow-mol train AL3"),
    ] {
      let outcome = try Child(arguments + ["--systems", systemsFolder.path], folder: folder)
        .outcome()
      #expect(outcome.status == 66 && outcome.errorLines.count == 1)
      #expect(outcome.errors.contains(fragment), "\(outcome.errors)")
    }
    let facts = try Child(["inspect", "digits", "--systems", systemsFolder.path]).outcome()
    #expect(facts.output.contains(#/kind +system of images/#), "\(facts.errors)")
  }
}
