import TensorFiles

/// The temperatures that a file gives its frames, K, ascending, each once to within 0.1 K; empty
/// when it gives none.
///
/// They are those of `temp0`, or of each temperature dimension in `remd_values`. A replica's
/// file of a replica exchange has several, since the replica moves from one temperature to the
/// next. A frame whose value was never written, is not finite, or is not positive has none.
/// Files that are not NetCDF have none either.
///
/// - Throws: ``TrajectoryError`` when the file cannot be opened or read.
/// - SeeAlso: ambermd.org/netcdf/nctraj.xhtml (`temp0`); AMBER's and cpptraj's files of
///   multidimensional replica exchange (`remd_dimtype`, `remd_values`).
package func readAmberTemperatures(path: String) throws(TrajectoryError) -> [Double] {
  var bytes = try HeaderBytes(path: path)
  switch FileKind(start: try bytes.start(512)) {
  case .classicNetCDF, .hdf5: break
  default: return []
  }
  let file = try NetCDFFile(path: path)
  let values = try file.numbers("temp0") + replicaTemperatures(file)
  var distinct: [Double] = []
  // What libnetcdf stores where nothing was written, 9.97e36, is no temperature.
  for value in values.filter({ $0 > 0 && $0 < 1e30 }).sorted()
  where value - (distinct.last ?? 0) > 0.1 {
    distinct.append(value)
  }
  return distinct
}

/// The number by which `remd_dimtype` marks a dimension of temperatures.
private let temperatureDimension = 1.0

/// The temperatures among `remd_values`, [frames, dimensions] or, of one dimension, [frames].
private func replicaTemperatures(_ file: NetCDFFile) throws(TrajectoryError) -> [Double] {
  let types = try file.numbers("remd_dimtype")
  guard types.contains(temperatureDimension) else { return [] }
  let values = try file.numbers("remd_values")
  let width = types.count
  guard values.count % width == 0 else { return [] }
  return values.indices.filter { types[$0 % width] == temperatureDimension }.map { values[$0] }
}

extension NetCDFFile {
  /// All values of a variable in its own scale, in C order; empty when there is no such variable,
  /// or it holds text.
  fileprivate func numbers(_ name: String) throws(TrajectoryError) -> [Double] {
    guard let variable = variable(name), !["char", "string"].contains(variable.typeName) else {
      return []
    }
    let scale = number("scale_factor", of: name) ?? 1
    return try doubles(name).values.map { $0 * scale }
  }
}
