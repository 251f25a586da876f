import TensorFiles

/// Reads the positions of an AMBER restart, NetCDF or text (inpcrd, rst7): nm, [atoms].
///
/// Velocities, the box and the time are left out. The starts of the embedded systems and the text
/// form, also where its numbers touch, are read to the last bit (`AmberRestartTests`).
///
/// - Parameter expectedAtoms: the number of atoms of the topology.
/// - Throws: ``TrajectoryError`` naming the variable, or the line of a text file.
package func readAmberRestart(
  path: String, expectedAtoms: Int? = nil
) throws(TrajectoryError) -> [SIMD3<Double>] {
  var bytes = try HeaderBytes(path: path)
  switch FileKind(start: try bytes.start(512)) {
  case .classicNetCDF, .hdf5:
    return try readNetCDFRestart(path: path, expectedAtoms: expectedAtoms)
  case .text:
    let text = try bytes.start(bytes.size)
    return try readTextRestart(text, path: path, expectedAtoms: expectedAtoms)
  case let other:
    throw .notNetCDF(path: path, found: other.description)
  }
}

private func readNetCDFRestart(
  path: String, expectedAtoms: Int?
) throws(TrajectoryError) -> [SIMD3<Double>] {
  let file = try NetCDFFile(path: path)
  try checkConventions(file, are: "AMBERRESTART")
  let coordinates = try AmberCoordinates(file)
  guard coordinates.frames == 1 else {
    throw .shape(
      path: path, variable: "coordinates", expected: "[atoms, 3]",
      found: [coordinates.frames, coordinates.atoms, 3])
  }
  try coordinates.checkAtoms(expectedAtoms, path: path)
  let values = try coordinates.read(file, frames: 0..<1)
  return Trajectory(atoms: coordinates.atoms, coordinates: values)[0]
}

/// The width of a number in the text form: six a line, ångström (ambermd.org/FileFormats.php,
/// format 6F12.7).
private let columns = 12

/// What a field holds in place of a number, in words.
private func fault(of field: String) -> String {
  if field.isEmpty { return "the end of the line" }
  guard field.contains("*") else { return "'\(field)'" }
  return "'\(field)': the coordinate did not fit its columns when it was written; centre the "
    + "molecule and write it again, or write NetCDF"
}

private func readTextRestart(
  _ bytes: ArraySlice<UInt8>, path: String, expectedAtoms: Int?
) throws(TrajectoryError) -> [SIMD3<Double>] {
  let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
    line.last == 0x0D ? line.dropLast() : line
  }
  func text(_ bytes: ArraySlice<UInt8>) -> String {
    String(decoding: bytes.drop { $0 == 0x20 }, as: UTF8.self)
  }
  let second = lines.count > 1 ? text(lines[1]) : ""
  guard let first = second.split(separator: " ").first, let atoms = Int(first), atoms > 0 else {
    throw .badLine(
      path: path, line: 2, expected: "the number of atoms of an AMBER restart",
      // Anything else may be a line of somebody's file that a path led to.
      found: second.utf8.allSatisfy { $0 == 0x20 || (0x2B...0x39).contains($0) }
        ? "'\(second.prefix(40))'" : "other text")
  }
  if let expectedAtoms, atoms != expectedAtoms {
    throw .atomCount(path: path, expected: expectedAtoms, found: atoms)
  }
  guard atoms <= bytes.count / (3 * columns) + 1 else {
    throw .badLine(
      path: path, line: lines.count, expected: "the coordinates of \(atoms) atoms",
      found: "the end of the file")
  }
  var values: [Double] = []
  for (number, line) in lines.enumerated().dropFirst(2) where values.count < 3 * atoms {
    var rest = line[...]
    for _ in 0..<min(6, 3 * atoms - values.count) {
      // Numbers may touch, so the columns count and not the blanks.
      let field = text(rest.prefix(columns))
      guard let value = Double(field), value.isFinite else {
        throw .badLine(
          path: path, line: number + 1, expected: "six coordinates of \(columns) columns",
          found: fault(of: field))
      }
      values.append(value / 10)
      rest = rest.dropFirst(columns)
    }
  }
  guard values.count == 3 * atoms else {
    throw .badLine(
      path: path, line: lines.count, expected: "the coordinates of \(atoms) atoms",
      found: "the end of the file")
  }
  return Trajectory(atoms: atoms, coordinates: values)[0]
}
