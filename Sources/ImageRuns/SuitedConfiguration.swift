import Foundation
import Images
import Runs

extension ImageConfiguration {
  /// Settings for images that nobody has described: a network and a training that suit the size of
  /// the pictures and their number.
  ///
  /// The network grows with the numbers that there are to learn from, N images of D pixels and
  /// channels, along the sizes that have served digits (10⁵ numbers) and Fashion-MNIST (5 · 10⁷). A
  /// tenth of the images, at most 1000, is held out of all classes. (`SuitedConfigurationTests`)
  /// - Parameter source: The images' path, for the error.
  /// - Throws: `RunError.badData` for pictures of a size that has no divisor to cut them by.
  package init(for survey: ImageSurvey, source: String) throws(RunError) {
    self.init()
    let size = NetworkSize(numbers: survey.count * survey.shape.count)
    flow = ImageNetwork(
      patch: try suitedPatch(survey.shape.size, source: source), width: size.width, blocks: 4,
      layers: size.layers)
    noise.deviation = 0.1
    training.heldOut = survey.count < 20 ? 0 : min(1_000, survey.count / 10)
    training.heldOutFrom = .throughout
    let used = survey.count - training.heldOut
    // Four batches an epoch at least, so that each is another mixture.
    training.batch = [64, 32, 16, 8, 4, 2].first { 4 * $0 <= used } ?? 1
    let stepsOfEpoch = used / training.batch
    training.epochs = (size.steps + stepsOfEpoch - 1) / stepsOfEpoch
    training.suitWarmUp(to: training, images: survey.count)
    training.learningRate = size.learningRate
    training.clip = 1
    training.averageDecay = size.steps < 5_000 ? 0.99 : 0.999
    training.labelDrop = survey.classes > 0 ? 0.1 : 0
    training.validateEvery = size.steps / 20
    training.checkpointEvery = size.steps / 20
    sampling.columns = survey.shape.size <= 64 ? 10 : 5
    let rows = survey.classes > 0 ? min(survey.classes, 40) : sampling.columns
    sampling.count = rows * sampling.columns
    sampling.denoise = 1
  }
}

extension ImageConfiguration.Training {
  /// Makes the warm-up 3 % of a training of so many images.
  mutating func suitWarmUp(to training: Self, images: Int) {
    guard let steps = try? training.steps(images: images) else { return }
    let epochs = Double(steps.all) / Double(steps.ofEpoch)
    warmUpEpochs = max(1, (3 * epochs).rounded()) / 100
  }
}

/// A network for so many numbers to learn from, and how long it is trained.
private struct NetworkSize {
  let width, layers, steps: Int
  let learningRate: Double

  init(numbers: Int) {
    (width, layers, steps, learningRate) =
      switch numbers {
      case ..<200_000: (64, 1, 1_500, 2e-3)
      case ..<5_000_000: (64, 2, 3_000, 2e-3)
      case ..<20_000_000: (128, 2, 5_000, 2e-3)
      case ..<200_000_000: (128, 4, 10_000, 2e-3)
      default: (256, 4, 20_000, 1e-3)
      }
  }
}

/// The patch of which about 64 make an image, 256 one of more than 64 pixels: time and memory grow
/// with their number, and a patch alone is only scaled and shifted.
private func suitedPatch(_ size: Int, source: String) throws(RunError) -> Int {
  let wanted = size <= 64 ? 64.0 : 256.0
  func tokens(_ patch: Int) -> Int { (size / patch) * (size / patch) }
  let possible = (1...size).filter { size % $0 == 0 && (4...4_096).contains(tokens($0)) }
  let coarse = possible.filter { $0 > 1 && tokens($0) >= 16 }
  func distance(_ patch: Int) -> Double { abs(log(Double(tokens(patch)) / wanted)) }
  guard let patch = (coarse.isEmpty ? possible : coarse).min(by: { distance($0) < distance($1) })
  else {
    let near = max(8, (size + 4) / 8 * 8)
    throw .badData(
      path: source,
      problem:
        "holds pictures of \(size)×\(size) pixels, which cannot be cut into equal patches of a "
        + "sensible size; resize them, such as to \(near)×\(near)")
  }
  return patch
}
