import ArgumentParser
import Foundation
import ImageRuns
import Images
import Kernels
import Reporting
import Runs

struct ImageEvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Bits per dimension, accuracy of the Bayes classifier, or a Fréchet distance.",
    discussion: """
      Evaluates a run on the test images of its system, or weights on --images. --bits and \
      --classify are both computed by default where they apply. The bits are those of uniformly \
      dequantized pixels; a flow that was trained with Gaussian noise of a few grey levels scores \
      badly. --features compares two sets of features, .npy [samples, features], such as those of \
      an Inception network; the distance is the FID only with the network and the preprocessing \
      that the field uses.
      """)

  @Argument(help: ArgumentHelp("A run folder or a weights file.", valueName: "run"))
  var path: String?

  @Flag(help: "Bits per dimension.")
  var bits = false

  @Flag(help: "Accuracy of the classifier p(y|x) by Bayes' rule.")
  var classify = false

  @Flag(help: "Give the flow the images' classes for --bits.")
  var conditional = false

  @Option(
    help: ArgumentHelp(
      """
      Images: IDX (gzipped or not), .npy, or a folder of PNGs; the system's test images by default.
      """, valueName: "path"))
  var images: String?

  @Option(help: ArgumentHelp("Their classes, IDX or .npy.", valueName: "file"))
  var labels: String?

  @Option(name: [.customShort("n"), .long], help: "Only the first so many images.")
  var count: Int?

  /// Another name of the same.
  @Option(name: .customLong("number"), help: .hidden)
  var formerCount: Int?

  private var number: Int? { formerCount ?? count }

  @Option(help: "The seed of the dequantization.")
  var seed: UInt64 = 1

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Two files of features to compare.", valueName: "file.npy"))
  var features: [String] = []

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup var model: ImageModelOptions
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if !features.isEmpty {
      if features.count != 2 {
        throw ValidationError("--features takes two files, found \(features.count)")
      }
      if path != nil || images != nil || bits || classify {
        throw ValidationError("--features stands alone")
      }
    } else if path == nil {
      throw ValidationError("name a run or a weights file, or pass --features")
    }
    if labels != nil, images == nil { throw ValidationError("--labels needs --images") }
    try check("-n", number, .between(1, 1e9))
  }

  func run() throws {
    try loadBLAS()
    try printFacts(
      features.isEmpty ? try likelihoodFacts() : try frechetFacts(features), json: json)
  }

  private func likelihoodFacts() throws -> [Fact] {
    let path = path ?? ""
    let model = try model.read(path, log: shared.log)
    let classes = model.configuration.classes
    if classify, classes == 0 {
      throw RunError.badData(path: path, problem: "has no classes to tell apart")
    }
    let files = try testFiles(path)
    let names = ClassNames(notes: model.notes, source: path)
    let hasLabels = files.labels != nil || (!bits && hasClassFolders(files.images))
    let needsLabels = classify || conditional || hasLabels
    var set = try ImageSet(
      path: files.images, labels: files.labels, shape: model.shape,
      classes: needsLabels ? classes : 0, names: names)
    if let number, number < set.count { set = set[0..<number] }
    let context = shared.context()
    if names == nil, set.labels != nil, set.classFolders != nil {
      context.log.warning(
        "\(path): does not name its classes; sub-folders are numbered in the order of their names")
    }
    var facts: [Fact] = [("images", .count(set.count))]
    let noise = model.notes["noise"]
    if bits || (!classify && noise == "uniform") {
      let found = model.bitsPerDimension(
        set, conditional: conditional, seed: seed, execution: context.execution,
        onProgress: context.counting("bits per dimension", of: set.count))
      facts += [
        ("bits per dimension", .number(found.mean)),
        ("standard error", .number(found.standardError)),
      ]
    }
    if let labels = set.labels, classify || !bits {
      let predicted = model.classify(
        set, execution: context.execution,
        onProgress: context.counting("classifying", of: set.count))
      let correct = zip(predicted, labels).count { $0 == $1 }
      facts.append(("accuracy %", .number(100 * Double(correct) / Double(set.count))))
    }
    return facts
  }

  private func testFiles(_ path: String) throws -> ImageSystem.Files {
    if images == nil, RunFolder.isRun(path) {
      let run = try RunFolder(existing: path)
      let record = try ImageRecord.read(path: run.record)
      return try ImageSystem.files(
        try ImageSystem.read(path: record.description.path).test, in: record.system, images: nil,
        labels: nil, kind: "test", advice: ImageModelOptions.imagesAdvice)
    }
    return try ImageSystem.files(
      nil, in: path, images: images, labels: labels, kind: "test",
      advice: ImageModelOptions.imagesAdvice)
  }
}
