import CZLIB
import Foundation

/// The CRC-32 of a sequence of bytes (that of gzip and zip), which tells every single flipped bit
/// and every damaged stretch of up to 32 bits.
package struct Checksum: Equatable, Sendable, CustomStringConvertible {
  private var value: UInt = crc32_z(0, nil, 0)

  package init() {}

  /// The checksum of some bytes.
  package init(of bytes: some Collection<UInt8>) {
    self.init()
    add(Array(bytes))
  }

  /// Goes on with numbers as they are in memory, little-endian.
  package mutating func add(_ values: [some BitwiseCopyable]) {
    // For no bytes at no address the library would begin again.
    guard !values.isEmpty else { return }
    value = values.withUnsafeBytes { bytes in
      crc32_z(value, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
    }
  }

  /// Goes on with the bytes of a file, read in pieces.
  fileprivate mutating func add(fileAt path: String) throws(FileError) {
    let file = try OpenFile(path: path)
    var place = 0
    while place < file.size {
      let bytes = try file.read(min(1 << 20, file.size - place), at: place, path: path)
      add(bytes)
      place += bytes.count
    }
  }

  /// The 32 bits as a number.
  package var number: Int { Int(value) }

  /// Eight hexadecimal digits.
  package var description: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: max(0, 8 - digits.count)) + digits
  }
}

/// The checksum of a file, as it is written down.
/// - Throws: ``FileError`` when it is missing, no plain file or unreadable.
package func checksum(path: String) throws(FileError) -> String {
  var checksum = Checksum()
  try checksum.add(fileAt: path)
  return "\(checksum)"
}
