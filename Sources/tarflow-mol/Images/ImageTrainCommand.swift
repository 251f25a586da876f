import ArgumentParser
import Flow
import Foundation
import Images
import Kernels

struct ImageTrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a flow on images and draw a grid of samples.",
    discussion: """
      Makes a run folder: config.resolved.yaml, metrics.csv, checkpoints/, samples.png. Ctrl-C or SIGTERM writes a \
      checkpoint; --resume goes on exactly there. Losses are the published ones: half the mean square of z minus the \
      mean log-determinant, per dimension.
      """)

  @Argument(
    help:
      "A system of images: a name such as digits or fashion-mnist, or a folder with images.yaml. Not needed with --resume."
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

  @OptionGroup var options: TrainingOptions
  @OptionGroup var systems: SystemsOption
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if labels != nil, images == nil { throw ValidationError("--labels needs --images") }
    if json, !dryRun { throw ValidationError("--json is for --dry-run") }
    guard options.resume != nil else {
      if system == nil {
        throw ValidationError("name a system of images, such as digits, or a run to --resume")
      }
      return
    }
    if system != nil || images != nil || weights != nil || systems.systems != nil || dryRun {
      throw ValidationError("--resume takes everything from the run; leave the other settings out")
    }
  }

  func run() throws {
    let start = Date()
    let interruption = Interruption()
    let kernel = try loadBLAS()
    if dryRun { return try printFacts(try plan(), json: json) }
    let resumed = try options.resume.map { try RunFolder(existing: $0) }
    let record = try resumed.map { try resumedRecord($0, kernel: kernel) } ?? newRecord(kernel)
    if resumed == nil { try RunFolder.checkFree(options.output) }
    var training = try ImageTraining(record, options: shared)
    let run = try resumed ?? RunFolder.create(options.output, name: training.system.name)
    let lock = try RunLock(run)
    defer { lock.release() }
    if resumed == nil { try record.write(path: run.record) }
    let configuration = record.configuration
    let precision = configuration.training.precision
    let arithmetic = Arithmetic(kernel: kernel, precision: precision)
    shared.log.info(
      """
      run folder \(run.path), \(arithmetic.description(precision: precision)), \
      \(shared.workers) threads, seed \(configuration.seed)
      """)
    try training.run(
      in: run, interruption: interruption,
      deadline: options.deadline(from: start))
    interruption.endAtOnce(trainedRun: run.path, command: "image train")
    let grid = "\(run.path)/samples.png"
    if record.configuration.sampling.count > 0 {
      let model = try ImageModel(path: run.model)
      try drawSamples(model, record.configuration, options: shared)
        .grid(model, columns: record.configuration.sampling.columns).write(path: grid)
      try printResult("\(run.model)\n\(grid)\n")
    } else {
      try printResult("\(run.model)\n")
    }
    shared.log.info("\(run.path) is complete after \(duration(Date().timeIntervalSince(start)))")
  }

  /// The system's folder and its settings.
  private func resolved() throws -> (folder: String, ImageSystem, ImageConfiguration) {
    let folder = try findImageSystem(system ?? "", in: systems.systems)
    let description = "\(folder)/\(ImageSystem.file)"
    var configuration: ImageConfiguration = try resolveConfiguration(
      systemPath: description, file: options.config, settings: options.settings)
    // A run that is resumed elsewhere goes on with the precision that it began with.
    configuration.training.precision = configuration.training.precision.resolved
    return (folder, try ImageSystem.read(path: description), configuration)
  }

  private func newRecord(_ kernel: String) throws -> ImageRunRecord {
    let (folder, system, configuration) = try resolved()
    let files = try ImageSystem.files(
      system.training, in: folder, images: images, labels: labels, kind: "training")
    return ImageRunRecord(
      program: "tarflow-mol \(TarflowMol.version)",
      arithmetic: Arithmetic(kernel: kernel, precision: configuration.training.precision),
      system: folder,
      images: try .init(fileOrFolder: files.images),
      labels: try files.labels.map { try .init(path: $0) },
      description: try .init(path: "\(folder)/\(ImageSystem.file)"),
      start: try weights.map { try .init(path: $0) }, configuration: configuration)
  }

  private func plan() throws -> [Fact] {
    let (folder, system, configuration) = try resolved()
    let files = try? ImageSystem.files(
      system.training, in: folder, images: images, labels: labels, kind: "training")
    let count = try files.map { files in
      try ImageSet(
        path: files.images, labels: files.labels, shape: system.shape, classes: system.classes
      ).count
    }
    return try ImagePlan(
      system: system, configuration: configuration, images: count ?? system.trainingCount ?? 0,
      workers: shared.workers
    ).facts()
  }

  /// What a run began to compute, when its inputs are still the same.
  private func resumedRecord(_ run: RunFolder, kernel: String) throws -> ImageRunRecord {
    let record = try ImageRunRecord.read(path: run.record)
    try record.checkInputs()
    record.arithmetic.warn(
      now: Arithmetic(kernel: kernel, precision: record.configuration.training.precision),
      log: shared.log)
    return record
  }
}
