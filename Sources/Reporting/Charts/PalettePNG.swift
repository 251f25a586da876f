import CZLIB
import Foundation

/// A PNG of colours from a palette, a byte a pixel, row after row from the top; the palette's first
/// colour is transparent.
///
/// The same pixels give the same bytes (`PalettePNGTests`).
/// - SeeAlso: PNG specification, sections 5, 9 and 11.
package func palettePNG(
  _ indices: [UInt8], width: Int, height: Int, palette: [(UInt8, UInt8, UInt8)]
) -> [UInt8] {
  precondition(
    indices.count == width * height && width > 0 && (1...256).contains(palette.count),
    "\(indices.count) pixels for \(width)×\(height), \(palette.count) colours")
  // Every row begins with its filter, none.
  let rows = (0..<height).flatMap { [0] + indices[$0 * width..<($0 + 1) * width] }
  return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    + chunk("IHDR", bytes(width) + bytes(height) + [8, 3, 0, 0, 0])
    + chunk("PLTE", palette.flatMap { [$0.0, $0.1, $0.2] })
    + chunk("tRNS", [0])
    + chunk("IDAT", deflated(rows))
    + chunk("IEND", [])
}

/// A length, a type, the content, and a checksum of the two.
private func chunk(_ type: String, _ content: [UInt8]) -> [UInt8] {
  let body = Array(type.utf8) + content
  return bytes(content.count) + body + bytes(Int(crc32(0, body, UInt32(body.count))))
}

/// A number of four bytes, the highest first.
private func bytes(_ number: Int) -> [UInt8] {
  [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
}

private func deflated(_ bytes: [UInt8]) -> [UInt8] {
  var size = compressBound(UInt(bytes.count))
  var result = [UInt8](repeating: 0, count: Int(size))
  let status = compress2(&result, &size, bytes, UInt(bytes.count), 9)
  // The buffer is as large as the bound, so that only memory could lack.
  precondition(status == Z_OK, "zlib's status \(status) for \(bytes.count) bytes")
  return Array(result.prefix(Int(size)))
}

/// Bytes as the address of a picture that stands in the page itself.
package func pngAddress(_ bytes: [UInt8]) -> String {
  "data:image/png;base64," + Data(bytes).base64EncodedString()
}
