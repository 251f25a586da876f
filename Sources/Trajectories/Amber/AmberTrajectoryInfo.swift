/// What a NetCDF file holds, without its numbers.
package struct AmberTrajectoryInfo: Codable, Equatable, Sendable {
  /// One variable.
  package struct Variable: Codable, Equatable, Sendable {
    package var name: String
    /// As in CDL: "float", "double", "char".
    package var type: String
    package var shape: [Int]
    package var units: String?

    package init(name: String, type: String, shape: [Int], units: String?) {
      (self.name, self.type, self.shape, self.units) = (name, type, shape, units)
    }
  }

  package var format: NetCDFFile.Format
  /// "AMBER" for a trajectory, "AMBERRESTART" for a restart.
  package var conventions: String?
  /// 1 for a restart; nil without coordinates.
  package var frames: Int?
  package var atoms: Int?
  package var hasBox: Bool
  package var program: String?
  package var programVersion: String?
  package var application: String?
  package var title: String?
  package var variables: [Variable]
  /// What a user should know, one line each.
  package var notes: [String]
}

/// Describes a NetCDF file: an AMBER trajectory or restart in detail, any other by its variables.
///
/// - Throws: ``TrajectoryError`` when the file cannot be opened or promises more than it holds.
package func inspectAmberTrajectory(path: String) throws(TrajectoryError) -> AmberTrajectoryInfo {
  let file = try NetCDFFile(path: path)
  var info = AmberTrajectoryInfo(
    format: file.format, conventions: file.text("Conventions"),
    hasBox: file.variable("cell_lengths") != nil, program: file.text("program"),
    programVersion: file.text("programVersion"), application: file.text("application"),
    title: file.text("title"),
    variables: file.variables.map {
      .init(
        name: $0.name, type: $0.typeName, shape: $0.shape,
        units: file.text("units", of: $0.name))
    },
    notes: [])
  do throws(TrajectoryError) {
    let coordinates = try AmberCoordinates(file)
    (info.frames, info.atoms) = (coordinates.frames, coordinates.atoms)
    info.notes = notes(on: file, coordinates)
  } catch {
    info.notes = [error.description]
  }
  return info
}
