import CNetCDF

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
  let coordinates = trajectory.coordinates.map { Float($0 * 10) }
  if let bad = coordinates.firstIndex(where: { !$0.isFinite }) {
    throw .badCoordinate(
      path: path, frame: bad / (3 * trajectory.atoms), atom: bad / 3 % trajectory.atoms,
      found: "\(trajectory.coordinates[bad])")
  }
  try replaceFile(path: path) { (temporary) throws(TrajectoryError) in
    try withNetCDFLibrary { () throws(TrajectoryError) in
      let writer = try AmberWriter(temporary, reportedAs: path)
      do throws(TrajectoryError) {
        try writer.define(
          atoms: trajectory.atoms, hasForces: forces != nil,
          texts: [
            ("title", title), ("application", "tarflow-mol"), ("program", program),
            ("programVersion", programVersion), ("Conventions", "AMBER"),
            ("ConventionVersion", "1.0"),
          ])
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
      throw .unwritable(path: path, reason: "what reached the disk is incomplete (\(error))")
    }
  }
}

/// A NetCDF file that is being written while the caller holds the library's lock.
private struct AmberWriter {
  let path: String
  private(set) var id: Int32 = 0

  /// Creates the file.
  init(_ temporary: String, reportedAs path: String) throws(TrajectoryError) {
    self.path = path
    try check(nc_create(temporary, NC_CLOBBER | NC_64BIT_OFFSET, &id), "create the file")
  }

  /// Defines dimensions, variables and attributes, and writes the names of the axes.
  func define(
    atoms: Int, hasForces: Bool, texts: [(name: String, text: String)]
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
    // Every value is written, so none needs a fill value before.
    try check(nc_set_fill(id, NC_NOFILL, nil), "switch off filling")
    try check(nc_enddef(id), "write the header")
    try check(nc_put_var_text(id, axes, "xyz"), "write 'spatial'")
  }

  func put(_ name: String, _ values: [Float], shape: [Int]) throws(TrajectoryError) {
    guard !values.isEmpty else { return }
    var variable: Int32 = 0
    try check(nc_inq_varid(id, name, &variable), "find '\(name)'")
    let start = [Int](repeating: 0, count: shape.count)
    try check(nc_put_vara_float(id, variable, start, shape, values), "write '\(name)'")
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
    throw .unwritable(path: path, reason: String(cString: nc_strerror(status)))
  }
}
