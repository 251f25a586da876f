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
      Evaluates a run on the test images of its system, or else on those that it held out of the \
      training, or weights on --images. Without --bits and --classify both are computed where they \
      can be, and the table says what is left out and why. The bits are those of uniformly \
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

  @Option(
    name: [.customShort("n"), .long],
    help: "Only so many images, evenly spread ones.")
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
      if path != nil || images != nil || bits || classify || conditional || number != nil {
        throw ValidationError("--features stands alone")
      }
    } else if path == nil {
      throw ValidationError("name a run or a weights file, or pass --features")
    }
    if labels != nil, images == nil { throw ValidationError("--labels needs --images") }
    if conditional, classify, !bits {
      throw ValidationError("--conditional is for --bits; add it, or leave --conditional out")
    }
    try check("-n", number, .between(1, 1e9))
  }

  func run() throws {
    try loadBLAS()
    guard features.isEmpty else { return try printFacts(try frechetFacts(features), json: json) }
    let evaluation = try evaluation(of: path ?? "")
    try json ? printFacts(evaluation.facts, json: true) : printResult(evaluation.table)
  }

  private func evaluation(of path: String) throws -> ImageEvaluation {
    let model = try model.read(path, log: shared.log) {
      "evaluate it: tarflow-mol evaluate \($0)"
    }
    if classify, model.configuration.classes == 0 {
      throw RunError.badData(path: path, problem: "has no classes to tell apart")
    }
    if conditional, model.configuration.classes == 0 {
      throw RunError.badData(
        path: path, problem: "has no classes to be given; leave --conditional out")
    }
    var request = ImageEvaluationRequest(bits: bits, accuracy: classify)
    (request.conditional, request.seed) = (conditional, seed)
    let context = shared.context()
    let images = try testSet(path, model, request)
    if let names = ClassNames(notes: model.notes, source: path) {
      let place = self.images ?? images.name
      if let doubt = names.doubt(of: images.set, path: place) { context.log.warning("\(doubt)") }
    } else if images.set.labels != nil, images.set.classFolders != nil {
      context.log.warning(
        "\(path): does not name its classes; sub-folders are numbered in the order of their names")
    }
    return ImageEvaluation(
      request, of: model, name: path, on: images,
      distanceAdvice: "compare two files of them with --features", context: context)
  }

  private func testSet(
    _ path: String, _ model: ImageModel, _ request: ImageEvaluationRequest
  ) throws -> ImageTestSet {
    let advice = ImageModelOptions.imagesAdvice
    if images == nil, RunFolder.isRun(path) {
      return try ImageTestSet(
        of: try ImageRecord.read(in: RunFolder(path: path)), model: model, source: path,
        count: number, advice: advice, readsClasses: request.readsClasses)
    }
    let files = try ImageSystem.files(
      nil, in: path, images: images, labels: labels, kind: "test", advice: advice)
    return try ImageTestSet(
      files, of: model, source: path, count: number,
      record: try? ImageRecord.read(in: RunFolder(path: path)), readsClasses: request.readsClasses)
  }
}
