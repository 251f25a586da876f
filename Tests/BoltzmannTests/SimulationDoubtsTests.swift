import Foundation
import Kernels
import Runs
import TestSupport
import Testing
import Trajectories

@testable import Boltzmann

@Suite struct SimulationDoubtsTests {
  private func doubts(
    _ trajectory: Trajectory, at temperature: Double? = nil,
    _ change: (inout SimulationSettings) -> Void = { _ in }
  ) throws -> [String] {
    var molecule = try system("AL3")
    if let temperature { molecule = molecule.at(temperature: temperature) }
    var settings = SimulationSettings(time: 100, temperatures: [310])
    (settings.chains, settings.saveEvery) = (8, 4)
    change(&settings)
    return simulationDoubts(trajectory, of: molecule, settings, execution: .serial)
  }

  @Test func `frames of a long simulation are tested`() throws {
    let frames = try alanineFrames(0..<200)
    #expect(try doubts(frames) == [])
    let cold = try doubts(frames, at: 250)
    #expect(cold.count == 1 && cold[0].contains("but the system's temperature is 250 K"))
    let long = Trajectory(
      atoms: frames.atoms, coordinates: frames.coordinates.map { 1.02 * $0 })
    #expect(!(try doubts(long)).isEmpty)
  }

  @Test func `a short simulation and one at constant energy are not`() throws {
    let frames = try alanineFrames(0..<200)
    #expect(try doubts(frames, at: 250) { $0.friction = 0 } == [])
    #expect(try doubts(frames, at: 250) { $0.saveEvery = 2 } == [])
    #expect(try doubts(try alanineFrames(0..<192), at: 250) == [])
    #expect(try doubts(frames, at: 250) { $0.chains = 20 } == [])
    #expect(try !doubts(frames, at: 250) { $0.chains = 1 }.isEmpty)
  }
}
