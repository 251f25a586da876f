import TensorFiles

/// Writes an AMBER NetCDF trajectory: CDF-2, float32 ångström (see ``amberLayout``), with the chain of
/// each frame in an integer variable `chain` where the trajectory has chains.
///
/// The file gets its name only when it is complete and on the disk; one that is there already is
/// replaced then. Reading it gives back `trajectory.roundedToFile()` to the last bit, and mdtraj,
/// MDAnalysis and ParmEd read the same (`AmberWriterTests`,
/// `Tests/Golden/netcdf/check_readers.py`).
///
/// - Parameters:
///   - program: Who made the coordinates.
///   - title: Texts are cut after 80 bytes, the convention's limit.
///   - forces: kJ/mol/nm, [frames, atoms, 3]; written as kilocalorie/mole/angstrom. A force that is
///     not finite is written as it is.
///   - name: What errors call the file; its path by default.
/// - Throws: ``TrajectoryError`` for a coordinate that is not finite as float32 ångström, or when
///   the disk refuses.
package func writeAmberTrajectory(
  _ trajectory: Trajectory, path: String, program: String = "tarflow-mol",
  programVersion: String = "1", title: String = "",
  forces: [Double]? = nil, reportedAs name: String? = nil
) throws(TrajectoryError) {
  precondition(
    trajectory.times.count == trajectory.frames && trajectory.times.allSatisfy(\.isFinite),
    "\(trajectory.times.count) times, \(trajectory.frames) frames, or a time that is not finite")
  precondition(
    forces.map { $0.count == trajectory.coordinates.count } ?? true,
    "\(forces?.count ?? 0) force components, \(trajectory.coordinates.count) coordinates")
  let coordinates = try singlePrecisionAngstroms(
    trajectory.coordinates, atoms: trajectory.atoms, path: name ?? path)
  let layout = amberLayout(
    atoms: trajectory.atoms, hasForces: forces != nil, hasChains: trajectory.chains != nil,
    texts: amberTexts(program: program, programVersion: programVersion, title: title))
  try writeNetCDF(path: path, reportedAs: name, layout) { (writer) throws(TrajectoryError) in
    try writer.put("spatial", "xyz")
    try writer.put("time", trajectory.times.map { Float($0) }, shape: [trajectory.frames])
    let shape = [trajectory.frames, trajectory.atoms, 3]
    try writer.put("coordinates", coordinates, shape: shape)
    if let forces {
      let converted = forces.map { Float($0 / AmberFileUnits.force) }
      try writer.put("forces", converted, shape: shape)
    }
    if let chains = trajectory.chains {
      let numbers = chains.map { Int32(truncatingIfNeeded: $0) }
      try writer.put("chain", numbers, shape: [trajectory.frames])
    }
  }
}

/// The units of an AMBER file in those of this program, nm, ps and kJ/mol.
enum AmberFileUnits {
  /// Ångström in a nanometre.
  static let angstroms = 10.0
  /// 1 kcal/mol/Å in kJ/mol/nm: 4.184 kJ in a (thermochemical) kilocalorie, 10 Å in a nanometre.
  static let force = 4.184 * angstroms
}

/// Coordinates as the file holds them, from nm, [frames, atoms, 3].
///
/// - Parameter first: The number of the first frame, for the error.
/// - Throws: ``TrajectoryError`` for one that is not finite.
func singlePrecisionAngstroms(
  _ coordinates: [Double], atoms: Int, first: Int = 0, path: String
) throws(TrajectoryError) -> [Float] {
  let converted = coordinates.map(singlePrecisionAngstroms)
  if let bad = converted.firstIndex(where: { !$0.isFinite }) {
    throw .badCoordinate(
      path: path, frame: first + bad / (3 * atoms), atom: bad / 3 % atoms,
      found: "\(coordinates[bad])")
  }
  return converted
}

/// A coordinate in nm as the file holds it; infinite where it is too large.
private func singlePrecisionAngstroms(_ coordinate: Double) -> Float {
  Float(coordinate * AmberFileUnits.angstroms)
}

extension Trajectory {
  /// The trajectory as a file holds it, so that what is computed from it can be repeated from the
  /// file.
  ///
  /// Coordinates are rounded to float32 ångström and times to float32 ps. A coordinate that a file
  /// cannot hold becomes 0, and its frame is not writable as it was. The result is what
  /// ``readAmberTrajectory(path:frames:expectedAtoms:keepingBroken:)`` gives back after
  /// ``writeAmberTrajectory(_:path:program:programVersion:title:forces:reportedAs:)``, bit by bit, and
  /// rounding it again changes nothing (`AmberWriterTests`).
  ///
  /// - Returns: The rounded trajectory, and for each frame whether a file can hold all its
  ///   coordinates, [frames].
  package func roundedToFile() -> (trajectory: Trajectory, isWritable: [Bool]) {
    let written = coordinates.map(singlePrecisionAngstroms)
    let size = 3 * atoms
    let isWritable = (0..<frames).map { frame in
      written[frame * size..<(frame + 1) * size].allSatisfy(\.isFinite)
    }
    let rounded = written.map { $0.isFinite ? Double($0) / AmberFileUnits.angstroms : 0 }
    return (
      Trajectory(
        atoms: atoms, coordinates: rounded, times: times.map { Double(Float($0)) }, chains: chains),
      isWritable
    )
  }
}
