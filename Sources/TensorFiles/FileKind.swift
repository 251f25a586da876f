/// What a file is by its first bytes.
package enum FileKind: Equatable, Sendable {
  /// Classic NetCDF; the versions 1, 2 and 5 are known.
  case classicNetCDF(version: UInt8)
  /// HDF5, perhaps NetCDF-4.
  case hdf5
  /// A DCD trajectory, in either byte order.
  case dcd
  /// An AMBER topology.
  case prmtop
  case safetensors
  case pdb
  /// Text of no known kind.
  case text
  /// Something else, in words that fit after "but".
  case other(String)

  /// Looks at the first bytes of a file; 512 are enough.
  ///
  /// A byte order mark before a text is stepped over.
  package init(start: some Collection<UInt8>) {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let bytes = Array(start.starts(with: mark) ? start.dropFirst(3) : start[...])
    if bytes.count >= 4, bytes.starts(with: "CDF".utf8) {
      self = .classicNetCDF(version: bytes[3])
    } else if bytes.starts(with: [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]) {
      self = .hdf5
    } else if ["%VERSION", "%FLAG", "%COMMENT"].contains(where: { bytes.starts(with: $0.utf8) }) {
      self = .prmtop
    } else if bytes.count >= 9, bytes[8] == UInt8(ascii: "{"), bytes[6] == 0, bytes[7] == 0 {
      // The length of the header, little-endian, and the header, a JSON object.
      self = .safetensors
    } else {
      self = recognize(bytes)
    }
  }

  /// Looks at the start of a file.
  /// - Throws: ``FileError`` when it is missing, no plain file or unreadable.
  package init(path: String) throws(FileError) {
    let file = try OpenFile(path: path)
    self.init(start: try file.read(min(512, file.size), at: 0, path: path))
  }
}

extension FileKind: CustomStringConvertible {
  /// In words that fit after "is not a NetCDF file but".
  package var description: String {
    switch self {
    case .classicNetCDF(let version): "CDF of version \(version)"
    case .hdf5: "HDF5"
    case .dcd: "a DCD trajectory"
    case .prmtop: "an AMBER topology"
    case .safetensors: "a safetensors file"
    case .pdb:
      "a PDB file, whose coordinates are rounded to 0.001 Å; convert what was not rounded, such as a "
        + "restart or DCD: mdconvert FILE.dcd -o FILE.nc"
    case .text: "text"
    case .other(let name): name
    }
  }
}

private let roundedXTC =
  "a GROMACS XTC trajectory, whose coordinates are rounded to 0.01 Å, too coarse for energies; "
  + "convert the TRR or what else was not rounded: mdconvert FILE.trr -o FILE.nc"

private let signatures: [(start: [UInt8], name: String)] = [
  ([0x1F, 0x8B], "gzip data: unpack it first"),
  ([0x28, 0xB5, 0x2F, 0xFD], "zstd data: unpack it first"),
  ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "xz data: unpack it first"),
  (Array("BZh".utf8), "bzip2 data: unpack it first"),
  ([0x50, 0x4B, 0x03, 0x04], "a zip archive: unpack it first"),
  (numpyMagic, "a NumPy array"),
  ([0x0E, 0x03, 0x13, 0x01], "HDF4"),
  (
    [0x00, 0x00, 0x07, 0xE7], roundedXTC
  ),
  (
    [0x00, 0x00, 0x07, 0xCB], roundedXTC
  ),
  (
    [0x00, 0x00, 0x07, 0xC9],
    "a GROMACS TRR trajectory; convert it: mdconvert FILE.trr -o FILE.nc"
  ),
  (Array("version https://git-lfs".utf8), "a Git LFS pointer: run 'git lfs pull'"),
  ([0xFF, 0xD8, 0xFF], "a JPEG picture"),
  (Array("<".utf8), "a web page or XML"),
]

/// The format whose first bytes these are; nil when none of the known ones.
func signatureName(of bytes: [UInt8]) -> String? {
  signatures.first { bytes.starts(with: $0.start) }?.name
}

private func recognize(_ bytes: [UInt8]) -> FileKind {
  if bytes.isEmpty { return .other("empty") }
  if let name = signatureName(of: bytes) { return .other(name) }
  if bytes.count >= 8, bytes[4..<8].elementsEqual("CORD".utf8) { return .dcd }
  if bytes.count >= 12, bytes[8..<12].elementsEqual("CORD".utf8) {
    return .other("a DCD trajectory of 64-bit records; convert it: mdconvert FILE.dcd -o FILE.nc")
  }
  if isPDB(bytes) { return .pdb }
  if isTNG(bytes) {
    return .other(
      "a GROMACS TNG trajectory, whose coordinates are rounded; convert the TRR or what else was not "
        + "rounded: mdconvert FILE.trr -o FILE.nc")
  }
  // Printable characters, UTF-8, blanks and ends of lines.
  if bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || (0x09...0x0D).contains($0) }) { return .text }
  let shown = bytes.prefix(4).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
  return .other("data that start with the bytes \(shown.joined(separator: " "))")
}

/// Whether the first block is that of a TNG file: its name follows the lengths and the identifier.
private func isTNG(_ bytes: [UInt8]) -> Bool {
  let name = Array("GENERAL INFO".utf8)
  return bytes.count >= 64 && (16...48).contains { bytes[$0...].starts(with: name) }
}

/// Whether a text is a PDB file: it begins with one of the words of its lines, one line is whole,
/// and none begins with a blank or a digit, as the second line of a restart does.
private func isPDB(_ bytes: [UInt8]) -> Bool {
  let words = ["HEADER", "REMARK", "CRYST1", "MODEL ", "ATOM  ", "HETATM", "COMPND"]
  let lines = bytes.split(separator: 0x0A)
  return words.contains { bytes.starts(with: $0.utf8) } && lines.contains { $0.count >= 26 }
    && lines.allSatisfy { (0x41...0x5A).contains($0[$0.startIndex]) }
}
