import Glibc
import TensorFiles

/// An AMBER NetCDF trajectory that grows while a simulation runs, in the form of
/// ``writeAmberTrajectory(_:path:program:programVersion:title:forces:reportedAs:)``, with the chain of
/// every frame in an integer variable `chain`, and if wanted its temperature in `temp0`, as AMBER's
/// replica exchange writes it.
///
/// It is open under its name from the start; after ``flush()`` other programs can read it and a
/// resumed run can go on, also after the process was killed (`GrowingTrajectoryTests`).
package final class GrowingTrajectory {
  package let path: String
  package let atoms: Int
  /// The frames that were written.
  package private(set) var frames: Int
  private let writer: NetCDFWriter
  private let hasTemperatures: Bool
  /// Without the number of frames in the header.
  private var prefix = PrefixChecksum(leavingOut: 4..<8)

  /// Creates a file; one that is there is replaced.
  ///
  /// - Throws: ``TrajectoryError`` when the disk refuses, or the path is a symbolic link that leads
  ///   out of its folder.
  package init(
    creating path: String, atoms: Int, hasTemperatures: Bool = false, programVersion: String,
    title: String
  ) throws(TrajectoryError) {
    (self.path, self.atoms, frames) = (path, atoms, 0)
    self.hasTemperatures = hasTemperatures
    let layout = amberLayout(
      atoms: atoms, hasChains: true, hasTemperatures: hasTemperatures,
      texts: amberTexts(program: "tarflow-mol", programVersion: programVersion, title: title))
    try checkOwn(path)
    writer = try createAmberFile(path, reportedAs: path, layout)
  }

  /// Opens a file to go on after a frame; later frames are written over.
  ///
  /// - Throws: ``TrajectoryError`` when the file is of another molecule, has fewer frames, or lies
  ///   behind a symbolic link out of its folder.
  package init(reopening path: String, atoms: Int, frames: Int) throws(TrajectoryError) {
    try checkOwn(path)
    let file = try NetCDFFile(path: path)
    let coordinates = try AmberCoordinates(file)
    try coordinates.checkAtoms(atoms, path: path)
    guard coordinates.frames + file.uncountedRecords >= frames else {
      throw .truncatedFrames(
        path: path, expected: frames, found: coordinates.frames, size: fileSize(path))
    }
    (self.path, self.atoms, self.frames) = (path, atoms, frames)
    hasTemperatures = file.variable("temp0") != nil
    writer = try withNetCDFLibrary { () throws(TrajectoryError) in
      try NetCDFWriter(reopening: path)
    }
  }

  deinit {
    // Whoever needs to know of a failure has called flush.
    withNetCDFLibrary { try? writer.close() }
  }

  /// Adds frames.
  ///
  /// - Parameters:
  ///   - coordinates: nm, [frames, atoms, 3].
  ///   - times: ps, [frames].
  ///   - chains: which of the simulation's chains each frame is of, [frames].
  ///   - temperatures: K, [frames], where the file was created with temperatures; otherwise nil.
  /// - Throws: ``TrajectoryError`` for a coordinate that is not finite, or when the disk refuses.
  package func append(
    _ coordinates: [Double], times: [Double], chains: [Int32], temperatures: [Double]? = nil
  ) throws(TrajectoryError) {
    precondition(
      coordinates.count == times.count * 3 * atoms && chains.count == times.count
        && temperatures?.count == (hasTemperatures ? times.count : nil),
      "\(coordinates.count) coordinates, \(times.count) times, \(chains.count) chains, "
        + "\(temperatures?.count ?? 0) temperatures")
    let converted = try singlePrecisionAngstroms(
      coordinates, atoms: atoms, first: frames, path: path)
    let (first, count, atoms) = (frames, times.count, atoms)
    try withNetCDFLibrary { () throws(TrajectoryError) in
      try writer.put("coordinates", converted, from: first, shape: [count, atoms, 3])
      try writer.put("time", times.map { Float($0) }, from: first, shape: [count])
      try writer.put("chain", chains, from: first, shape: [count])
      if let temperatures {
        try writer.put("temp0", temperatures, from: first, shape: [count])
      }
    }
    frames += count
  }

  /// The checksum of the header and of all frames, after ``flush()``; of nothing without frames.
  ///
  /// The number of frames in the header is left out, since it changes as the file grows. What came before the last call is not read again.
  /// - Throws: ``TrajectoryError``.
  package func checksum() throws(TrajectoryError) -> String {
    let size = try framesEnd(path: path, frames: frames)
    do throws(FileError) { return try prefix.extend(to: size, of: path) } catch {
      throw .file(error)
    }
  }

  /// Waits until all frames are on the disk.
  ///
  /// - Throws: ``TrajectoryError``.
  package func flush() throws(TrajectoryError) {
    try withNetCDFLibrary { () throws(TrajectoryError) in try writer.synchronize() }
    do throws(FileError) {
      try synchronize(path, reportedAs: path)
    } catch {
      throw .file(error)
    }
  }
}

/// Where so many frames of a file end; without frames the header may not be written yet.
private func framesEnd(path: String, frames: Int) throws(TrajectoryError) -> Int {
  guard frames > 0 else { return 0 }
  var bytes = try HeaderBytes(path: path)
  let header = try ClassicHeader(&bytes)
  let first = header.variables.filter(\.isRecord).map(\.begin).min() ?? header.length
  return first + frames * header.recordSize
}

private func checkOwn(_ path: String) throws(TrajectoryError) {
  do throws(FileError) { try checkOwnFile(path) } catch { throw .file(error) }
}

private func fileSize(_ path: String) -> Int {
  var status = stat()
  return stat(path, &status) == 0 ? Int(status.st_size) : 0
}
