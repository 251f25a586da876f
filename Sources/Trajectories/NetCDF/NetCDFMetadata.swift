import CNetCDF

// What libnetcdf says about an open file. The caller holds the library's lock.

func readFormat(of id: Int32, _ path: String) throws(TrajectoryError) -> NetCDFFile.Format {
  var format: Int32 = 0
  try checkStatus(nc_inq_format(id, &format), path, "tell the format")
  switch format {
  case NC_FORMAT_CLASSIC: return .classic
  case NC_FORMAT_64BIT_OFFSET: return .offset64
  case NC_FORMAT_64BIT_DATA: return .data64
  default: return .netCDF4
  }
}

/// The dimensions of the root group with libnetcdf's numbers for them.
func readDimensions(
  of id: Int32, _ path: String
) throws(TrajectoryError) -> [(id: Int32, value: NetCDFFile.Dimension)] {
  var count: Int32 = 0
  try checkStatus(nc_inq_dimids(id, &count, nil, 0), path, "count the dimensions")
  var ids = [Int32](repeating: 0, count: Int(count))
  try checkStatus(nc_inq_dimids(id, &count, &ids, 0), path, "list the dimensions")
  var unlimitedCount: Int32 = 0
  try checkStatus(
    nc_inq_unlimdims(id, &unlimitedCount, nil), path, "count the unlimited dimensions")
  var unlimited = [Int32](repeating: 0, count: Int(unlimitedCount))
  try checkStatus(
    nc_inq_unlimdims(id, &unlimitedCount, &unlimited), path, "list the unlimited dimensions")
  var dimensions: [(id: Int32, value: NetCDFFile.Dimension)] = []
  for dimension in ids {
    var length = 0
    let name = try readName(path, "name a dimension") { nc_inq_dim(id, dimension, $0, &length) }
    dimensions.append(
      (dimension, .init(name: name, length: length, isUnlimited: unlimited.contains(dimension))))
  }
  return dimensions
}

func readVariables(
  of id: Int32, _ dimensions: [(id: Int32, value: NetCDFFile.Dimension)], _ path: String
) throws(TrajectoryError) -> [NetCDFFile.Variable] {
  var count: Int32 = 0
  try checkStatus(nc_inq_nvars(id, &count), path, "count the variables")
  var variables: [NetCDFFile.Variable] = []
  for variable in 0..<count {
    var rank: Int32 = 0
    try checkStatus(nc_inq_varndims(id, variable, &rank), path, "count a variable's dimensions")
    var ids = [Int32](repeating: 0, count: Int(rank))
    var type: nc_type = 0
    let name = try readName(path, "describe a variable") {
      nc_inq_var(id, variable, $0, &type, nil, &ids, nil)
    }
    var own: [NetCDFFile.Dimension] = []
    for identifier in ids {
      guard let match = dimensions.first(where: { $0.id == identifier }) else {
        throw .library(
          path: path, action: "describe '\(name)'", reason: "no dimension number \(identifier)")
      }
      own.append(match.value)
    }
    variables.append(
      .init(
        name: name, type: type, dimensions: own.map(\.name), shape: own.map(\.length), id: variable)
    )
  }
  return variables
}

/// A type as CDL writes it.
func typeName(_ type: nc_type) -> String {
  let names: [nc_type: String] = [
    NC_BYTE: "byte", NC_CHAR: "char", NC_SHORT: "short", NC_INT: "int", NC_FLOAT: "float",
    NC_DOUBLE: "double", NC_UBYTE: "ubyte", NC_USHORT: "ushort", NC_UINT: "uint",
    NC_INT64: "int64", NC_UINT64: "uint64", NC_STRING: "string",
  ]
  return names[type] ?? "type \(type)"
}

/// A text attribute; nil when it is absent or holds no text.
func readText(_ attribute: String, of owner: Int32, in id: Int32) -> String? {
  var (type, length): (nc_type, Int) = (0, 0)
  guard nc_inq_att(id, owner, attribute, &type, &length) == NC_NOERR else { return nil }
  if type == NC_STRING, length > 0 {
    var texts = [UnsafeMutablePointer<CChar>?](repeating: nil, count: length)
    guard nc_get_att_string(id, owner, attribute, &texts) == NC_NOERR else { return nil }
    defer { nc_free_string(length, &texts) }
    return texts[0].map { String(cString: $0) }
  }
  guard type == NC_CHAR else { return nil }
  var bytes = [CChar](repeating: 0, count: length)
  guard nc_get_att_text(id, owner, attribute, &bytes) == NC_NOERR else { return nil }
  // Writers in C store the closing zero, or fill a fixed field with zeros.
  return String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// A name that libnetcdf writes into the buffer given to `call`.
private func readName(
  _ path: String, _ action: String, _ call: (UnsafeMutablePointer<CChar>) -> Int32
) throws(TrajectoryError) -> String {
  var name = [CChar](repeating: 0, count: Int(NC_MAX_NAME) + 1)
  var status: Int32 = NC_NOERR
  name.withUnsafeMutableBufferPointer { buffer in
    if let start = buffer.baseAddress { status = call(start) }
  }
  try checkStatus(status, path, action)
  return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
