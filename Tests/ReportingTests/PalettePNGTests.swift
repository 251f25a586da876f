import CZLIB
import Reporting
import Testing

@Suite struct PalettePNGTests {
  @Test func `a PNG holds its pixels and right checksums`() throws {
    let pixels: [UInt8] = [0, 1, 2, 2, 1, 0]
    let png = palettePNG(
      pixels, width: 3, height: 2, palette: [(0, 0, 0), (255, 0, 0), (1, 2, 3)])
    #expect(png.prefix(8) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
    var (start, chunks) = (8, [String: [UInt8]]())
    while start < png.count {
      let length = png[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
      let body = Array(png[start + 4..<start + 8 + length])
      let sum = png[start + 8 + length..<start + 12 + length].reduce(0) { $0 << 8 | UInt($1) }
      #expect(crc32(0, body, UInt32(body.count)) == sum)
      chunks[String(decoding: body.prefix(4), as: UTF8.self)] = Array(body.dropFirst(4))
      start += 12 + length
    }
    #expect(chunks["IHDR"] == [0, 0, 0, 3, 0, 0, 0, 2, 8, 3, 0, 0, 0])
    #expect(chunks["PLTE"] == [0, 0, 0, 255, 0, 0, 1, 2, 3])
    #expect(chunks["IEND"] == [])
    let packed = try #require(chunks["IDAT"])
    var (rows, size) = ([UInt8](repeating: 9, count: 8), UInt(8))
    #expect(uncompress(&rows, &size, packed, UInt(packed.count)) == Z_OK)
    #expect(rows == [0, 0, 1, 2, 0, 2, 1, 0])
  }
}
