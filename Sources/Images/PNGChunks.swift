/// The first bytes of every PNG.
let pngSignature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

/// A PNG without its ancillary chunks: what remains gives the stored bytes of the pixels.
///
/// Gamma, primaries, colour profiles and backgrounds say how a screen should show the bytes; the
/// library would convert by them, or call a profile that it dislikes damage. Chunks are ancillary
/// when the first letter of their type is lower case. Whatever follows a chunk that is cut off
/// stays, for the library to refuse. (`PNGTests`)
/// - SeeAlso: PNG specification, section 5.4.
func criticalChunks(_ png: [UInt8]) -> [UInt8] {
  var kept = Array(png.prefix(pngSignature.count))
  var start = kept.count
  // A chunk: the length of its content, its type, the content, a checksum.
  while start + 12 <= png.count {
    let length = png[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
    let end = start + 12 + length
    guard end <= png.count else { break }
    if png[start + 4] & 0x20 == 0 { kept += png[start..<end] }
    start = end
  }
  return kept + png[start...]
}
