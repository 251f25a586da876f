/// Pictures side by side, row by row, on a ground of the darkest value, two pixels apart.
package struct ImageGrid: Equatable, Sendable {
  /// [channels, height, width].
  package let pixels: [UInt8]
  package let channels: Int
  package let width: Int
  package let height: Int

  private static let gap = 2

  /// - Parameters:
  ///   - images: [images, channels, height, width]; −1 is black, 1 is white, and what is beyond is
  ///     cut.
  ///   - columns: Pictures in a row.
  package init(_ images: [Float], shape: ImageShape, columns: Int) {
    let count = images.count / shape.count
    let columns = max(1, min(columns, count))
    let step = shape.size + Self.gap
    channels = shape.channels
    width = columns * step + Self.gap
    height = (count + columns - 1) / columns * step + Self.gap
    var pixels = [UInt8](repeating: 0, count: channels * width * height)
    for image in 0..<count {
      let (top, left) = (image / columns * step + Self.gap, image % columns * step + Self.gap)
      for channel in 0..<channels {
        for y in 0..<shape.size {
          for x in 0..<shape.size {
            let value = images[image * shape.count + (channel * shape.size + y) * shape.size + x]
            pixels[(channel * height + top + y) * width + left + x] = byte(value)
          }
        }
      }
    }
    self.pixels = pixels
  }

  /// The bytes of the grid as a PNG.
  /// - Throws: `ImageError.file`.
  package func png() throws(ImageError) -> [UInt8] {
    try pngBytes(pixels, channels: channels, width: width, height: height, path: "a grid")
  }

  /// Writes the grid as a PNG.
  /// - Throws: `ImageError.file`.
  package func write(path: String) throws(ImageError) {
    try writePNG(pixels, channels: channels, width: width, height: height, path: path)
  }
}

/// A pixel between −1 and 1 as a byte; what is no number is black.
private func byte(_ value: Float) -> UInt8 {
  value.isNaN ? 0 : UInt8((127.5 * (max(-1, min(1, value)) + 1)).rounded())
}
