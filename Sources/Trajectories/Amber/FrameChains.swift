import TensorFiles

/// The frames of each chain in the order of time, in which a file that was shuffled does not have
/// them, [chains].
///
/// - Parameters:
///   - chains: Which chain each frame is of, [frames].
///   - times: ps, [frames].
package func framesByChain(_ chains: [Int], times: [Double]) -> [[Int]] {
  precondition(chains.count == times.count, "\(chains.count) chains, \(times.count) times")
  return Dictionary(grouping: chains.indices) { chains[$0] }.sorted { $0.key < $1.key }
    .map { _, frames in frames.sorted { (times[$0], $0) < (times[$1], $1) } }
}

/// The same of a long trajectory, every second, third, … frame of a chain, so that about as many are
/// left as are wanted.
///
/// - Returns: The numbers of the frames, and how many stand for one of them.
package func framesByChain(
  _ chains: [Int], times: [Double], atMost most: Int
) -> (members: [[Int]], stride: Int) {
  let stride = max(1, (chains.count + most - 1) / most)
  let members = framesByChain(chains, times: times).map { frames in
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
  guard let count = file.dimension("frame")?.length else { return nil }
  return try readChains(file, frames: 0..<count)
}

/// The time of each frame of a trajectory in ps, its number where the file has no usable time,
/// [frames]; nil where it is no classic NetCDF.
///
/// - Throws: ``TrajectoryError``.
package func frameTimes(path: String) throws(TrajectoryError) -> [Double]? {
  guard case .classicNetCDF? = try? FileKind(path: path) else { return nil }
  let file = try NetCDFFile(path: path)
  guard let count = file.dimension("frame")?.length else { return nil }
  return try readTimes(file, frames: 0..<count, of: count).times
}

/// Which chain some frames of a file are of, [frames]; nil where it does not say.
func readChains(
  _ file: NetCDFFile, frames: Range<Int>
) throws(TrajectoryError) -> [Int]? {
  guard let variable = file.variable("chain"), variable.typeName == "int",
    variable.dimensions == ["frame"], variable.shape[0] >= frames.upperBound
  else { return nil }
  return try file.doubles("chain", rows: frames).values.map { Int($0) }
}
