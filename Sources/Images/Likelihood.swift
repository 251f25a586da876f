import Flow
import Foundation
import Kernels

/// Bits per dimension of eight-bit images: their mean, and its standard error; both NaN where an
/// image has no density.
package struct BitsPerDimension: Equatable, Sendable {
  package let mean: Double
  /// nil for a single image.
  package let standardError: Double?
  package let images: Int
}

extension ImageModel {
  /// `(−log p(x)/D + log 128)/log 2` of every image, uniformly dequantized: with bins of width
  /// 2/256, an upper bound of what an ideal code needs for the eight-bit values.
  ///
  /// - Parameters:
  ///   - seed: Keys the dequantization, which depends on the index of the image alone.
  ///   - conditional: Whether the images' classes are given to the flow.
  ///   - onProgress: Is told how many more images are done.
  /// - Returns: The published formula to 1e-5 (`ImageModelTests`).
  /// - SeeAlso: Zhai et al. 2024 (TarFlow), section 4.1; Theis et al. 2016, section 3.1.
  package func bitsPerDimension(
    _ set: ImageSet, conditional: Bool, seed: UInt64, execution: Execution,
    onProgress: ((Int) -> Void)? = nil
  ) -> BitsPerDimension {
    var sum = 0.0
    var squares = 0.0
    for range in ranges(set.count, of: 500) {
      var pixels = set[range].scaled
      for (place, index) in range.enumerated() {
        var generator = RandomGenerator(seed: seed, stream: .validation, index: index)
        PixelNoise.uniform.apply(to: &pixels, image: place, size: shape.count, &generator)
      }
      let logDensity = flow.logDensity(
        patches.tokens(pixels), labels: conditional ? set[range].labels : nil, weights: weights,
        execution: execution)
      for value in logDensity {
        let bits = (-value / Double(shape.count) + log(128)) / log(2)
        sum += bits
        squares += bits * bits
      }
      onProgress?(range.count)
    }
    let count = Double(set.count)
    let variance = squares / count - sum / count * (sum / count)
    // Rounding makes the variance of equal numbers negative.
    let error = ((variance < 0 ? 0 : variance) / (count - 1)).squareRoot()
    return BitsPerDimension(
      mean: sum / count, standardError: set.count > 1 ? error : nil, images: set.count)
  }

  /// The class with the largest p(y|x) of every image, by Bayes' rule with equal p(y): the largest
  /// p(x|y).
  ///
  /// - Parameter onProgress: Is told how many more images are done.
  /// - Returns: nil for an image that no class gives a finite density.
  /// - SeeAlso: the published notebook for small images.
  package func classify(
    _ set: ImageSet, execution: Execution, onProgress: ((Int) -> Void)? = nil
  ) -> [Int?] {
    var predicted: [Int?] = []
    for range in ranges(set.count, of: 256) {
      let tokens = patches.tokens(set[range])
      let logDensities = (0..<configuration.classes).map { label in
        flow.logDensity(
          tokens, labels: [Int](repeating: label, count: range.count), weights: weights,
          execution: execution)
      }
      predicted += range.indices.map { place -> Int? in
        let image = place - range.lowerBound
        return logDensities.indices.filter { logDensities[$0][image].isFinite }
          .max { logDensities[$0][image] < logDensities[$1][image] }
      }
      onProgress?(range.count)
    }
    return predicted
  }
}
