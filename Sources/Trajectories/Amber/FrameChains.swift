import TensorFiles

/// The frames of each chain, in order of time: of a long trajectory every second, third, … of a
/// chain, so that about as many are left as are wanted.
///
/// - Parameter chains: Which chain each frame is of, [frames].
/// - Returns: The numbers of the frames, and how many stand for one of them.
package func chainMembers(_ chains: [Int], atMost most: Int) -> (members: [[Int]], stride: Int) {
  let stride = max(1, (chains.count + most - 1) / most)
  let members = Dictionary(grouping: chains.indices) { chains[$0] }.sorted { $0.key < $1.key }
    .map { _, frames in
      Swift.stride(from: 0, to: frames.count, by: stride).map { frames[$0] }
    }
  return (members, stride)
}

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
