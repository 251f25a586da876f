/// Reads the structures of an AMBER restart, which is one, or of an AMBER NetCDF trajectory: nm,
/// [structures][atoms].
///
/// - Parameter expectedAtoms: The number of atoms of the topology.
/// - Throws: ``TrajectoryError``, of a file that is no trajectory that of a restart.
package func readAmberStructures(
  path: String, expectedAtoms: Int? = nil
) throws(TrajectoryError) -> [[SIMD3<Double>]] {
  guard let file = try? NetCDFFile(path: path), (try? checkConventions(file, are: "AMBER")) != nil
  else { return [try readAmberRestart(path: path, expectedAtoms: expectedAtoms)] }
  let trajectory = try readAmberTrajectory(path: path, expectedAtoms: expectedAtoms).trajectory
  return (0..<trajectory.frames).map { trajectory[$0] }
}
