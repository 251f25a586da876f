import TensorFiles

/// Reads a trajectory, AMBER NetCDF or DCD, whichever its content says.
///
/// The parameters, the result and the errors are those of
/// ``readAmberTrajectory(path:frames:expectedAtoms:keepingBroken:)``. With the first frame, a file
/// is compared with the list of checksums beside it, if that names it.
package func readTrajectory(
  path: String, frames: Range<Int>? = nil, expectedAtoms: Int? = nil, keepingBroken: Bool = false
) throws(TrajectoryError) -> (trajectory: Trajectory, notes: [String]) {
  if (frames?.lowerBound ?? 0) == 0 {
    do throws(FileError) { try ChecksumList.check(path) } catch { throw .file(error) }
  }
  var bytes = try HeaderBytes(path: path)
  if case .dcd = FileKind(start: try bytes.start(512)) {
    return try readDCDTrajectory(
      path: path, frames: frames, expectedAtoms: expectedAtoms, keepingBroken: keepingBroken)
  }
  return try readAmberTrajectory(
    path: path, frames: frames, expectedAtoms: expectedAtoms, keepingBroken: keepingBroken)
}

/// The number of frames of a trajectory, AMBER NetCDF or DCD, by its header and size.
///
/// - Throws: ``TrajectoryError`` as when it is read, but for its coordinates.
package func trajectoryFrames(path: String) throws(TrajectoryError) -> Int {
  var bytes = try HeaderBytes(path: path)
  if case .dcd = FileKind(start: try bytes.start(512)) {
    let open: OpenFile
    do throws(FileError) { open = try OpenFile(path: path) } catch { throw .file(error) }
    return try DCDLayout(open, path: path).frames
  }
  let file = try NetCDFFile(path: path)
  try checkConventions(file, are: "AMBER")
  return try AmberCoordinates(file).frames
}

/// Reads a DCD trajectory, as CHARMM, NAMD, OpenMM and mdtraj write it.
///
/// Float32 ångström are divided by ten in double precision; files of mdtraj and MDAnalysis, in both
/// byte orders, with and without a unit cell, are read bit by bit (`DCDTests`).
///
/// The parameters, the result and the errors are those of
/// ``readAmberTrajectory(path:frames:expectedAtoms:keepingBroken:)``.
package func readDCDTrajectory(
  path: String, frames: Range<Int>? = nil, expectedAtoms: Int? = nil, keepingBroken: Bool = false
) throws(TrajectoryError) -> (trajectory: Trajectory, notes: [String]) {
  let open: OpenFile
  do throws(FileError) { open = try OpenFile(path: path) } catch { throw .file(error) }
  let file = try DCDLayout(open, path: path)
  if let expectedAtoms, file.atoms != expectedAtoms {
    throw .atomCount(path: path, expected: expectedAtoms, found: file.atoms)
  }
  let wanted = frames ?? 0..<file.frames
  guard wanted.lowerBound >= 0, wanted.upperBound <= file.frames else {
    throw .framesOutOfRange(path: path, requested: wanted, found: file.frames)
  }
  var coordinates: [Double] = []
  coordinates.reserveCapacity(wanted.count * 3 * file.atoms)
  for frame in wanted {
    for (index, value) in try file.coordinates(of: frame, in: open).enumerated() {
      let isBroken = !(abs(value) < 1e30)
      if isBroken, !keepingBroken {
        throw .badCoordinate(path: path, frame: frame, atom: index / 3, found: "\(value)")
      }
      coordinates.append(isBroken ? .nan : Double(value) / 10)
    }
  }
  var notes = file.notes + roundingNote(coordinates)
  if file.time == nil { notes.append("has no time: frames are numbered from 0 instead") }
  let time = file.time
  return (
    Trajectory(
      atoms: file.atoms, coordinates: coordinates,
      times: wanted.map { frame in
        time.map { $0.first + Double(frame) * $0.interval } ?? Double(frame)
      }),
    notes
  )
}
