import TensorFiles

/// Writes a DCD trajectory as CHARMM and NAMD do: little-endian, float32 ångström, no unit cell, a
/// frame a picosecond.
///
/// Reading it gives back the coordinates as ``Trajectory/roundedToFile()`` rounds them
/// (`DCDTests`); mdtraj, MDAnalysis and ParmEd read the same (`Tests/Golden/export/check_export.py`).
///
/// - Parameters:
///   - title: Cut after 80 bytes.
///   - name: What errors call the file; its path by default.
/// - Throws: ``TrajectoryError`` for a coordinate that is not finite as float32 ångström, or when
///   the disk refuses.
package func writeDCDTrajectory(
  _ trajectory: Trajectory, path: String, title: String, reportedAs name: String? = nil
) throws(TrajectoryError) {
  let coordinates = try singlePrecisionAngstroms(
    trajectory.coordinates, atoms: trajectory.atoms, path: name ?? path)
  let (atoms, frames) = (trajectory.atoms, trajectory.frames)
  var header = [UInt32](repeating: 0, count: 20)
  (header[0], header[1], header[2], header[3]) = (UInt32(frames), 1, 1, UInt32(frames))
  // A step of a picosecond in CHARMM's unit of time; the last number is CHARMM's version.
  (header[9], header[19]) = ((1 / Float(0.04888821)).bitPattern, 24)
  let text = Array(title.utf8.prefix(80))
  let line = text + [UInt8](repeating: 0x20, count: 80 - text.count)
  var bytes = record(Array("CORD".utf8) + header.flatMap(littleEndian))
  bytes += record(littleEndian(1) + line) + record(littleEndian(UInt32(atoms)))
  for frame in 0..<frames {
    for axis in 0..<3 {
      bytes += record(
        (0..<atoms).flatMap {
          littleEndian(coordinates[3 * (frame * atoms + $0) + axis].bitPattern)
        })
    }
  }
  do throws(FileError) {
    try writeBytes(bytes, path: path)
  } catch {
    throw .file(error.reported(as: name ?? path))
  }
}

/// A Fortran record: its content between two counts of its bytes.
private func record(_ content: [UInt8]) -> [UInt8] {
  let count = littleEndian(UInt32(content.count))
  return count + content + count
}

private func littleEndian(_ number: UInt32) -> [UInt8] {
  [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: number >> $0) }
}
