import CNetCDF
import TensorFiles

/// Writes an AMBER NetCDF trajectory: CDF-2, an unlimited `frame`, float32 ångström, no box; the form that
/// mdtraj, MDAnalysis, ParmEd, chemfiles and cpptraj all read.
///
/// The file gets its name only when it is complete; one that is there already is replaced then.
///
/// - Parameters:
///   - program: who made the coordinates.
///   - title: texts are cut after 80 bytes, the convention's limit.
///   - forces: kJ/mol/nm, [frames, atoms, 3]; written as kilocalorie/mole/angstrom. A force that is not finite is
///     written as it is.
/// - Throws: ``TrajectoryError`` for a coordinate that is not finite as float32 ångström, or when the disk refuses.
package func writeAmberTrajectory(
  _ trajectory: Trajectory, path: String, program: String = "tarflow-mol",
  programVersion: String = "1", title: String = "", forces: [Double]? = nil
) throws(TrajectoryError) {
  precondition(
    trajectory.times.count == trajectory.frames && trajectory.times.allSatisfy(\.isFinite),
    "\(trajectory.times.count) times, \(trajectory.frames) frames, or a time that is not finite")
  precondition(
    forces.map { $0.count == trajectory.coordinates.count } ?? true,
    "\(forces?.count ?? 0) force components, \(trajectory.coordinates.count) coordinates")
  let coordinates = try singlePrecisionAngstroms(
    trajectory.coordinates, atoms: trajectory.atoms, path: path)
  try replaceFile(path: path, wrap: TrajectoryError.file) { (temporary) throws(TrajectoryError) in
    try withNetCDFLibrary { () throws(TrajectoryError) in
      let writer = try AmberWriter(temporary, reportedAs: path)
      do throws(TrajectoryError) {
        try writer.define(
          atoms: trajectory.atoms, hasForces: forces != nil,
          texts: amberTexts(program: program, programVersion: programVersion, title: title))
        let frames = trajectory.frames
        try writer.put("time", trajectory.times.map { Float($0) }, shape: [frames])
        let shape = [frames, trajectory.atoms, 3]
        try writer.put("coordinates", coordinates, shape: shape)
        if let forces {
          try writer.put("forces", forces.map { Float($0 / 41.84) }, shape: shape)
        }
      } catch {
        nc_abort(writer.id)
        throw error
      }
      try writer.close()
    }
    do throws(TrajectoryError) {
      _ = try checkNetCDF(path: temporary)
    } catch {
      throw .file(
        .unwritable(path: path, reason: "what reached the disk is incomplete (\(error))"))
    }
  }
}

/// The file's attributes; empty ones are left out.
func amberTexts(
  program: String, programVersion: String, title: String
) -> [(name: String, text: String)] {
  [
    ("title", title), ("application", "tarflow-mol"), ("program", program),
    ("programVersion", programVersion), ("Conventions", "AMBER"), ("ConventionVersion", "1.0"),
  ]
}

/// Coordinates as the file holds them, from nm, [frames, atoms, 3].
///
/// - Parameter first: the number of the first frame, for the error.
/// - Throws: ``TrajectoryError`` for one that is not finite.
func singlePrecisionAngstroms(
  _ coordinates: [Double], atoms: Int, first: Int = 0, path: String
) throws(TrajectoryError) -> [Float] {
  let converted = coordinates.map { Float($0 * 10) }
  if let bad = converted.firstIndex(where: { !$0.isFinite }) {
    throw .badCoordinate(
      path: path, frame: first + bad / (3 * atoms), atom: bad / 3 % atoms,
      found: "\(coordinates[bad])")
  }
  return converted
}

/// A NetCDF file that is being written while the caller holds the library's lock.
struct AmberWriter {
  let path: String
  private(set) var id: Int32 = 0

  /// Creates the file.
  init(_ temporary: String, reportedAs path: String) throws(TrajectoryError) {
    self.path = path
    try check(nc_create(temporary, NC_CLOBBER | NC_64BIT_OFFSET, &id), "create the file")
  }

