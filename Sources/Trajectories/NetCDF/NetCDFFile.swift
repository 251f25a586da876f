import CNetCDF

/// A NetCDF file opened for reading through libnetcdf; closed when the last reference goes.
///
/// Classic files (CDF-1, CDF-2, CDF-5) pass our own check of the header against the file size
/// first, because libnetcdf reads the lost part of a truncated file as zeros. Only the root group
/// of a NetCDF-4 file is seen.
package final class NetCDFFile: Sendable {
  /// How the file is encoded.
  package enum Format: String, Codable, Sendable {
    case classic = "CDF-1"
    case offset64 = "CDF-2"
    case data64 = "CDF-5"
    case netCDF4 = "NetCDF-4"
  }

  /// A named length.
  package struct Dimension: Equatable, Sendable {
    package let name: String
    package let length: Int
    package let isUnlimited: Bool
  }

  /// A named array; `shape` is in C order.
  package struct Variable: Equatable, Sendable {
    package let name: String
    /// The number of the type in `netcdf.h`.
    package let type: Int32
    package let dimensions: [String]
    package let shape: [Int]
    let id: Int32

    /// The type as CDL writes it: "float", "double", "char".
    package var typeName: String { Trajectories.typeName(type) }

    /// The number of elements; nil when it does not fit into `Int`.
    package var count: Int? { product(shape) }
  }

  package let path: String
  package let format: Format
  package let dimensions: [Dimension]
  package let variables: [Variable]
  /// The whole records of a classic file after those that its header counts.
  package let uncountedRecords: Int
  private let id: Int32
  private let size: Int

  /// Opens a file.
  ///
  /// - Throws: ``TrajectoryError`` when it cannot be read, is not NetCDF, or its header promises
  ///   more than it holds.
  package init(path: String) throws(TrajectoryError) {
    let checked = try checkNetCDF(path: path)
    self.path = path
    size = checked.size
    uncountedRecords = checked.uncountedRecords
    (id, format, dimensions, variables) = try withNetCDFLibrary {
      () throws(TrajectoryError) -> (Int32, Format, [Dimension], [Variable]) in
      var id: Int32 = 0
      try checkStatus(nc_open(checked.absolutePath, NC_NOWRITE, &id), path, "open the file")
      do throws(TrajectoryError) {
        let dimensions = try readDimensions(of: id, path)
        return (
          id, try readFormat(of: id, path), dimensions.map(\.value),
          try readVariables(of: id, dimensions, path)
        )
      } catch {
        nc_close(id)
        throw error
      }
    }
  }

  deinit {
    // Nothing was written, so a failure to close loses nothing.
    _ = withNetCDFLibrary { nc_close(id) }
  }

  /// The variable of that name, if there is one.
  package func variable(_ name: String) -> Variable? { variables.first { $0.name == name } }

  /// The dimension of that name, if there is one.
  package func dimension(_ name: String) -> Dimension? { dimensions.first { $0.name == name } }

  /// All values of a numeric variable as `Double`, in C order; scale_factor and add_offset are not
  /// applied.
  ///
  /// - Parameter rows: the part of the first dimension that is wanted; nil for all of it.
  /// - Throws: ``TrajectoryError`` when the variable is missing, not numeric, or cannot be read.
  package func doubles(
    _ name: String, rows: Range<Int>? = nil
  ) throws(TrajectoryError) -> (shape: [Int], values: [Double]) {
    guard let variable = variable(name) else {
      throw .missingVariable(path: path, variable: name, found: variables.map(\.name))
    }
    var start = [Int](repeating: 0, count: variable.shape.count)
    var shape = variable.shape
    if let rows {
      precondition(
        !shape.isEmpty && rows.lowerBound >= 0 && rows.upperBound <= shape[0],
        "rows \(rows) of '\(name)' of shape \(shape)")
      start[0] = rows.lowerBound
      shape[0] = rows.count
    }
    // zlib packs at most 1032 to 1: a header that promises more is damaged, and would exhaust the
    // memory.
    guard let whole = variable.count, whole / 1100 <= size, let count = product(shape) else {
      throw .implausibleSize(path: path, variable: name, shape: variable.shape, size: size)
    }
    guard count > 0 else { return (shape, []) }
    let values = try withNetCDFLibrary { () throws(TrajectoryError) -> [Double] in
      var status: Int32 = NC_NOERR
      let values = [Double](unsafeUninitializedCapacity: count) { buffer, initialized in
        buffer.initialize(repeating: 0)
        status = nc_get_vara_double(id, variable.id, start, shape, buffer.baseAddress)
        initialized = count
      }
      try checkStatus(status, path, "read '\(name)'")
      return values
    }
    return (shape, values)
  }

  /// A text attribute of a variable, or of the file when `variable` is nil; nil when absent or not
  /// text.
  package func text(_ attribute: String, of variable: String? = nil) -> String? {
    guard let owner = identifier(variable) else { return nil }
    return withNetCDFLibrary { readText(attribute, of: owner, in: id) }
  }

  /// The first value of a numeric attribute of a variable, or of the file; nil when absent or not a
  /// number.
  package func number(_ attribute: String, of variable: String? = nil) -> Double? {
    guard let owner = identifier(variable) else { return nil }
    return withNetCDFLibrary {
      var (type, length): (nc_type, Int) = (0, 0)
      guard nc_inq_att(id, owner, attribute, &type, &length) == NC_NOERR, length > 0 else {
        return nil
      }
      var values = [Double](repeating: 0, count: length)
      return nc_get_att_double(id, owner, attribute, &values) == NC_NOERR ? values[0] : nil
    }
  }

  private func identifier(_ name: String?) -> Int32? {
    guard let name else { return NC_GLOBAL }
    return variable(name)?.id
  }
}

/// The product of the lengths; nil when it does not fit into `Int`.
func product(_ lengths: [Int]) -> Int? {
  var result = 1
  for length in lengths {
    let (next, overflow) = result.multipliedReportingOverflow(by: length)
    if overflow { return nil }
    result = next
  }
  return result
}
