/// The header of a classic NetCDF file: where each variable lies.
///
/// libnetcdf believes a damaged header: it reads lost data as zeros, and some headers make it
/// crash. So the header is walked here first, by the grammar of the NetCDF Classic Format
/// Specification (docs.unidata.ucar.edu, "File Format Specifications"; CDF-5: the PnetCDF page of
/// the same name).
struct ClassicHeader: Equatable, Sendable {
  struct Dimension: Equatable, Sendable {
    let name: String
    /// Zero for the record dimension.
    let length: Int
  }

  struct Variable: Equatable, Sendable {
    let name: String
    /// Whether its first dimension is the record dimension.
    let isRecord: Bool
    /// The bytes of one element.
    let elementSize: Int
    /// The bytes of the variable, or of one record of it, without padding.
    let bytes: Int
    /// Where it begins in the file.
    let begin: Int
    /// Where its description stands in the header.
    let offset: Int
  }

  /// 1, 2 or 5.
  let version: Int
  /// The number of records; nil when the writer left it open ("streaming").
  let records: Int?
  let dimensions: [Dimension]
  let variables: [Variable]
  /// The bytes of the header.
  let length: Int

  /// Walks the header; nothing outside of it is read.
  init(_ bytes: inout HeaderBytes) throws(TrajectoryError) {
    try bytes.skipSignature()
    version = bytes.version
    records = try bytes.recordCount()
    dimensions = try readDimensions(&bytes)
    try skipAttributes(&bytes, of: "the file")
    variables = try readVariables(&bytes, dimensions)
    length = bytes.offset
  }
}

/// The tags that announce the three kinds of list.
private enum Tag: Int {
  case dimensions = 0x0A
  case variables = 0x0B
  case attributes = 0x0C
}

/// The length of a list; zero when the list is marked as absent.
private func readListLength(
  _ bytes: inout HeaderBytes, _ tag: Tag, _ part: String
) throws(TrajectoryError) -> Int {
  let start = bytes.offset
  let found = try bytes.uint32("the tag of \(part)")
  let count = try bytes.count("the number of \(part)", atMost: 65536)
  guard found == tag.rawValue || (found == 0 && count == 0) else {
    throw bytes.fault("\(part) begin with the tag \(found) and not \(tag.rawValue)", at: start)
  }
  return count
}

private func readDimensions(
  _ bytes: inout HeaderBytes
) throws(TrajectoryError) -> [ClassicHeader.Dimension] {
  var dimensions: [ClassicHeader.Dimension] = []
  var names: Set<String> = []
  for _ in 0..<(try readListLength(&bytes, .dimensions, "the dimensions")) {
    let start = bytes.offset
    let name = try bytes.name("the name of a dimension")
    let length = try bytes.count("the length of dimension '\(name)'")
    guard names.insert(name).inserted else {
      throw bytes.fault("two dimensions are named '\(name)'", at: start)
    }
    if length == 0, let other = dimensions.first(where: { $0.length == 0 }) {
      throw bytes.fault("both '\(other.name)' and '\(name)' are record dimensions", at: start)
    }
    dimensions.append(.init(name: name, length: length))
  }
  return dimensions
}

private func skipAttributes(
  _ bytes: inout HeaderBytes, of owner: String
) throws(TrajectoryError) {
  var names: Set<String> = []
  for _ in 0..<(try readListLength(&bytes, .attributes, "the attributes of \(owner)")) {
    let start = bytes.offset
    let name = try bytes.name("the name of an attribute of \(owner)")
    guard names.insert(name).inserted else {
      throw bytes.fault("two attributes of \(owner) are named '\(name)'", at: start)
    }
    let size = try readElementSize(&bytes, "attribute '\(name)' of \(owner)")
    let count = try bytes.count("the length of attribute '\(name)'")
    guard let length = product([count, size]), length <= .max - 3 else {
      throw bytes.fault("attribute '\(name)' of \(owner) has \(count) elements", at: start)
    }
    try bytes.skip(padded(length), "attribute '\(name)' of \(owner)")
  }
}

private func readVariables(
  _ bytes: inout HeaderBytes, _ dimensions: [ClassicHeader.Dimension]
) throws(TrajectoryError) -> [ClassicHeader.Variable] {
  var variables: [ClassicHeader.Variable] = []
  var names: Set<String> = []
  for _ in 0..<(try readListLength(&bytes, .variables, "the variables")) {
    let variable = try readVariable(&bytes, dimensions)
    guard names.insert(variable.name).inserted else {
      throw bytes.fault("two variables are named '\(variable.name)'", at: variable.offset)
    }
    variables.append(variable)
  }
  return variables
}

private func readVariable(
  _ bytes: inout HeaderBytes, _ dimensions: [ClassicHeader.Dimension]
) throws(TrajectoryError) -> ClassicHeader.Variable {
  let start = bytes.offset
  let name = try bytes.name("the name of a variable")
  // NC_MAX_VAR_DIMS of netcdf.h.
  let rank = try bytes.count("the rank of '\(name)'", atMost: 1024)
  var lengths: [Int] = []
  for position in 0..<rank {
    let place = bytes.offset
    let number = try bytes.count("the dimensions of '\(name)'")
    guard number < dimensions.count else {
      throw bytes.fault(
        "'\(name)' has dimension number \(number), but there are \(dimensions.count)", at: place)
    }
    guard dimensions[number].length > 0 || position == 0 else {
      throw bytes.fault("the record dimension is not the first of '\(name)'", at: place)
    }
    lengths.append(dimensions[number].length)
  }
  try skipAttributes(&bytes, of: "'\(name)'")
  let elementSize = try readElementSize(&bytes, "'\(name)'")
  let sizeOffset = bytes.offset
  let stated = try bytes.count("the size of '\(name)'")
  let begin =
    bytes.version == 1
    ? try bytes.uint32("the place of '\(name)'") : try bytes.int64("the place of '\(name)'")
  let isRecord = lengths.first == 0
  guard let length = product((isRecord ? lengths.dropFirst() : lengths[...]) + [elementSize]),
    length <= .max / 4
  else {
    throw bytes.fault("'\(name)' of lengths \(lengths) is larger than any file", at: start)
  }
  // The stated size is redundant. Old writers leave it out or do not pad it, and where four bytes
  // cannot hold it all their bits are set.
  let largest = 0xFFFF_FFFF
  guard
    [0, length, padded(length)].contains(stated) || (stated == largest && length > largest - 4)
  else {
    throw bytes.fault(
      "'\(name)' takes \(length) bytes by its dimensions, but its size is given as \(stated)",
      at: sizeOffset)
  }
  return .init(
    name: name, isRecord: isRecord, elementSize: elementSize, bytes: length, begin: begin,
    offset: start)
}

/// The bytes of one element of a type.
private func readElementSize(
  _ bytes: inout HeaderBytes, _ part: String
) throws(TrajectoryError) -> Int {
  let start = bytes.offset
  let type = try bytes.uint32("the type of \(part)")
  switch type {
  // byte, char, short, int, float, double
  case 1, 2: return 1
  case 3: return 2
  case 4, 5: return 4
  case 6: return 8
  // Only in CDF-5: ubyte, ushort, uint, int64, uint64
  case 7 where bytes.version == 5: return 1
  case 8 where bytes.version == 5: return 2
  case 9 where bytes.version == 5: return 4
  case 10 where bytes.version == 5, 11 where bytes.version == 5: return 8
  default:
    throw bytes.fault("\(part) has the type \(type), which CDF-\(bytes.version) lacks", at: start)
  }
}
