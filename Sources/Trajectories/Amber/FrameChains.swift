import TensorFiles

/// Which chain of a simulation each frame of a trajectory is of, [frames]; nil where the file does
/// not say, as only the program's own simulations do.
///
/// - Throws: ``TrajectoryError``.
package func frameChains(path: String) throws(TrajectoryError) -> [Int]? {
  guard case .classicNetCDF? = try? FileKind(path: path) else { return nil }
  let file = try NetCDFFile(path: path)
  guard let variable = file.variable("chain"), variable.typeName == "int",
    variable.dimensions == ["frame"]
  else { return nil }
  return try file.doubles("chain").values.map { Int($0) }
}
