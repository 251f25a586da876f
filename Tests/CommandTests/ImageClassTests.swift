import Foundation
import Images
import TensorFiles
import TestSupport
import Testing

/// A run keeps the names of its classes' folders and knows them again.
@Suite struct ImageClassTests {
  private let folder: URL

  init() throws { folder = try temporaryFolder() }

  /// Pictures of one shade for each class, in a sub-folder of its name.
  private func write(_ set: String, _ classes: [(name: String, shade: Int)]) throws {
    for (name, shade) in classes {
      let path = folder.appending(path: "\(set)/\(name)")
      try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
      for image in 0..<8 {
        let pixels = (0..<16).map { UInt8(shade + ($0 * 7 + image * 5) % 16) }
        try writePNG(
          pixels, channels: 1, width: 4, height: 4, path: path.appending(path: "\(image).png").path)
      }
    }
  }

  private func image(_ arguments: String...) throws -> Outcome {
    try Child(["image"] + arguments, folder: folder).outcome()
  }

  private func trained(_ more: String = "") throws -> Outcome {
    try write("system/train", [("ant", 0), ("bee", 100), ("cat", 220)])
    let text = """
      name: animals
      image_size: 4
      channels: 1
      classes: 3
      training: {images: train}
      test: {images: test}
      defaults:
        noise: {kind: gaussian, deviation: 0.1}
        flow: {patch: 2, width: 16, head_width: 16, blocks: 2, layers: 1}
        training: {epochs: 40, batch: 12, learning_rate: 5e-3, label_drop: 0}
        sampling: {count: 0}
      \(more)
      """
    try Data(text.utf8).write(to: folder.appending(path: "system/images.yaml"))
    return try image("train", "./system", "--output", "run")
  }

  @Test func `classes are known by name, and accuracy is printed unasked`() throws {
    let training = try trained()
    #expect(training.status == 0, "\(training.errors)")
    try write("system/test", [("Cat", 220), ("ant", 0), ("bee", 100)])
    let found = try image("evaluate", "run", "--quiet")
    #expect(found.status == 0, "\(found.errors)")
    #expect(found.output.contains(#/accuracy \(%\) +100\.0 /#), "\(found.output)")
    let bits = try image("evaluate", "run", "--bits", "--quiet")
    #expect(bits.status == 0 && !bits.output.contains("accuracy"), "\(bits.errors)")

    // Weights that say nothing, as of another program.
    let best = folder.appending(path: "run/checkpoints/best.safetensors").path
    var file = try Safetensors(path: best)
    #expect(file.metadata["class_folders"] == "ant\nbee\ncat")
    file.metadata["class_folders"] = nil
    try file.write(path: folder.appending(path: "nameless").path)
    let byNumber = try image("evaluate", "nameless", "--images", "system/test")
    #expect(byNumber.status == 0 && byNumber.output.contains(#/accuracy \(%\) +0\.0 /#))
    #expect(byNumber.errors.contains("warning: nameless: does not name its classes; sub-folders"))

    try write("other", [("ant", 0), ("bee", 100), ("dog", 220)])
    let problem =
      "other: has a sub-folder 'dog', but none for the class 'cat' of run; "
      + "name the sub-folders as in training"
    for arguments in [[], ["--classify"], ["--bits", "--conditional"]] {
      let refused = try Child(
        ["image", "evaluate", "run", "--images", "other"] + arguments, folder: folder
      ).outcome()
      #expect(refused.status == 65 && refused.output.isEmpty)
      #expect(refused.errors.hasSuffix(problem + "\n"), "\(refused.errors)")
    }
    #expect(try image("evaluate", "run", "--images", "other", "--bits").status == 0)
    let weights = try image(
      "train", "./system", "--images", "other", "--weights", "run/checkpoints/best.safetensors",
      "--output", "next")
    #expect(weights.status == 65)
    #expect(weights.errors.contains("none for the class 'cat' of "), "\(weights.errors)")
  }

  @Test func `names of the description in another order than the folders are 78`() throws {
    let training = try trained("class_names: [bee, ant, cat]")
    #expect(training.status == 78)
    #expect(
      training.errors.contains(
        "class_names has 'bee' as class 0, but the sub-folders, by name, have 'ant'; list the "
          + "names in the order of the sub-folders"), "\(training.errors)")
  }

  @Test func `names of the description are not those of numbers in the order of texts`() throws {
    try write("system/train", (0..<12).map { ("\($0)", 10 * $0) })
    let names = (0..<12).map { "word\($0)" }.joined(separator: ", ")
    let text =
      "name: words\nimage_size: 4\nchannels: 1\nclasses: 12\ntraining: {images: train}\n"
      + "class_names: [\(names)]\n"
    try Data(text.utf8).write(to: folder.appending(path: "system/images.yaml"))
    let training = try image("train", "./system", "--output", "run")
    #expect(training.status == 78)
    #expect(
      training.errors.contains(
        "class_names has 'word2' as class 2, but the sub-folders, by name, have '10'; give the "
          + "numbers of the sub-folders leading zeros, such as '02'"), "\(training.errors)")
  }

  @Test func `a page has test images without classes, and the rows of its samples`() throws {
    #expect(try trained().status == 0)
    try write("system", [("test", 50)])
    let run = try image(
      "train", "./system", "--output", "page", "--set", "training.epochs=1", "--set",
      "sampling.count=20")
    #expect(run.status == 0, "\(run.errors)")
    let page = try String(
      contentsOf: folder.appending(path: "page/report.html"), encoding: .utf8)
    #expect(page.contains("8 test images") && page.contains("Latents of test images"))
    #expect(!page.contains("There are no test images to read"))
    #expect(page.contains("a class in each row from the top: ant, bee."))
  }

  @Test func `held-out images of the last class alone are warned of`() throws {
    #expect(try !trained().errors.contains("held out of the training, lack"))
    let settings = ["training.held_out=4", "training.epochs=1"].flatMap { ["--set", $0] }
    let last = try Child(
      ["image", "train", "./system", "--output", "last"] + settings, folder: folder
    ).outcome()
    #expect(last.status == 0)
    #expect(
      last.errors.contains(
        "warning: the last 4 images of the set, held out of the training, lack 2 of its 3 classes; "
          + "for a share of each begin a run with --set training.held_out_from=throughout"),
      "\(last.errors)")
    let spread = try Child(
      [
        "image", "train", "./system", "--output", "spread", "--set",
        "training.held_out_from=throughout",
      ] + settings, folder: folder
    ).outcome()
    #expect(spread.status == 0 && !spread.errors.contains("lack"), "\(spread.errors)")
  }
}
