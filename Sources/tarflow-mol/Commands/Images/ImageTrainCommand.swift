import ArgumentParser
import Foundation
import ImageRuns
import Images
import Kernels
import Logging
import Reporting
import Runs

struct ImageTrainCommand: ParsableCommand {
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
      Not needed with --resume.
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
  @OptionGroup var precision: PrecisionOption
  @OptionGroup var systems: SystemsOption
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if labels != nil, images == nil { throw ValidationError("--labels needs --images") }
    if json, !dryRun { throw ValidationError("--json is for --dry-run") }
    if options.resume != nil {
      try checkResume(of: "run", beside: ["resume"], and: options, precision, systems)
    } else if system == nil {
      throw ValidationError("name a system of images, such as digits, or a run to --resume")
    }
  }

  func run() throws {
    let start = Date()
    let interruption = Interruption()
    let kernel = try loadBLAS()
    if dryRun { return try printFacts(try plan(), json: json) }
    let context = shared.context(stopReason: options.limit.stopReason(interruption, from: start))
    let run = try trainingRun(kernel, context)
    let configuration = run.record.configuration
    var training = try ImageTraining(run.record, context: context)
    let name = training.system.name
    try run.inFolder(options.newFolder(name), kernel: kernel, context: context) { folder in
      let resume = "image train --resume \(folder.path)"
      try resumable(by: { _ in resume }) { try training.run(in: folder) }
      interruption.endAtOnce(resumingBy: resume)
      var results = [folder.model]
      if configuration.sampling.count > 0 {
        let model = try ImageModel(path: folder.model)
        try model.drawSamples(configuration, context: context)
          .grid(model, columns: configuration.sampling.columns).write(path: folder.imageGrid)
        results.append(folder.imageGrid)
      }
      writeImageReport(in: folder, context: context)
      try printResult(results.map { "\($0)\n" }.joined())
      let seconds = Date().timeIntervalSince(start)
      context.log.info("\(folder.path) is complete after \(durationText(seconds: seconds))")
    }
  }

  /// The run of the command line.
  private func trainingRun(
    _ kernel: String, _ context: RunContext
  ) throws -> TrainingRun<ImageRecord> {
    if let resume = options.resume {
      return try TrainingRun(
        resuming: try RunFolder(existing: resume), kernel: kernel, context: context)
    }
    let (folder, system, configuration) = try resolved()
    let record = try ImageRecord(
      configuration, system: folder, files: try files(of: system, in: folder), start: weights,
      kernel: kernel, context: context)
    try options.checkOutput()
    return TrainingRun(beginning: record)
  }

  /// The system's folder and its settings.
  private func resolved() throws -> (folder: String, ImageSystem, ImageConfiguration) {
    let folder = try systems.find(system ?? "", .images)
    let description = "\(folder)/\(SystemKind.images.file)"
    let defaults = try ConfigurationLayer(defaultsOf: description)
    var configuration = try resolveConfiguration(
      ImageConfiguration(),
      layers: [defaults].compactMap { $0 } + options.layers() + precision.layers())
    // A run that is resumed elsewhere goes on with the precision that it began with.
    configuration.training.precision = configuration.training.precision.resolved
    return (folder, try ImageSystem.read(path: description), configuration)
  }

  private func files(of system: ImageSystem, in folder: String) throws -> ImageSystem.Files {
    try ImageSystem.files(
      system.training, in: folder, images: images, labels: labels, kind: "training",
      advice: ImageModelOptions.imagesAdvice)
  }

  private func plan() throws -> [Fact] {
    let (folder, system, configuration) = try resolved()
    let count = try (try? files(of: system, in: folder)).map { files in
      try ImageSet(
        path: files.images, labels: files.labels, shape: system.shape, classes: system.classes
      ).count
    }
    return try ImagePlan(
      system: system, configuration: configuration, images: count ?? system.trainingCount ?? 0,
      workers: shared.execution.workers
    ).facts()
  }
}
