import Flow
import Foundation
import Images
import Kernels
import Reporting
import Runs

/// What a training would take, from its settings alone.
package struct ImagePlan {
  private let system: ImageSystem
  private let configuration: ImageConfiguration
  /// Training images.
  private let images: Int
  private let workers: Int

  package init(system: ImageSystem, configuration: ImageConfiguration, images: Int, workers: Int) {
    self.system = system
    self.configuration = configuration
    self.images = images
    self.workers = workers
  }

  /// Shapes, parameters, steps, memory and time, the time from this machine's rate of matrix
  /// products.
  /// - Throws: `FlowError.configuration` or `RunError.configuration`.
  package func facts() throws -> [Fact] {
    let model = configuration.model(of: system)
    let flow = try checkLimits(of: "flow") { () throws(FlowError) in
      try TarFlow(try model.flow())
    }
    let shape = flow.configuration
    let settings = try configuration.training.configuration(images: images)
    try checkLimits(of: "training") { () throws(FlowError) in try settings.validate() }
    let steps = try configuration.training.steps(images: images)
    let unit = settings.precision.resolved == .bf16 ? MatrixUnit.best(for: .bf16) : nil
    let peak = matrixProductPeak(of: unit, threads: workers)
    let operations = trainingOperations(flow)
    let seconds = operations * Double(settings.batch) * Double(settings.steps) / (peak * 1e9)
    let memory = flow.trainingMemory(
      batch: settings.batch, parts: settings.partCount(of: flow), samples: images, workers: workers,
      precision: settings.precision)
    let sampling = configuration.sampling
    return [
      ("system", .text(system.name)), ("image", .text("\(model.shape)")),
      ("patch", .count(model.network.patch)), ("tokens", .count(shape.tokens)),
      ("features", .count(shape.features)), ("width", .count(shape.width)),
      ("blocks", .count(shape.blocks)), ("layers of a block", .count(shape.layers)),
      ("heads", .count(shape.width / shape.headWidth)), ("classes", .count(shape.classes)),
      ("map", .text(model.network.volumePreserving ? "volume-preserving" : "affine")),
      ("parameters", .count(flow.layout.count)),
      ("noise", .text(configuration.noise.description)),
      ("label drop", .number(configuration.training.labelDrop)),
      ("flip", .text(configuration.training.flip ? "yes" : "no")),
      ("training images", .count(images)), ("batch", .count(settings.batch)),
      ("epochs", .count(configuration.training.epochs)), ("steps", .count(settings.steps)),
      ("steps of an epoch", .count(steps.ofEpoch)), ("warm-up steps", .count(settings.warmUp)),
      ("learning rate", .text("\(settings.learningRate)")),
      ("lowest learning rate", .text("\(configuration.training.lowestRate)")),
      ("betas", .text("\(settings.beta1) \(settings.beta2)")),
      ("weight decay", .text("\(settings.weightDecay)")),
      ("guidance at sampling", .number(sampling.guidance)),
      ("attention temperature at sampling", .number(sampling.attentionTemperature)),
      ("annealed guidance", .text(sampling.annealed ? "yes" : "no")),
      ("memory needed GB", .number(memory / 1e9)),
      ("memory here GB", .number(availableMemory / 1e9)),
      ("TFLOP an image", .number(operations / 1e12)),
      ("\(unit == nil ? "sgemm" : "bf16") peak GFLOP/s", .number(peak)),
      ("hours at least", .number(seconds / 3_600)),
    ]
  }

  /// Floating-point operations of forward and gradient of one image: 6 a weight and token, and the
  /// attention's two products of all pairs of tokens.
  private func trainingOperations(_ flow: TarFlow) -> Double {
    let shape = flow.configuration
    let tokens = Double(shape.tokens)
    let layers = Double(shape.blocks * shape.layers)
    return 6 * Double(flow.layout.count) * tokens
      + 3 * 4 * tokens * tokens * Double(shape.width) * layers
  }
}
