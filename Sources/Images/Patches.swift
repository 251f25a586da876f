/// How an image becomes tokens: square patches row by row; a token's features run channel, then
/// row, then column.
///
/// This is the order of PyTorch's `unfold`, so that weights of the published code fit
/// (`PatchesTests`).
package struct Patches: Equatable, Sendable {
  package let shape: ImageShape
  /// Height and width of a patch, pixels.
  package let patch: Int
  /// The pixel of each number of the tokens, [tokens · features].
  private let pixel: [Int]
  /// For each number of the tokens its place in the mirrored image.
  private let mirrored: [Int]

  package init(shape: ImageShape, patch: Int) {
    precondition(shape.size % patch == 0, "patches of \(patch) for images of \(shape)")
    self.shape = shape
    self.patch = patch
    let (side, size) = (shape.size / patch, shape.size)
    let features = shape.channels * patch * patch
    func place(_ channel: Int, _ y: Int, _ x: Int) -> Int {
      (y / patch * side + x / patch) * features + (channel * patch + y % patch) * patch + x % patch
    }
    var pixel = [Int](repeating: 0, count: shape.count)
    var mirrored = pixel
    for channel in 0..<shape.channels {
      for y in 0..<size {
        for x in 0..<size {
          pixel[place(channel, y, x)] = (channel * size + y) * size + x
          mirrored[place(channel, y, x)] = place(channel, y, size - 1 - x)
        }
      }
    }
    self.pixel = pixel
    self.mirrored = mirrored
  }

  package var tokens: Int { shape.size / patch * (shape.size / patch) }
  package var features: Int { shape.channels * patch * patch }

  /// [images, channels, height, width] as [images, tokens, features].
  package func tokens(_ images: [Float]) -> [Float] {
    images.indices.map { images[$0 - $0 % shape.count + pixel[$0 % shape.count]] }
  }

  /// The tokens of images with their pixels scaled to −1 … 1, [images, tokens, features].
  package func tokens(_ set: ImageSet) -> [Float] {
    precondition(set.shape == shape, "images of \(set.shape) as tokens of \(shape)")
    let size = shape.count
    // One pass over raw memory: a training set has tens of millions of pixels.
    return [Float](unsafeUninitializedCapacity: set.pixels.count) { tokens, count in
      count = set.pixels.count
      set.pixels.withUnsafeBufferPointer { pixels in
        ImageSet.scale.withUnsafeBufferPointer { scale in
          pixel.withUnsafeBufferPointer { pixel in
            for start in stride(from: 0, to: count, by: size) {
              for place in 0..<size {
                tokens[start + place] = scale[Int(pixels[start + pixel[place]])]
              }
            }
          }
        }
      }
    }
  }

  /// [images, tokens, features] as [images, channels, height, width]: the inverse of `tokens`, bit
  /// by bit (`PatchesTests`).
  package func images(_ tokens: [Float]) -> [Float] {
    var images = tokens
    for index in tokens.indices {
      images[index - index % shape.count + pixel[index % shape.count]] = tokens[index]
    }
    return images
  }

  /// Mirrors one image of a batch of tokens, left to right; twice is the same image.
  package func mirror(_ batch: inout [Float], image: Int) {
    let start = image * shape.count
    let old = Array(batch[start..<start + shape.count])
    for place in old.indices { batch[start + place] = old[mirrored[place]] }
  }
}
