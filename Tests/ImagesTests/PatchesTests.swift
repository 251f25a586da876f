import Images
import Kernels
import TestSupport
import Testing

@Suite struct PatchesTests {
  @Test func `tokens are in the order of unfold`() {
    // torch.nn.functional.unfold(arange(2·4·4).view(1, 2, 4, 4), 2, stride=2).transpose(1, 2)
    let patches = Patches(shape: ImageShape(channels: 2, size: 4), patch: 2)
    let expected: [Float] = [
      0, 1, 4, 5, 16, 17, 20, 21, 2, 3, 6, 7, 18, 19, 22, 23, 8, 9, 12, 13, 24, 25, 28, 29, 10, 11,
      14, 15, 26, 27, 30, 31,
    ]
    let image = (0..<32).map { Float($0) }
    #expect(patches.tokens(image) == expected)
    #expect(patches.images(expected) == image)
    #expect(patches.tokens == 4 && patches.features == 8)
  }

  @Test(arguments: [(1, 6, 2), (3, 8, 4), (3, 4, 1)])
  func `images come back, one by one`(channels: Int, size: Int, patch: Int) {
    let patches = Patches(shape: ImageShape(channels: channels, size: size), patch: patch)
    let images = (0..<3 * patches.shape.count).map { Float($0) }
    #expect(patches.images(patches.tokens(images)) == images)
    let set = ImageSet(
      shape: patches.shape, pixels: (0..<2 * patches.shape.count).map { UInt8($0 * 7 % 256) })
    #expect(patches.tokens(set) == patches.tokens(set.scaled))
    #expect(
      Array(patches.tokens(images)[patches.shape.count...])
        == patches.tokens(Array(images[patches.shape.count...])))
  }

  @Test func `a mirrored image has its columns reversed, and the others stay`() {
    let patches = Patches(shape: ImageShape(channels: 3, size: 4), patch: 2)
    let images = (0..<2 * 48).map { Float($0) }
    var tokens = patches.tokens(images)
    patches.mirror(&tokens, image: 1)
    let found = patches.images(tokens)
    #expect(Array(found[..<48]) == Array(images[..<48]))
    for row in 12..<24 {
      let reversed = Array(images[4 * row..<4 * row + 4].reversed())
      #expect(Array(found[4 * row..<4 * row + 4]) == reversed)
    }
    patches.mirror(&tokens, image: 1)
    #expect(patches.images(tokens) == images)
  }

  @Test func `noise has its deviation, and the uniform kind fills a pixel's bin`() {
    let count = 20_000
    var generator = RandomGenerator(seed: 1, stream: .augmentation)
    var batch = [Float](repeating: 0.25, count: count + 3)
    PixelNoise.gaussian(0.1).apply(to: &batch, image: 0, size: count, &generator)
    #expect(Array(batch.suffix(3)) == [0.25, 0.25, 0.25])
    let values = batch.prefix(count).map { Double($0) - 0.25 }
    let mean = values.reduce(0, +) / Double(count)
    let variance = values.reduce(0) { $0 + $1 * $1 } / Double(count)
    // Five standard errors.
    #expect(abs(mean) < 5 * 0.1 / Double(count).squareRoot())
    #expect(abs(variance - 0.01) < 5 * 0.01 * (2 / Double(count)).squareRoot())
    for byte in [UInt8(0), 17, 255] {
      let set = ImageSet(
        shape: ImageShape(channels: 1, size: 1), pixels: [UInt8](repeating: byte, count: 1_000))
      var pixels = set.scaled
      PixelNoise.uniform.apply(to: &pixels, image: 0, size: 1_000, &generator)
      let bin = pixels.map { ($0 + 1) * 128 - Float(byte) }
      #expect(bin.allSatisfy { $0 > -1e-4 && $0 < 1 + 1e-4 }, "\(byte)")
      #expect(bin.contains { $0 < 0.05 } && bin.contains { $0 > 0.95 }, "\(byte)")
    }
    var same = [Float](repeating: 1, count: 4)
    PixelNoise.none.apply(to: &same, image: 0, size: 4, &generator)
    #expect(same == [1, 1, 1, 1])
  }
}
