import CNetCDF
import TensorFiles

/// A NetCDF file that is being written while the caller holds the library's lock
/// (``withNetCDFLibrary(_:)``).
package struct NetCDFWriter {
  /// The path for messages.
  let path: String
  private var id: Int32 = 0

  /// Creates a file of the form CDF-2 with a layout; one that is there is replaced.
  ///
  /// - Parameters:
  ///   - place: Where the file is created.
  ///   - path: The path for messages.
  /// - Throws: ``TrajectoryError`` when the disk or libnetcdf refuses; the file is gone then.
  package init(
    creating place: String, reportedAs path: String, _ layout: NetCDFLayout
  ) throws(TrajectoryError) {
    self.path = path
    try check(nc_create(place, NC_CLOBBER | NC_64BIT_OFFSET, &id), "create the file")
    do throws(TrajectoryError) {
      try define(layout)
    } catch {
      abort()
      throw error
    }
  }

  /// Opens a file that is there, to write more into it.
  /// - Throws: ``TrajectoryError``.
  package init(reopening path: String) throws(TrajectoryError) {
    self.path = path
    try check(nc_open(path, NC_WRITE, &id), "open the file for writing")
    // What is not counted must not be filled either.
    nc_set_fill(id, NC_NOFILL, nil)
  }

  /// Writes a block of values, [rows, …], from a row of the first dimension on.
  ///
  /// - Parameter shape: The lengths of the block, one for each dimension of the variable.
  /// - Throws: ``TrajectoryError`` when there is no such variable, or the disk refuses.
  package func put(
    _ name: String, _ values: [Float], from row: Int = 0, shape: [Int]
  ) throws(TrajectoryError) {
    try put(name, values.count, from: row, shape) { nc_put_vara_float(id, $0, $1, shape, values) }
  }

  /// Writes a block of double-precision values: see ``put(_:_:from:shape:)``.
  package func put(
    _ name: String, _ values: [Double], from row: Int = 0, shape: [Int]
  ) throws(TrajectoryError) {
    try put(name, values.count, from: row, shape) { nc_put_vara_double(id, $0, $1, shape, values) }
  }

  /// Writes a block of whole numbers: see ``put(_:_:from:shape:)``.
  package func put(
    _ name: String, _ values: [Int32], from row: Int = 0, shape: [Int]
  ) throws(TrajectoryError) {
    try put(name, values.count, from: row, shape) { nc_put_vara_int(id, $0, $1, shape, values) }
  }

  /// Writes the value of a variable without dimensions.
  /// - Throws: ``TrajectoryError``.
  package func put(_ name: String, _ value: Double) throws(TrajectoryError) {
    try check(nc_put_var_double(id, try identifier(name), [value]), "write '\(name)'")
  }

  /// Writes a text that fills a variable of characters.
  /// - Throws: ``TrajectoryError``.
  package func put(_ name: String, _ text: String) throws(TrajectoryError) {
    try check(nc_put_var_text(id, try identifier(name), text), "write '\(name)'")
  }

  /// Hands all that was written to the operating system.
  /// - Throws: ``TrajectoryError``.
  package func synchronize() throws(TrajectoryError) {
    try check(nc_sync(id), "write what is buffered")
  }

  /// Writes what is left, and ends the use of this value.
  /// - Throws: ``TrajectoryError``.
  package func close() throws(TrajectoryError) {
    try check(nc_close(id), "close the file")
  }

  /// Ends the use of this value after a failure; a file that was being defined is removed.
  package func abort() { nc_abort(id) }

  private func put(
    _ name: String, _ count: Int, from row: Int, _ shape: [Int],
    _ write: (_ variable: Int32, _ start: [Int]) -> Int32
  ) throws(TrajectoryError) {
    precondition(
      !shape.isEmpty && shape.reduce(1, *) == count, "\(count) values of '\(name)' in \(shape)")
    guard count > 0 else { return }
    let start = [row] + [Int](repeating: 0, count: shape.count - 1)
    try check(write(try identifier(name), start), "write '\(name)'")
  }

  private func identifier(_ name: String) throws(TrajectoryError) -> Int32 {
    var variable: Int32 = 0
    try check(nc_inq_varid(id, name, &variable), "find '\(name)'")
    return variable
  }

  private func define(_ layout: NetCDFLayout) throws(TrajectoryError) {
    try put(layout.attributes, of: NC_GLOBAL)
    var dimensions: [String: Int32] = [:]
    for dimension in layout.dimensions {
      var number: Int32 = 0
      let length = dimension.length ?? Int(NC_UNLIMITED)
      try check(
        nc_def_dim(id, dimension.name, length, &number), "define '\(dimension.name)'")
      dimensions[dimension.name] = number
    }
    for variable in layout.variables {
      let numbers = variable.dimensions.compactMap { dimensions[$0] }
      precondition(
        numbers.count == variable.dimensions.count,
        "'\(variable.name)' is of \(variable.dimensions), the layout has \(dimensions.keys)")
      var number: Int32 = 0
      try check(
        nc_def_var(
          id, variable.name, variable.type.code, Int32(numbers.count), numbers, &number),
        "define '\(variable.name)'")
      try put(variable.attributes, of: number)
    }
    // Every value is written, so none needs a fill value before.
    try check(nc_set_fill(id, NC_NOFILL, nil), "switch off filling")
    try check(nc_enddef(id), "write the header")
  }

  private func put(
    _ attributes: [NetCDFLayout.Attribute], of owner: Int32
  ) throws(TrajectoryError) {
    for attribute in attributes {
      let (name, text) = (attribute.name, attribute.text)
      try check(nc_put_att_text(id, owner, name, text.utf8.count, text), "write '\(name)'")
    }
  }

  /// Positive statuses are the operating system's.
  private func check(_ status: Int32, _ action: String) throws(TrajectoryError) {
    guard status > 0 else { return try checkStatus(status, path, action) }
    throw .file(.unwritable(path: path, reason: String(cString: nc_strerror(status))))
  }
}

/// Writes a whole NetCDF file durably: see ``replaceFile(path:wrap:_:)``.
///
/// What reached the disk has passed the check that every file passes before it is read.
///
/// - Parameter fill: Writes all values of all variables; the library's lock is held.
/// - Throws: What `fill` throws, or ``TrajectoryError`` when the disk or libnetcdf refuses.
package func writeNetCDF(
  path: String, reportedAs given: String? = nil, _ layout: NetCDFLayout,
  _ fill: (NetCDFWriter) throws(TrajectoryError) -> Void
) throws(TrajectoryError) {
  let name = given ?? path
  try replaceFile(path: path, wrap: { .file($0.reported(as: name)) }) {
    (temporary) throws(TrajectoryError) in
    try withNetCDFLibrary { () throws(TrajectoryError) in
      let writer = try NetCDFWriter(creating: temporary, reportedAs: name, layout)
      do throws(TrajectoryError) {
        try fill(writer)
      } catch {
        writer.abort()
        throw error
      }
      try writer.close()
    }
    try checkWritten(temporary, reportedAs: name)
  }
}

/// Checks that what reached the disk passes the check that every file passes before it is read.
/// - Throws: ``TrajectoryError``.
func checkWritten(_ place: String, reportedAs name: String) throws(TrajectoryError) {
  do throws(TrajectoryError) {
    _ = try checkNetCDF(path: place)
  } catch {
    throw .file(.unwritable(path: name, reason: "what reached the disk is incomplete (\(error))"))
  }
}
