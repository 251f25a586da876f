import TensorFiles

/// An AMBER NetCDF file of samples that is written block by block, so that it may be larger than
/// the memory.
///
/// Its bytes do not depend on the blocks (`GrowingSamplesTests`). Where
/// ``writeAmberTrajectory(_:path:program:programVersion:title:forces:reportedAs:)`` writes times,
/// it has the indices of the samples.
package final class GrowingSamples {
  package let atoms: Int
  /// The frames that were written.
  package private(set) var frames = 0
  private let first: Int
  private let place, path: String
  private let writer: NetCDFWriter
  private var isOpen = true

  /// Creates a file; one that is there is replaced.
  ///
  /// - Parameters:
  ///   - place: Where it is created.
  ///   - path: The path for messages.
  ///   - first: The index of the first sample, which the variable `sample` counts on from.
  /// - Throws: ``TrajectoryError`` when the disk refuses.
  package init(
    creating place: String, reportedAs path: String, atoms: Int, first: Int,
    programVersion: String, title: String
  ) throws(TrajectoryError) {
    (self.place, self.path, self.atoms, self.first) = (place, path, atoms, first)
    let layout = amberLayout(
      atoms: atoms, areSamples: true,
      texts: amberTexts(program: "tarflow-mol", programVersion: programVersion, title: title))
    writer = try createAmberFile(place, reportedAs: path, layout)
  }

  deinit { if isOpen { withNetCDFLibrary { writer.abort() } } }

  /// Adds conformations.
  /// - Throws: ``TrajectoryError`` for a coordinate that is not finite, or when the disk refuses.
  package func append(_ conformations: Trajectory) throws(TrajectoryError) {
    precondition(
      conformations.atoms == atoms, "conformations of \(conformations.atoms) atoms, not \(atoms)")
    try append(
      singlePrecisionAngstroms(
        conformations.coordinates, atoms: atoms, first: frames, path: path))
  }

  /// Adds conformations as a file holds them, Å, [samples, atoms, 3].
  /// - Throws: ``TrajectoryError`` when the disk refuses.
  package func append(_ coordinates: [Float]) throws(TrajectoryError) {
    precondition(
      coordinates.count % (3 * atoms) == 0, "\(coordinates.count) coordinates of \(atoms) atoms")
    let count = coordinates.count / (3 * atoms)
    let indices = (0..<count).map { Int32(clamping: first + frames + $0) }
    let (row, atoms) = (frames, atoms)
    try withNetCDFLibrary { () throws(TrajectoryError) in
      try writer.put(sampleIndex, indices, from: row, shape: [count])
      try writer.put("coordinates", coordinates, from: row, shape: [count, atoms, 3])
    }
    frames += count
  }

  /// Closes the file, and waits until it is on the disk.
  ///
  /// What reached the disk has passed the check that every file passes before it is read.
  /// - Throws: ``TrajectoryError`` when the disk refuses.
  package func finish() throws(TrajectoryError) {
    precondition(isOpen, "\(path) is finished already")
    isOpen = false
    try withNetCDFLibrary { () throws(TrajectoryError) in try writer.close() }
    do throws(FileError) {
      try synchronize(place, reportedAs: path)
    } catch {
      throw .file(error)
    }
    try checkWritten(place, reportedAs: path)
  }
}

/// The coordinates of some frames as an AMBER NetCDF file of this program holds them, Å,
/// [frames, atoms, 3], whatever their values.
/// - Throws: ``TrajectoryError`` when the file has none or they cannot be read.
package func storedCoordinates(
  of file: NetCDFFile, frames: Range<Int>
) throws(TrajectoryError) -> [Float] {
  try file.doubles("coordinates", rows: frames).values.map { Float($0) }
}
