import Reporting
import Runs
import Trajectories

extension SimulationRecord {
  /// Checks that the frames that are kept are at a system's temperature, to 0.5 K.
  ///
  /// - Parameter path: The record's, for the error.
  /// - Throws: `RunError.badData`.
  func checkTemperature(of system: MolecularSystem, path: String) throws(RunError) {
    let (first, wanted) = (settings.temperatures[0], system.description.temperature)
    guard abs(first - wanted) <= 0.5 else {
      throw .badData(
        path: path,
        problem: "is of a simulation at \(first) K, but the system's temperature is \(wanted) K; "
          + "simulate at that temperature")
    }
  }

  /// The frames of each chain in order of time, by their places in the simulation's trajectory, as
  /// far as every chain has them, [chains][rounds].
  ///
  /// - Parameter path: The simulation's folder, for the error.
  /// - Throws: `RunError.badData` where not every chain has a frame.
  func framesByChain(of trajectory: Trajectory, path: String) throws(RunError) -> [[Int]] {
    let (count, rounds) = (settings.chains, trajectory.frames / settings.chains)
    guard rounds > 0 else {
      throw .badData(
        path: path,
        problem: "has \(trajectory.frames.counted("frame")) of \(count.counted("chain")); wait "
          + "for a frame of every chain")
    }
    // At each time stands one frame of every chain.
    return (0..<count).map { chain in (0..<rounds).map { $0 * count + chain } }
  }
}
