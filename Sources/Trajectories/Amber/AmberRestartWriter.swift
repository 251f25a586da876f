/// Writes positions as an AMBER NetCDF restart: CDF-2, float64 ångström, no velocities, no box.
///
/// The file gets its name only when it is complete and on the disk. Reading it gives back the
/// positions to the last bit or the one before (`AmberRestartWriterTests`).
///
/// - Parameters:
///   - positions: nm, [atoms].
///   - title: Texts are cut after 80 bytes, the convention's limit.
///   - name: What errors call the file; its path by default.
/// - Throws: ``TrajectoryError`` for a position that is not finite, or when the disk refuses.
/// - SeeAlso: ambermd.org/netcdf/nctraj.xhtml, the section on restarts.
package func writeAmberRestart(
  _ positions: [SIMD3<Double>], path: String, program: String = "tarflow-mol",
  programVersion: String = "1", title: String = "", reportedAs name: String? = nil
) throws(TrajectoryError) {
  if let atom = positions.firstIndex(where: { !($0.x + $0.y + $0.z).isFinite }) {
    throw .badCoordinate(path: name ?? path, frame: 0, atom: atom, found: "\(positions[atom])")
  }
  let texts = amberTexts(program: program, programVersion: programVersion, title: title)
    .map { ($0.name, $0.name == "Conventions" ? "AMBERRESTART" : $0.text) }
    .filter { !$0.1.isEmpty }
  let layout = NetCDFLayout(
    attributes: texts.map { .init($0.0, cut($0.1)) },
    dimensions: [.init("spatial", 3), .init("atom", positions.count)],
    variables: [
      .init("spatial", .character, ["spatial"]),
      .init("time", .float64, [], units: "picosecond"),
      .init("coordinates", .float64, ["atom", "spatial"], units: "angstrom"),
    ])
  try writeNetCDF(path: path, reportedAs: name, layout) { (writer) throws(TrajectoryError) in
    try writer.put("spatial", "xyz")
    try writer.put("time", 0)
    let values = positions.flatMap { [$0.x, $0.y, $0.z] }.map { $0 * AmberFileUnits.angstroms }
    try writer.put("coordinates", values, shape: [positions.count, 3])
  }
}
