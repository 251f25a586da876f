import Runs
import Testing
import Trajectories

@testable import Boltzmann

@Suite struct SimulationFramesTests {
  @Test func `frames stand chain by chain, as far as every chain has them`() throws {
    let record = try acetylRecord()
    func members(_ frames: Int) throws -> [[Int]] {
      let trajectory = Trajectory(
        atoms: 1, coordinates: [Double](repeating: 0, count: 3 * frames))
      return try record.framesByChain(of: trajectory, path: "md")
    }
    #expect(try members(5) == [[0, 2], [1, 3]])
    #expect(
      throws: RunError.badData(
        path: "md", problem: "has 1 frame of 2 chains; wait for a frame of every chain")
    ) { try members(1) }
  }

  @Test func `frames at another temperature than the system's are refused`() throws {
    let record = try acetylRecord()
    let molecule = try system("AL2")
    for temperature in [299.5, 300, 300.5] {
      try record.checkTemperature(of: molecule.at(temperature: temperature), path: "md")
    }
    #expect(
      throws: RunError.badData(
        path: "md",
        problem: "is of a simulation at 300.0 K, but the system's temperature is 300.6 K; "
          + "simulate at that temperature")
    ) { try record.checkTemperature(of: molecule.at(temperature: 300.6), path: "md") }
  }
}
