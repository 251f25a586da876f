import CNetCDF

// The parts of the AMBER NetCDF convention that trajectories and restarts share
// (ambermd.org/netcdf/nctraj.xhtml, version 1.0 revision C). Readers are to be permissive, writers
// strict.

/// Checks that a file says it follows `expected`, alone or beside other conventions ("CF-1.8,
/// AMBER").
func checkConventions(_ file: NetCDFFile, are expected: String) throws(TrajectoryError) {
  let found = file.text("Conventions")
  let isPande = found?.split(whereSeparator: { $0 == "," || $0 == " " }).contains("Pande") == true
  if file.format == .netCDF4, isPande || found == nil && file.variable("coordinates") != nil {
    throw .notNetCDF(
      path: file.path,
      found: "mdtraj's HDF5 form of a trajectory; convert it: mdconvert FILE.h5 -o FILE.nc")
  }
  let names = found?.split { $0 == "," || $0 == ";" || $0.isWhitespace } ?? []
  guard names.contains(where: { $0 == expected }) else {
    throw .conventions(path: file.path, expected: expected, found: found)
  }
}

extension NetCDFFile {
  /// The `units` of a variable, without the blanks that Fortran pads them with; nil when there are
  /// none.
  func unit(of variable: String) -> String? {
    let words = text("units", of: variable)?.split(whereSeparator: \.isWhitespace) ?? []
    return words.isEmpty ? nil : words.joined(separator: " ")
  }
}

/// What `coordinates` holds, before any of it is read.
struct AmberCoordinates {
  /// 1 for a restart, which has no frame dimension.
  let frames: Int
  let atoms: Int
  let hasFrameDimension: Bool
  let isSinglePrecision: Bool
  /// What the file says; nil when it says nothing, which is taken as ångström.
  let unit: String?

  private let unitsInNanometre: Double
  private let scale: Double
  private let offset: Double
  private let fill: Double

  /// Looks at the variable.
  ///
  /// - Throws: ``TrajectoryError`` when it is absent, not [frames, atoms, 3] or [atoms, 3], or in
  ///   an unknown unit.
  init(_ file: NetCDFFile) throws(TrajectoryError) {
    guard let variable = file.variable("coordinates") else {
      throw .missingVariable(
        path: file.path, variable: "coordinates", found: file.variables.map(\.name))
    }
    let shape = variable.shape
    guard (2...3).contains(shape.count), shape.last == 3, shape[shape.count - 2] > 0 else {
      throw .shape(
        path: file.path, variable: "coordinates", expected: "[frames, atoms, 3]", found: shape)
    }
    hasFrameDimension = shape.count == 3
    frames = hasFrameDimension ? shape[0] : 1
    atoms = shape[shape.count - 2]
    isSinglePrecision = variable.type == NC_FLOAT
    unit = file.unit(of: "coordinates")
    switch unit?.lowercased() {
    case nil, "angstrom", "angstroms", "a", "å", "ångström": unitsInNanometre = 10
    case "nanometer", "nanometers", "nanometre", "nanometres", "nm": unitsInNanometre = 1
    case let other?:
      throw .unit(
        path: file.path, variable: "coordinates", expected: "angstrom and nanometer", found: other)
    }
    let statedScale = file.number("scale_factor", of: "coordinates")
    guard variable.type == NC_FLOAT || variable.type == NC_DOUBLE || statedScale != nil else {
      throw .type(
        path: file.path, variable: "coordinates",
        expected: "float or double, or integers with a scale_factor", found: variable.typeName)
    }
    scale = statedScale ?? 1
    offset = file.number("add_offset", of: "coordinates") ?? 0
    guard scale.isFinite, scale != 0, offset.isFinite else {
      throw .unit(
        path: file.path, variable: "coordinates", expected: "angstrom and nanometer",
        found: "units of \(scale) from \(offset)")
    }
    fill = file.number("_FillValue", of: "coordinates") ?? defaultFill(variable.type)
  }

  /// Checks the number of atoms, where one is expected.
  func checkAtoms(_ expected: Int?, path: String) throws(TrajectoryError) {
    if let expected, atoms != expected {
      throw .atomCount(path: path, expected: expected, found: atoms)
    }
  }

  /// Coordinates in nm, [frames, atoms, 3].
  ///
  /// - Parameter keepingBroken: whether a coordinate that is not finite or was never written
  ///   becomes NaN.
  /// - Throws: ``TrajectoryError`` naming the first such coordinate, unless they are kept.
  func read(
    _ file: NetCDFFile, frames: Range<Int>, keepingBroken: Bool = false
  ) throws(TrajectoryError) -> [Double] {
    var values = try file.doubles("coordinates", rows: hasFrameDimension ? frames : nil).values
    // 9.97e36, the value of what was never written, is far outside of any molecule as well.
    func isBroken(_ value: Double) -> Bool { !(abs(value) < 1e30) || value == fill }
    if keepingBroken {
      for index in values.indices where isBroken(values[index]) { values[index] = .nan }
    } else if let bad = values.firstIndex(where: isBroken) {
      throw .badCoordinate(
        path: file.path, frame: frames.lowerBound + bad / (3 * atoms), atom: bad / 3 % atoms,
        found: values[bad] == fill
          ? "\(values[bad]), which marks a missing value" : "\(values[bad])")
    }
    for index in values.indices {
      values[index] = (values[index] * scale + offset) / unitsInNanometre
    }
    return values
  }
}

/// The value that libnetcdf stores where nothing was written.
private func defaultFill(_ type: nc_type) -> Double {
  switch type {
  case NC_SHORT: Double(NC_FILL_SHORT)
  case NC_INT: Double(NC_FILL_INT)
  default: NC_FILL_DOUBLE
  }
}
