import Glibc
import TensorFiles

/// The big-endian numbers and names at the start of a classic NetCDF file, one after the other.
///
/// Every read is checked against the size of the file, so that no count in the file can lead
/// outside of it.
struct HeaderBytes: ~Copyable {
  typealias Bytes = ArraySlice<UInt8>

  let path: String
  /// The size of the file in bytes.
  var size: Int { file.size }
  /// Where the next number stands.
  private(set) var offset = 0
  /// The last byte of the signature: 1, 2 or 5.
  private(set) var version = 0

  private let file: OpenFile
  /// What was read ahead, and where it stands in the file.
  private var buffer: [UInt8] = []
  private var bufferOffset = 0

  /// Opens a regular file, without waiting for anything.
  init(path: String) throws(TrajectoryError) {
    do throws(FileError) { file = try OpenFile(path: path) } catch { throw .file(error) }
    self.path = path
  }

  /// The first bytes of the file, at most `count`.
  mutating func start(_ count: Int) throws(TrajectoryError) -> Bytes {
    defer { offset = 0 }
    return try take(min(count, size), "signature")
  }

  /// Steps over "CDF" and the version.
  mutating func skipSignature() throws(TrajectoryError) {
    version = Int(try take(4, "signature")[3])
  }

  mutating func uint32(_ part: String) throws(TrajectoryError) -> Int {
    try take(4, part).reduce(0) { $0 << 8 | Int($1) }
  }

  /// A 64-bit number that must not be negative.
  mutating func int64(_ part: String) throws(TrajectoryError) -> Int {
    let start = offset
    let bits = try take(8, part).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard let value = Int(exactly: bits) else { throw fault("\(part) is negative", at: start) }
    return value
  }

  /// The number of records, or nil where all bits are set: the writer never knew it.
  mutating func recordCount() throws(TrajectoryError) -> Int? {
    let bytes = try take(version == 5 ? 8 : 4, "the number of records")
    if bytes.allSatisfy({ $0 == 0xFF }) { return nil }
    offset -= bytes.count
    return try count("the number of records")
  }

  /// A count: four bytes, eight in CDF-5.
  mutating func count(_ part: String) throws(TrajectoryError) -> Int {
    version == 5 ? try int64(part) : try uint32(part)
  }

  /// A count of things of which no writer makes more than `limit`.
  mutating func count(_ part: String, atMost limit: Int) throws(TrajectoryError) -> Int {
    let start = offset
    let value = try count(part)
    guard value <= limit else { throw fault("\(part) is \(value), more than \(limit)", at: start) }
    return value
  }

  /// A name, with the bytes that fill it up to a multiple of four.
  mutating func name(_ part: String) throws(TrajectoryError) -> String {
    let start = offset
    // NC_MAX_NAME of netcdf.h.
    let length = try count("the length of \(part)", atMost: 256)
    let bytes = try take(length, part)
    let printable = bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    guard length > 0, printable, let name = String(validating: bytes, as: UTF8.self) else {
      throw fault("\(part) is not a name", at: start)
    }
    try skip(padded(length) - length, part)
    return name
  }

  /// Steps over bytes.
  mutating func skip(_ count: Int, _ part: String) throws(TrajectoryError) {
    guard count <= size - offset else { throw ended(count, part) }
    offset += count
  }

  /// The error of a value that no NetCDF file has.
  func fault(_ fault: String, at offset: Int) -> TrajectoryError {
    .badHeader(path: path, offset: offset, fault: fault)
  }

  private func ended(_ count: Int, _ part: String) -> TrajectoryError {
    let (needed, overflow) = offset.addingReportingOverflow(count)
    return .truncatedHeader(path: path, part: part, needed: overflow ? .max : needed, found: size)
  }

  private mutating func take(_ count: Int, _ part: String) throws(TrajectoryError) -> Bytes {
    guard count <= size - offset else { throw ended(count, part) }
    if offset < bufferOffset || offset + count > bufferOffset + buffer.count { try refill(count) }
    let first = offset - bufferOffset
    offset += count
    return buffer[first..<first + count]
  }

  /// Reads ahead from `offset`, at least `count` bytes.
  private mutating func refill(_ count: Int) throws(TrajectoryError) {
    let wanted = min(max(count, 16384), size - offset)
    do throws(FileError) {
      buffer = try file.read(wanted, atLeast: count, at: offset, path: path)
    } catch {
      throw .file(error)
    }
    bufferOffset = offset
  }
}

/// The next multiple of four.
func padded(_ count: Int) -> Int { (count + 3) / 4 * 4 }
