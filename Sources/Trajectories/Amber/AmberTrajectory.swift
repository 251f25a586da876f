import TensorFiles

/// Reads an AMBER NetCDF trajectory (CDF-1, CDF-2, CDF-5 or NetCDF-4; float, double or packed
/// integers).
///
/// Coordinates in ångström are divided by ten in double precision; those in nanometre are taken as
/// they are. A periodic box and velocities are left out. Files of netCDF4-python in every format
/// are read bit by bit (`GoldenTests`); a file with one wrong byte in its header gives the right
/// frames, a note, or an error (`MutationTests`).
///
/// - Parameters:
///   - frames: the frames that are wanted, counted from 0; nil for all.
///   - expectedAtoms: the number of atoms of the topology.
///   - keepingBroken: whether coordinates that are not finite or were never written come back as
///     NaN (proposals of a model) in place of an error.
/// - Returns: the trajectory, and notes on what the file lacks or what was left out, one line each.
/// - Throws: ``TrajectoryError`` when any of it cannot be trusted; nothing is repaired or skipped.
package func readAmberTrajectory(
  path: String, frames: Range<Int>? = nil, expectedAtoms: Int? = nil, keepingBroken: Bool = false
) throws(TrajectoryError) -> (trajectory: Trajectory, notes: [String]) {
  let file = try NetCDFFile(path: path)
  try checkConventions(file, are: "AMBER")
  let coordinates = try AmberCoordinates(file)
  guard coordinates.hasFrameDimension else {
    throw .shape(
      path: path, variable: "coordinates", expected: "[frames, atoms, 3]",
      found: [coordinates.atoms, 3])
  }
  try coordinates.checkAtoms(expectedAtoms, path: path)
  guard coordinates.frames > 0 else { throw .noFrames(path: path) }
  let wanted = frames ?? 0..<coordinates.frames
  guard wanted.lowerBound >= 0, wanted.upperBound <= coordinates.frames else {
    throw .framesOutOfRange(path: path, requested: wanted, found: coordinates.frames)
  }
  let (times, timeNote) = try readTimes(file, frames: wanted, of: coordinates.frames)
  let chains = try readChains(file, frames: wanted)
  let values = try coordinates.read(file, frames: wanted, keepingBroken: keepingBroken)
  return (
    Trajectory(atoms: coordinates.atoms, coordinates: values, times: times, chains: chains),
    notes(on: file, coordinates) + timeNote
      + (coordinates.isSinglePrecision ? roundingNote(values) : [])
  )
}

/// Whether a file holds samples, which have an index in place of a time.
/// - Throws: ``TrajectoryError`` when the file cannot be opened or read.
package func holdsSamples(path: String) throws(TrajectoryError) -> Bool {
  var bytes = try HeaderBytes(path: path)
  switch FileKind(start: try bytes.start(512)) {
  case .classicNetCDF, .hdf5: return try NetCDFFile(path: path).variable(sampleIndex) != nil
  default: return false
  }
}

/// A note when single precision has lost digits: 1000 Å from the origin it rounds to 6e-5 Å.
///
/// - Parameter coordinates: nm.
func roundingNote(_ coordinates: [Double]) -> [String] {
  let furthest = coordinates.reduce(0) { max($0, abs($1)) } * 10
  guard furthest >= 1000, furthest < 1e30 else { return [] }
  let distance = furthest < 1e15 ? "\(Int(furthest))" : "\(furthest)"
  return [
    "has coordinates up to \(distance) Å from the origin, which single precision rounds to "
      + "\(Float(furthest).ulp) Å, so that energies are inexact; centre the molecule before it is "
      + "written"
  ]
}

/// What a user should know about a file that can be read; one line each.
func notes(on file: NetCDFFile, _ coordinates: AmberCoordinates) -> [String] {
  var notes: [String] = []
  if file.uncountedRecords > 0 {
    notes.append(
      "holds \(file.uncountedRecords) more frames than its header counts: "
        + "it is still being written, or its writer was stopped")
  }
  if coordinates.unit == nil { notes.append("gives no unit of coordinates: ångström is assumed") }
  if let version = file.text("ConventionVersion"), version != "1.0" {
    notes.append("follows version '\(version)' of the AMBER convention; 1.0 is known")
  }
  if file.variable("cell_lengths") != nil { notes.append("has a periodic box, which is left out") }
  return notes
}

/// The times in ps, [frames]; the number of each frame, and a note, where the file has no usable
/// time.
func readTimes(
  _ file: NetCDFFile, frames: Range<Int>, of count: Int
) throws(TrajectoryError) -> (times: [Double], note: [String]) {
  func numbered(_ fault: String) -> (times: [Double], note: [String]) {
    (frames.map(Double.init), ["\(fault): frames are numbered from 0 instead"])
  }
  guard let variable = file.variable("time") else {
    // Samples have none.
    guard file.variable(sampleIndex) == nil else { return (frames.map(Double.init), []) }
    return numbered("has no 'time'")
  }
  guard variable.shape == [count] else {
    return numbered("has a 'time' of the shape \(variable.shape) for \(count) frames")
  }
  guard ["float", "double"].contains(variable.typeName) else {
    return numbered("has a 'time' of type \(variable.typeName)")
  }
  let picoseconds: Double
  switch file.unit(of: "time")?.lowercased() {
  case nil, "picosecond", "picoseconds", "ps": picoseconds = 1
  case "femtosecond", "femtoseconds", "fs": picoseconds = 1e-3
  case "nanosecond", "nanoseconds", "ns": picoseconds = 1e3
  case let other?: return numbered("has a 'time' in '\(other)'")
  }
  let scale = picoseconds * (file.number("scale_factor", of: "time") ?? 1)
  let times = try file.doubles("time", rows: frames).values.map { $0 * scale }
  guard times.allSatisfy({ abs($0) < 1e30 }) else {
    return numbered("has a 'time' that is not always a number")
  }
  return (times, [])
}
