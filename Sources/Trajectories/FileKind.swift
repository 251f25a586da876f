/// What a file is by its first bytes.
enum FileKind: Equatable {
  /// CDF-1, CDF-2 or CDF-5.
  case classicNetCDF
  /// HDF5, perhaps NetCDF-4; with the end of the file by its superblock, where that can be read.
  case hdf5(end: Int?)
  /// Text of no known kind.
  case text
  /// Something else, in words that fit after "but".
  case other(String)

  /// Looks at the first bytes of a file; 512 are enough.
  init(start: ArraySlice<UInt8>) {
    let bytes = Array(start)
    if bytes.starts(with: Array("CDF".utf8)), bytes.count >= 4 {
      self = [1, 2, 5].contains(bytes[3]) ? .classicNetCDF : .other("CDF of version \(bytes[3])")
    } else if bytes.starts(with: [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]) {
      self = .hdf5(end: superblockEnd(bytes))
    } else {
      self = recognize(bytes)
    }
  }
}

/// The address of the end of an HDF5 file (HDF5 File Format Specification 3.0, section II.A).
private func superblockEnd(_ bytes: [UInt8]) -> Int? {
  guard bytes.count >= 64 else { return nil }
  // The place of the base address; the end comes two addresses later. Only the usual 8-byte addresses.
  let place: Int
  switch bytes[8] {
  case 0 where bytes[13] == 8: place = 24
  case 1 where bytes[13] == 8: place = 28
  case 2, 3:
    guard bytes[9] == 8 else { return nil }
    place = 12
  default: return nil
  }
  let end = bytes[place + 16..<place + 24].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
  return Int(exactly: end)
}

private func recognize(_ bytes: [UInt8]) -> FileKind {
  if bytes.isEmpty { return .other("empty") }
  let signatures: [(start: [UInt8], name: String)] = [
    ([0x1F, 0x8B], "gzip data: unpack it first"),
    ([0x28, 0xB5, 0x2F, 0xFD], "zstd data: unpack it first"),
    ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "xz data: unpack it first"),
    (Array("BZh".utf8), "bzip2 data: unpack it first"),
    ([0x50, 0x4B, 0x03, 0x04], "a zip archive: unpack it first"),
    ([0x0E, 0x03, 0x13, 0x01], "HDF4"),
    ([0x00, 0x00, 0x07, 0xCB], "a GROMACS XTC trajectory"),
    ([0x00, 0x00, 0x07, 0xC9], "a GROMACS TRR trajectory"),
    (Array("%VERSION".utf8), "an AMBER topology"),
    (Array("version https://git-lfs".utf8), "a Git LFS pointer: run 'git lfs pull'"),
    (Array("<".utf8), "a web page or XML"),
  ]
  if let match = signatures.first(where: { bytes.starts(with: $0.start) }) {
    return .other(match.name)
  }
  if bytes.count >= 8, bytes[4..<8].elementsEqual("CORD".utf8) { return .other("a DCD trajectory") }
  // Printable characters, UTF-8, blanks and ends of lines.
  if bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || (0x09...0x0D).contains($0) }) { return .text }
  let shown = bytes.prefix(4).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
  return .other("data that start with the bytes \(shown.joined(separator: " "))")
}
