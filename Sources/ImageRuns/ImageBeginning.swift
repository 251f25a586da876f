import Flow
import Foundation
import Images
import Reporting
import Runs
import TensorFiles

/// What a training on images begins with: what the images are, where they lie, and the settings.
package struct ImageBeginning {
  /// The folder of the system of images, or the images themselves where nothing describes them.
  package let source: String
  package let system: ImageSystem
  package let configuration: ImageConfiguration
  /// What was found of images that nothing describes.
  package let survey: ImageSurvey?
  private let files: () throws -> ImageSystem.Files

  /// A system of images, or others of its kind.
  ///
  /// - Parameters:
  ///   - folder: The folder with `images.yaml`.
  ///   - images: Images in place of the system's own, and their labels.
  ///   - layers: Settings over the defaults of the system.
  ///   - advice: How to name images, for the error.
  /// - Throws: `RunError`.
  package init(
    system folder: String, images: String?, labels: String?, layers: [ConfigurationLayer],
    advice: String
  ) throws {
    let path = "\(folder)/\(SystemKind.images.file)"
    let defaults = try ConfigurationLayer(defaultsOf: path)
    configuration = try resolved(
      ImageConfiguration(), [defaults].compactMap { $0 } + layers)
    let system = try ImageSystem.read(path: path)
    try configuration.checkGuidance(classes: system.classes)
    files = {
      try ImageSystem.files(
        system.training, in: folder, images: images, labels: labels, kind: "training",
        advice: advice)
    }
    (source, self.system, survey) = (folder, system, nil)
  }

  /// Images alone: what they are is found from them, and the settings suit them.
  ///
  /// - Parameters:
  ///   - weights: What the training begins with; the network is then theirs.
  ///   - layers: Settings over those.
  ///   - advice: How to name images, for the error.
  /// - Throws: `RunError` and `ImageError`.
  package init(
    images: String, labels: String?, weights: String?, layers: [ConfigurationLayer],
    advice: String
  ) throws {
    let files = try ImageSystem.files(
      nil, in: ".", images: images, labels: labels, kind: "training", advice: advice)
    let survey = try ImageSurvey(path: files.images, labels: files.labels)
    var suited = try ImageConfiguration(for: survey, source: images)
    if let weights { suited.flow = try network(of: weights) }
    // The warm-up is a part of the training that it is going to be.
    suited.training.suitWarmUp(to: try resolved(suited, layers).training, images: survey.count)
    configuration = try resolved(suited, layers)
    try configuration.checkGuidance(classes: survey.classes)
    let name = URL(fileURLWithPath: files.images).lastPathComponent
    let stem = isFolder(files.images) ? name : name.split(separator: ".").first.map(String.init)
    system = ImageSystem(name: stem ?? name, survey)
    self.files = { files }
    (source, self.survey) = (files.images, survey)
  }

  /// How many training images there are; those of a published run where there are none here, or 0.
  package func count() throws -> Int {
    if let survey { return survey.count }
    guard let files = try? files() else { return system.trainingCount ?? 0 }
    return try ImageSet(
      path: files.images, labels: files.labels, shape: system.shape, classes: system.classes
    ).count
  }

  /// The record of a run that begins.
  ///
  /// - Parameters:
  ///   - start: Weights to begin with.
  ///   - kernel: The kernel of OpenBLAS.
  /// - Throws: `RunError` when a file is missing.
  package func record(start: String?, kernel: String, context: RunContext) throws -> ImageRecord {
    try ImageRecord(
      configuration, system: source, files: try files(), imageSet: survey == nil ? nil : system,
      start: start, kernel: kernel, context: context)
  }

  /// What was found and chosen for images that nothing describes, on one line; nil for others.
  /// - Throws: `RunError.configuration` for a network or a batch that cannot be.
  package func choice() throws -> String? {
    guard let survey else { return nil }
    let flow = try checkLimits(of: "flow") { () throws(FlowError) in
      try TarFlow(try configuration.model(of: system).flow())
    }
    let training = configuration.training
    let steps = try training.steps(images: survey.count)
    var classes = survey.classes > 0 ? "\(survey.classes) classes" : "without classes"
    if let names = survey.classNames, names.count <= 10 {
      classes += " (\(names.joined(separator: ", ")))"
    }
    let network = configuration.flow
    return
      "\(system.name): \(survey.count.grouped) pictures of \(survey.shape), \(classes); the network "
      + "has patches of \(network.patch)×\(network.patch), width \(network.width), "
      + "\(network.blocks.counted("block")) of \(network.layers.counted("layer")), "
      + "\(flow.layout.count.grouped) parameters; it trains for \(steps.all.grouped) steps of "
      + "\(training.batch) pictures, and \(training.heldOut) are held out"
  }

  /// What is odd about images that nothing describes, a line each.
  package var warnings: [String] {
    guard let survey else { return [] }
    var warnings: [String] = []
    if survey.count < 50 {
      warnings.append(
        "\(source): \(survey.count) pictures are few; the flow will know them by heart rather than "
          + "learn what they have in common")
    }
    if survey.grey > 0 {
      warnings.append(
        "\(source): \(survey.grey) of \(survey.count) pictures are grey and are taken for three "
          + "equal channels")
    }
    return warnings
  }
}

/// The network of weights that a training begins with.
private func network(of weights: String) throws -> ImageNetwork {
  try requireFile(weights, what: "weights file", advice: "expected .safetensors")
  let file = try readImageWeights(weights) { _ in }
  return try ImageModelConfiguration(of: file, path: weights, hints: .init()).network
}

/// The settings of some layers, with the precision of this machine: a run that is resumed elsewhere
/// goes on with the one that it began with.
private func resolved(
  _ defaults: ImageConfiguration, _ layers: [ConfigurationLayer]
) throws -> ImageConfiguration {
  var configuration = try resolveConfiguration(defaults, layers: layers)
  configuration.training.precision = configuration.training.precision.resolved
  return configuration
}
