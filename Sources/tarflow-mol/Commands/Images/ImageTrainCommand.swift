import ArgumentParser
import Foundation
import ImageRuns
import Images
import Kernels
import Logging
import Reporting
import Runs

struct ImageTrainCommand: SharedCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a flow on images and draw a grid of samples.",
    discussion: """
      Fills a run folder: config.resolved.yaml, metrics.csv, checkpoints/, samples.png, report.html. \
      Ctrl-C or SIGTERM writes a checkpoint; --resume continues exactly there. Losses are the published \
      ones: half the mean square of z minus the mean log-determinant, per dimension.
      """)

  @Argument(
    help:
      """
      A system of images: a name such as digits or fashion-mnist, or a folder with images.yaml. \
      Not needed with --images, for which a network is chosen, and with --resume.
      """
  )
  var system: String?

  @Option(
    help: ArgumentHelp(
      "The training images: IDX (gzipped or not), .npy, or a folder of PNGs.", valueName: "path"))
  var images: String?

  @Option(help: ArgumentHelp("Their classes, IDX or .npy.", valueName: "file"))
  var labels: String?

  @Option(
    help: ArgumentHelp("Weights to begin with, instead of random ones.", valueName: "safetensors"))
  var weights: String?

  @Flag(help: "Train nothing: print shapes, parameters, and estimates of memory and time.")
  var dryRun = false

  @Flag(help: "Print the dry run as JSON.")
  var json = false

  @OptionGroup var options: RunOptions
  @OptionGroup var resuming: ResumeIfPresentOption
  @OptionGroup var precision: PrecisionOption
  @OptionGroup var systems: SystemsOption
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if labels != nil, images == nil { throw ValidationError("--labels needs --images") }
    try resuming.check(beside: options)
    if json, !dryRun { throw ValidationError("--json is for --dry-run") }
    if options.resume != nil {
      try checkResume(of: "run", beside: ["resume"], and: options, precision, systems)
    } else if system == nil, images == nil {
      throw ValidationError(
        "name a system of images, such as digits, your own --images, or a run to --resume")
    }
  }

  mutating func run() throws {
    let ranks = dryRun ? Ranks.alone : joinRanks()
    guard ranks.isFirst else { return try follow(ranks) }
    if let run = resuming.begunRun(options) {
      let record = try ImageRecord.read(path: RunFolder(existing: run).record)
      let difference = try difference(from: record).map { RunDifference(text: $0) }
      let layers = try options.layers() + precision.layers()
      try resuming.resume(
        run, in: &options, layers: layers, begun: record.configuration, difference: difference)
    }
    try train(ranks)
  }

  /// In what a run is another one than that of the command line, in words, besides its settings; nil
  /// if in nothing.
  private func difference(from begun: ImageRecord) throws -> String? {
    if let system {
      let folder = try systems.find(system, .images)
      let wanted = try ImageSystem.read(path: "\(folder)/\(SystemKind.images.file)")
      let own = try begun.readSystem()
      if own.name != wanted.name { return "is a run of \(own.name), not of \(wanted.name)" }
      if images == nil, !begun.isAlike(wanted, in: folder) {
        return "is a run of another \(wanted.name), with other images than those of \(folder)"
      }
    }
    for (wanted, found) in [(images, begun.images), (labels, begun.labels), (weights, begun.start)]
    {
      guard let wanted else { continue }
      guard let found else { return "began without \(wanted)" }
      if !found.isAlike(wanted) { return "began with other content than that of \(wanted)" }
    }
    return nil
  }

  private func train(_ ranks: Ranks) throws {
    let start = Date()
    let interruption = Interruption()
    let kernel = try loadBLAS()
    if dryRun { return try printFacts(try plan(), json: json) }
    let context = shared.context(
      ranks: ranks, stopReason: options.limit.stopReason(interruption, from: start))
    let run = try trainingRun(kernel, context)
    _ = try ImageRecord.ofFirst(run.record, ranks)
    let configuration = run.record.configuration
    var training = try ImageTraining(run.record, context: context)
    let name = training.system.name
    func resume(_ folder: String) -> String { "image train --resume \(folder)" }
    try resumable(by: resume) {
      try run.inFolder(options.newFolder(name), kernel: kernel, context: context) { folder in
        _ = try RunFolder.ofFirst(folder, ranks)
        try context.parts.measure("training") { try training.run(in: folder) }
        leaveRanks()
        interruption.endAtOnce(resumingBy: resume(folder.path))
        var results = [folder.model]
        if configuration.sampling.count > 0 {
          let model = try ImageModel(path: folder.model)
          let (count, columns) = (configuration.sampling.count, configuration.sampling.columns)
          try context.parts.measure("sampling") {
            try model.drawSamples(configuration, context: context)
              .labelledGrid(
                model, columns: columns, labels: model.classesByRow(count: count, columns: columns)
              ).write(path: folder.imageGrid)
          }
          results.append(folder.imageGrid)
        }
        context.parts.measure("report") { writeImageReport(in: folder, context: context) }
        try printResult(results.map { "\($0)\n" }.joined())
        noteCompletion(of: folder.path, since: start, context)
      }
    }
  }

  /// Trains with the first rank, which has the run and writes its files.
  private func follow(_ ranks: Ranks) throws {
    let interruption = Interruption()
    try loadBLAS()
    let context = shared.context(ranks: ranks, stopReason: options.limit.stopReason(interruption))
    guard let record = try ImageRecord.ofFirst(nil, ranks) else { return }
    var training = try ImageTraining(record, context: context)
    let folder = try RunFolder.ofFirst(nil, ranks)
    try following { try training.run(in: folder) }
  }

  /// The run of the command line.
  private func trainingRun(
    _ kernel: String, _ context: RunContext
  ) throws -> TrainingRun<ImageRecord> {
    if let resume = options.resume {
      try checkImages(resume) { "resume it: tarflow-mol train --resume \($0)" }
      return try TrainingRun(
        resuming: try RunFolder(existing: resume), kernel: kernel, context: context)
    }
    let beginning = try beginning()
    let record = try beginning.record(start: weights, kernel: kernel, context: context)
    try options.checkOutput()
    if let choice = try beginning.choice() {
      let advice = "--set flow.width=128 --set training.epochs=100"
      context.log.info(
        "\(choice); change it: \(advice) (all keys: tarflow-mol settings --of image)")
    }
    for warning in beginning.warnings { context.log.warning("\(warning)") }
    return TrainingRun(beginning: record)
  }

  /// The images and settings of the command line.
  private func beginning() throws -> ImageBeginning {
    let layers = try options.layers() + precision.layers()
    let advice = ImageModelOptions.imagesAdvice
    guard let system else {
      return try ImageBeginning(
        images: images ?? "", labels: labels, weights: weights, layers: layers, advice: advice)
    }
    let folder: String
    do {
      folder = try systems.find(system, .images)
    } catch RunError.missing(let what, let path, _) where isImageRun(system) {
      throw RunError.missing(
        what: what, path: path,
        advice: "it is a run; go on with it: --resume \(system), or begin with its weights: "
          + "--weights \(RunFolder(path: system).model)")
    } catch RunError.missing(let what, let path, _) where isPictureFolder(system) {
      throw RunError.missing(
        what: what, path: path, advice: "it holds pictures; train on them: --images \(system)")
    }
    return try ImageBeginning(
      system: folder, images: images, labels: labels, layers: layers, advice: advice)
  }

  private func plan() throws -> [Fact] {
    let beginning = try beginning()
    return try ImagePlan(
      system: beginning.system, configuration: beginning.configuration,
      images: try beginning.count(), workers: shared.execution.workers
    ).facts()
  }
}
