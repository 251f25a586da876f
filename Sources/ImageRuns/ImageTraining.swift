import Flow
import Foundation
import Images
import Kernels
import Runs

/// A training on images that is ready to begin: all that its inputs and settings can get wrong has
/// been checked.
package struct ImageTraining {
  private let record: ImageRecord
  package let system: ImageSystem
  private let model: ImageModelConfiguration
  private let settings: TrainingConfiguration
  private var trainer: Trainer
  /// The weights that the training begins with, and the variance of their prior.
  private let start: (weights: [Float], priorVariance: [Float])?
  /// The names of the folders that the classes were read from.
  private let classFolders: [String]?
  private let validation: (samples: [Float], labels: [Int]?)
  private let context: RunContext

  /// - Throws: `ImageError`, `FlowError.configuration` or `RunError`.
  package init(_ record: ImageRecord, context: RunContext) throws {
    self.record = record
    self.context = context
    let configuration = record.configuration
    system = try record.readSystem()
    model = configuration.model(of: system)
    let flow = try checkLimits(of: "flow") { [model] () throws(FlowError) in
      try TarFlow(try model.flow())
    }
    let patches = Patches(shape: model.shape, patch: model.network.patch)
    let file = try record.start.map { input in
      try readImageWeights(input.path) { context.log.info("\($0)") }
    }
    let startPath = record.start?.path ?? ""
    start = try file.map {
      (
        try flow.weights(from: $0, path: startPath),
        try flow.priorVariance(from: $0, path: startPath)
      )
    }
    let names = file.flatMap { ClassNames(notes: $0.metadata, source: startPath) }
    let set = try ImageSet(
      path: record.images.path, labels: record.labels?.path, shape: model.shape,
      classes: model.classes, names: names)
    if let doubt = names?.doubt(of: set, path: record.images.path) {
      context.log.warning("\(doubt)")
    }
    classFolders = model.classes > 0 ? set.classFolders : nil
    if let description = record.description {
      try checkOrder(of: classFolders, in: system, path: description.path)
    }
    settings = try configuration.training.configuration(images: set.count)
    try flow.checkMemory(
      for: settings, samples: set.count, ranks: context.ranks, workers: context.execution.workers)
    try ImageSamplingPlan(endOf: configuration).checkMemory(
      for: model, advice: ImageSamplingPlan.adviceAfterTraining)
    let heldOut = configuration.training.heldOut
    let (used, kept) = set.divided(holdingOut: heldOut, from: configuration.training.heldOutFrom)
    if configuration.training.heldOutFrom == .end, let missing = missingClasses(kept, of: set) {
      context.log.warning(
        """
        the last \(heldOut.counted("image")) of the set, held out of the training, lack \
        \(missing.count.grouped) of its \(missing.classes.grouped) classes; for a share of each \
        begin a run with --set training.held_out_from=throughout
        """)
    }
    trainer = try checkLimits(of: "training") { [settings] () throws(FlowError) in
      try Trainer(
        flow, settings, samples: patches.tokens(used),
        labels: used.labels.map {
          TrainingLabels($0, dropped: configuration.training.labelDrop)
        },
        seed: configuration.seed,
        augment: augmentation(
          patches, noise: configuration.noise.pixelNoise, flip: configuration.training.flip),
        ranks: context.ranks)
    }
    var samples = patches.tokens(kept)
    for image in 0..<heldOut {
      var generator = RandomGenerator(
        seed: configuration.seed, stream: .validation, index: image)
      configuration.noise.pixelNoise.apply(
        to: &samples, image: image, size: patches.shape.count, &generator)
    }
    validation = (samples, kept.labels)
  }

  /// Trains the flow, from the run's newest checkpoint if there is one; writes metrics and
  /// checkpoints on the way.
  ///
  /// - Throws: `RunError.interrupted` after a checkpoint when the context says so.
  package mutating func run(in folder: RunFolder) throws {
    let flow = trainer.flow
    let beginning = { [seed = record.configuration.seed, start] in
      var state = TrainingState(flow, seed: seed, weights: start?.weights)
      if let start { state.priorVariance = start.priorVariance }
      return state
    }
    let trained = try record.trained
    var state =
      try folder.resumedState(of: flow, trained: trained, context: context) ?? beginning()
    let dimensions = Double(flow.dimensions)
    let loop = TrainingLoop(
      folder, settings, notes: notes, trained: trained,
      // The published loss is per dimension and leaves the constant of the normal density out.
      loss: ShownLoss(
        columns: "step,train_loss,validation_loss", name: "loss", decimals: 4,
        value: { $0 / dimensions - 0.5 * log(2 * .pi) }),
      context: context)
    let (validation, workers) = (validation, context.execution.workers)
    try loop.train(&trainer, &state, beginning: beginning) { trainer, state in
      guard !validation.samples.isEmpty else {
        state.keep(loss: nil)
        return nil
      }
      return trainer.validate(
        &state, on: validation.samples, labels: validation.labels, workers: workers)
    }
    context.log.info(
      "\(flow.layout.count) parameters, step \(state.result.step) is the result")
  }

  /// What the weights files say of themselves.
  private var notes: [String: String] {
    let noise = record.configuration.noise
    var notes = ["config": model.json, "noise": noise.kind.rawValue]
    if noise.kind == .gaussian { notes["noise_deviation"] = "\(noise.deviation)" }
    if record.imageSet == nil, let names = system.classNames {
      notes[ClassNames.namesNote] = names.joined(separator: "\n")
    }
    if let classFolders {
      notes[ClassNames.foldersNote] = classFolders.joined(separator: "\n")
    }
    return notes
  }
}

/// How many classes of a set none of the images that are held out of it has, and how many classes
/// it has; nil where none is missing or nothing is held out.
private func missingClasses(_ kept: ImageSet, of set: ImageSet) -> (count: Int, classes: Int)? {
  guard let all = set.labels, let labels = kept.labels, !labels.isEmpty else { return nil }
  let (classes, found) = (Set(all).count, Set(labels).count)
  return found < classes ? (classes - found, classes) : nil
}

/// Checks that the names of a description, when they are those of the folders, have their order.
/// - Throws: `RunError.configuration`.
private func checkOrder(of folders: [String]?, in system: ImageSystem, path: String) throws {
  guard let folders, let names = system.classNames,
    let numbers = ClassNames(names: names, source: path, areFolders: false).numbers(of: folders),
    let number = numbers.indices.first(where: { numbers[$0] != $0 })
  else { return }
  let areNumbers = ClassNames(names: names, source: path).numbers(of: folders) == nil
  let advice =
    areNumbers
    ? "give the numbers of the sub-folders leading zeros, such as '02'"
    : "list the names in the order of the sub-folders"
  throw RunError.configuration(
    source: path,
    problem: "class_names has '\(names[number])' as class \(number), but the sub-folders, by name, "
      + "have '\(folders[number])'; \(advice)")
}

/// The change of an image before it is used: mirrored or not, and its noise.
private func augmentation(_ patches: Patches, noise: PixelNoise, flip: Bool)
  -> Augmentation?
{
  guard flip || noise != .none else { return nil }
  return { image, _, generator in
    if flip, generator.uniform() < 0.5 { patches.mirror(&image, image: 0) }
    noise.apply(to: &image, image: 0, size: patches.shape.count, &generator)
  }
}
