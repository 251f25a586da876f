import CPNG
import Foundation
import TensorFiles

/// Reads a PNG with one to eight bits a channel as [channels, height, width], as its bytes are
/// stored: no gamma, no colour profile and no background changes them, and transparency is dropped.
///
/// Grey of fewer than eight bits is spread over 0 to 255, and a palette is looked up.
/// Files of every colour type and depth are read byte by byte as Pillow reads them (`PNGTests`).
/// - Parameter shape: What the image has to be; a grey image is taken for three equal channels when
///   three are wanted.
/// - Throws: `ImageError`, also for another size, more channels than wanted, 16 bits a channel, and
///   a file of which the library would make up the rest.
package func readPNG(_ path: String, shape: ImageShape) throws(ImageError) -> [UInt8] {
  let data = try withImageErrors { () throws(FileError) in [UInt8](try readBytes(path: path)) }
  guard data.starts(with: pngSignature) else {
    throw .content(
      path: path, problem: "is no PNG that can be read: it is \(FileKind(start: data.prefix(512)))")
  }
  return try criticalChunks(data).withUnsafeBufferPointer { (data) throws(ImageError) in
    try readPNG(data, path: path, shape: shape)
  }
}

private func readPNG(
  _ data: UnsafeBufferPointer<UInt8>, path: String, shape: ImageShape
) throws(ImageError) -> [UInt8] {
  var image = png_image()
  image.version = UInt32(PNG_IMAGE_VERSION)
  defer { png_image_free(&image) }
  guard png_image_begin_read_from_memory(&image, data.baseAddress, data.count) != 0 else {
    throw .content(path: path, problem: "is no PNG that can be read: \(message(of: image))")
  }
  guard Int(image.width) == shape.size, Int(image.height) == shape.size else {
    throw .content(
      path: path,
      problem: "is \(image.width)×\(image.height) pixels, expected \(shape.size)×\(shape.size); "
        + "resize it first")
  }
  guard image.format & UInt32(PNG_FORMAT_FLAG_LINEAR) == 0 else {
    throw .content(path: path, problem: "has 16 bits a channel, expected 8")
  }
  let isColour = image.format & UInt32(PNG_FORMAT_FLAG_COLOR) != 0
  guard [1, 3].contains(shape.channels), shape.channels == 3 || !isColour else {
    throw .content(
      path: path,
      problem: "has \(isColour ? 3 : 1) channels, expected \(shape.channels)")
  }
  // A transparent pixel keeps its colour when the alpha channel is read beside it.
  let stored = shape.channels + 1
  image.format =
    UInt32(PNG_FORMAT_FLAG_ALPHA) | (shape.channels == 3 ? UInt32(PNG_FORMAT_FLAG_COLOR) : 0)
  var rows = [UInt8](repeating: 0, count: shape.size * shape.size * stored)
  // A damaged file is a warning to the library, after which the rest is made up.
  guard png_image_finish_read(&image, nil, &rows, 0, nil) != 0, image.warning_or_error == 0 else {
    throw .content(path: path, problem: "is damaged: \(message(of: image))")
  }
  let area = shape.size * shape.size
  return (0..<shape.count).map { rows[$0 % area * stored + $0 / area] }
}

/// Writes [channels, height, width] as a PNG, grey for one channel and RGB for three, durably: see
/// `writeBytes(_:path:)`.
///
/// `readPNG` gives back every byte (`PNGTests`).
/// - Throws: `ImageError.file`.
package func writePNG(_ pixels: [UInt8], channels: Int, width: Int, height: Int, path: String)
  throws(ImageError)
{
  let bytes = try pngBytes(pixels, channels: channels, width: width, height: height, path: path)
  try withImageErrors { () throws(FileError) in try writeBytes(bytes, path: path) }
}

/// The bytes of such a file.
///
/// - Parameter path: What the error names.
/// - Throws: `ImageError.file`.
func pngBytes(_ pixels: [UInt8], channels: Int, width: Int, height: Int, path: String)
  throws(ImageError) -> [UInt8]
{
  precondition(
    pixels.count == channels * width * height && (channels == 1 || channels == 3),
    "\(pixels.count) bytes for \(channels)×\(height)×\(width)")
  var image = png_image()
  image.version = UInt32(PNG_IMAGE_VERSION)
  image.width = UInt32(width)
  image.height = UInt32(height)
  image.format = channels == 3 ? UInt32(PNG_FORMAT_FLAG_COLOR) : 0
  let area = width * height
  let rows = (0..<pixels.count).map { pixels[$0 % channels * area + $0 / channels] }
  var size = 0
  guard png_image_write_to_memory(&image, nil, &size, 0, rows, 0, nil) != 0 else {
    throw .file(.unwritable(path: path, reason: message(of: image)))
  }
  var bytes = [UInt8](repeating: 0, count: size)
  guard png_image_write_to_memory(&image, &bytes, &size, 0, rows, 0, nil) != 0 else {
    throw .file(.unwritable(path: path, reason: message(of: image)))
  }
  return Array(bytes.prefix(size))
}

private func message(of image: png_image) -> String {
  withUnsafeBytes(of: image.message) { bytes in
    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
}
