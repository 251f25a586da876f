/// Pictures side by side, row by row, with the name of each row on the left.
package struct ImageGrid: Equatable, Sendable {
  /// [channels, height, width].
  package let pixels: [UInt8]
  package let channels: Int
  package let width: Int
  package let height: Int

  /// - Parameters:
  ///   - images: [images, channels, height, width]; −1 is black, 1 is white, and what is beyond is
  ///     cut.
  ///   - columns: Pictures in a row.
  ///   - scale: The side of the square that a pixel is drawn as. Pictures are two pixels apart on
  ///     black; enlarged or named ones four, on a dark grey that shows where they end.
  ///   - rowNames: The names of the rows from the top. There are none for rows that are lower than
  ///     a letter.
  package init(
    _ images: [Float], shape: ImageShape, columns: Int, scale: Int = 1, rowNames: [String] = []
  ) {
    let count = images.count / shape.count
    let columns = max(1, min(columns, count))
    let side = shape.size * scale
    let names = RowNames(rowNames, side: side)
    let isPlain = scale == 1 && names.width == 0
    let gap = isPlain ? 2 : 4
    let step = side + gap
    let margin = names.width > 0 ? names.width + gap : 0
    channels = shape.channels
    width = margin + columns * step + gap
    height = (count + columns - 1) / columns * step + gap
    let ground: UInt8 = isPlain ? 0 : 40
    var pixels = [UInt8](repeating: ground, count: channels * width * height)
    for image in 0..<count {
      let (top, left) = (image / columns * step + gap, margin + image % columns * step + gap)
      for channel in 0..<channels {
        for y in 0..<side {
          let row = image * shape.count + (channel * shape.size + y / scale) * shape.size
          let place = (channel * height + top + y) * width + left
          for x in 0..<side { pixels[place + x] = byte(images[row + x / scale]) }
        }
      }
    }
    for place in names.places where place.row * step + gap + place.y < height {
      for channel in 0..<channels {
        pixels[(channel * height + place.row * step + gap + place.y) * width + gap + place.x] = 255
      }
    }
    self.pixels = pixels
  }

  /// The least number of pixels that the side of a picture is drawn with.
  private static let leastSide = 64
  /// The pixels of a grid, beyond which pictures are not enlarged.
  private static let mostPixels = 1 << 24

  /// How many times larger small pictures have to be drawn to be seen; 1 for large or very many
  /// ones.
  package static func scale(of shape: ImageShape, count: Int) -> Int {
    let wanted = (leastSide + shape.size - 1) / shape.size
    let most = Double(mostPixels) / Double(max(1, count) * shape.size * shape.size)
    return max(1, min(wanted, Int(most.squareRoot())))
  }

  /// The width of a grid of pictures as they are, without names.
  package static func plainWidth(of shape: ImageShape, columns: Int) -> Int {
    columns * (shape.size + 2) + 2
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

/// The names of the rows of a grid, right-aligned beside the middle of each row.
private struct RowNames {
  let lines: [Lettering]
  /// The pixels of a letter's pixel.
  let scale: Int
  let side: Int

  private static let mostLetters = 20

  init(_ names: [String], side: Int) {
    self.side = side
    scale = side >= 6 * Lettering.height ? 2 : 1
    let fit = side >= Lettering.height && names.contains { !$0.isEmpty }
    lines =
      fit
      ? names.map { name in
        let isLong = name.count > Self.mostLetters
        return Lettering(isLong ? "\(name.prefix(Self.mostLetters - 2)).." : name)
      } : []
  }

  var width: Int { (lines.map(\.width).max() ?? 0) * scale }

  /// Every pixel that is set: its row of the grid, and its place from the row's upper left.
  var places: [(row: Int, y: Int, x: Int)] {
    let top = (side - Lettering.height * scale) / 2
    return lines.enumerated().flatMap { row, line in
      let left = width - line.width * scale
      return (0..<Lettering.height * scale).flatMap { y in
        (0..<line.width * scale).filter { line.pixels[y / scale][$0 / scale] }.map {
          (row: row, y: top + y, x: left + $0)
        }
      }
    }
  }
}

/// A pixel between −1 and 1 as a byte; what is no number is black.
private func byte(_ value: Float) -> UInt8 {
  value.isNaN ? 0 : UInt8((127.5 * (max(-1, min(1, value)) + 1)).rounded())
}
