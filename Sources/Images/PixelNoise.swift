import Kernels

/// The noise that turns eight-bit pixels, scaled to −1 … 1, into data with a density.
package enum PixelNoise: Equatable, Sendable {
  case none
  /// `x + σ ε`, σ the standard deviation: training for samples.
  case gaussian(Double)
  /// `2 (v + u)/256 − 1`, v the pixel's value from 0 to 255 and u uniform in [0, 1): training for
  /// densities.
  case uniform

  /// Changes one image of a batch, [images, …] with `size` numbers each.
  ///
  /// - SeeAlso: Zhai et al. 2024 (TarFlow), section 3.2.
  package func apply(
    to batch: inout [Float], image: Int, size: Int, _ generator: inout RandomGenerator
  ) {
    switch self {
    case .none: return
    case .gaussian(let deviation):
      for index in image * size..<(image + 1) * size {
        batch[index] += Float(deviation * generator.normal())
      }
    case .uniform:
      for index in image * size..<(image + 1) * size {
        let value = (batch[index] + 1) * 127.5
        batch[index] = (value + Float(generator.uniform())) / 256 * 2 - 1
      }
    }
  }
}