  /// Opens a file that is there, to write more into it.
  init(reopening path: String) throws(TrajectoryError) {
    self.path = path
    try check(nc_open(path, NC_WRITE, &id), "open the file for writing")
  }

  /// Defines dimensions, variables and attributes, and writes the names of the axes.
  func define(
    atoms: Int, hasForces: Bool, hasChains: Bool = false, texts: [(name: String, text: String)]
  ) throws(TrajectoryError) {
    for (name, text) in texts where !text.isEmpty { try put(text, as: name, of: NC_GLOBAL) }
    let frame = try dimension("frame", 0)
    let spatial = try dimension("spatial", 3)
    let atom = try dimension("atom", atoms)
    let axes = try variable("spatial", NC_CHAR, [spatial], units: nil)
    try variable("time", NC_FLOAT, [frame], units: "picosecond")
    try variable("coordinates", NC_FLOAT, [frame, atom, spatial], units: "angstrom")
    if hasForces {
      try variable(
        "forces", NC_FLOAT, [frame, atom, spatial], units: "kilocalorie/mole/angstrom")
    }
    if hasChains { try variable("chain", NC_INT, [frame], units: nil) }
    // Every value is written, so none needs a fill value before.
    try check(nc_set_fill(id, NC_NOFILL, nil), "switch off filling")
    try check(nc_enddef(id), "write the header")
    try check(nc_put_var_text(id, axes, "xyz"), "write 'spatial'")
  }

  /// Writes values from a frame on.
  func put(
    _ name: String, _ values: [Float], from frame: Int = 0, shape: [Int]
  ) throws(TrajectoryError) {
    guard !values.isEmpty else { return }
    let start = [frame] + [Int](repeating: 0, count: shape.count - 1)
    try check(
      nc_put_vara_float(id, try identifier(name), start, shape, values), "write '\(name)'")
  }

  /// Writes one number a frame, from a frame on.
  func put(_ name: String, _ values: [Int32], from frame: Int) throws(TrajectoryError) {
    guard !values.isEmpty else { return }
    try check(
      nc_put_vara_int(id, try identifier(name), [frame], [values.count], values),
      "write '\(name)'")
  }

  /// Hands all that was written to the operating system.
  func synchronize() throws(TrajectoryError) {
    try check(nc_sync(id), "write what is buffered")
  }

  private func identifier(_ name: String) throws(TrajectoryError) -> Int32 {
    var variable: Int32 = 0
    try check(nc_inq_varid(id, name, &variable), "find '\(name)'")
    return variable
  }

  func close() throws(TrajectoryError) {
    try check(nc_close(id), "close the file")
  }

  private func dimension(_ name: String, _ length: Int) throws(TrajectoryError) -> Int32 {
    var dimension: Int32 = 0
    try check(nc_def_dim(id, name, length, &dimension), "define '\(name)'")
    return dimension
  }

  @discardableResult
  private func variable(
    _ name: String, _ type: nc_type, _ dimensions: [Int32], units: String?
  ) throws(TrajectoryError) -> Int32 {
    var variable: Int32 = 0
    let rank = Int32(dimensions.count)
    try check(nc_def_var(id, name, type, rank, dimensions, &variable), "define '\(name)'")
    if let units { try put(units, as: "units", of: variable) }
    return variable
  }

  private func put(_ text: String, as name: String, of owner: Int32) throws(TrajectoryError) {
    var text = text
    while text.utf8.count > 80 { text.removeLast() }
    try check(nc_put_att_text(id, owner, name, text.utf8.count, text), "write '\(name)'")
  }

  /// Positive statuses are the operating system's.
  private func check(_ status: Int32, _ action: String) throws(TrajectoryError) {
    guard status > 0 else { return try checkStatus(status, path, action) }
    throw .file(.unwritable(path: path, reason: String(cString: nc_strerror(status))))
  }
}
