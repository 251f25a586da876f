import Boltzmann
import Foundation
import Kernels
import Molecules
import Runs
import RunsTestSupport
import TestSupport
import Testing
import Trajectories

/// Simulations whose chains begin with structures of their own.
@Suite struct StartStructuresTests {
  private func settings() throws -> BuildSettings {
    var settings = BuildSettings(sequence: try PeptideSequence("Ace-KS-Nme"))
    settings.solvent = .none
    return settings
  }

  private func built(in path: String) throws -> MolecularSystem {
    try buildSystem(settings(), in: "\(path)/system", version: "1")
  }

  /// Chains of two temperatures, too short to leave their starts, in a folder.
  private func record(
    _ molecule: MolecularSystem, chains: Int, start: String? = nil
  ) throws -> SimulationRecord {
    var settings = SimulationSettings(time: 0.002, temperatures: [1, 2])
    (settings.timeStep, settings.chains, settings.equilibration) = (0.0005, chains, 0)
    (settings.saveEvery, settings.exchangeEvery) = (0.001, 0.001)
    return try SimulationRecord(
      settings, system: molecule, start: molecule.simulationStartPath(given: start),
      context: CapturedLog().context())
  }

  private func frames(
    _ record: SimulationRecord, _ molecule: MolecularSystem, in path: String,
    stopping: Bool = false
  ) throws -> Trajectory {
    let folder = SimulationFolder(path: path)
    try createFolder(path)
    if stopping {
      #expect(throws: RunError.self) {
        try Simulation(
          record, system: molecule, context: CapturedLog().context(stopReason: { "enough" })
        ).run(in: folder)
      }
    }
    _ = try Simulation(record, system: molecule, context: CapturedLog().context()).run(in: folder)
    return try readAmberTrajectory(path: folder.trajectory).trajectory
  }

  /// The distance of two conformations in their pair distances, nm.
  private func apart(_ a: [SIMD3<Double>], _ b: [SIMD3<Double>]) -> Double {
    func distances(_ x: [SIMD3<Double>]) -> [Double] {
      x.indices.flatMap { i in
        (0..<i).map { j in ((x[i] - x[j]) * (x[i] - x[j])).sum().squareRoot() }
      }
    }
    return zip(distances(a), distances(b)).map { abs($0 - $1) }.max() ?? 0
  }

  @Test func `each chain begins with the structure of its seed`() throws {
    try withTemporaryFolder { path in
      let molecule = try built(in: path)
      try settings().writeStarts(
        count: 3, seed: 5, of: molecule, version: "1", execution: Execution(workers: 2))
      #expect(try molecule.simulationStartPath() == molecule.startsPath)
      let moved = try frames(record(molecule, chains: 4), molecule, in: "\(path)/md")
      let peptide = try Peptide(settings().sequence, forceField: .ff14SB)
      for chain in 0..<4 {
        let start = try peptide.startStructure(
          field: molecule.prmtop.forceField, energy: molecule.energy, seed: UInt64(5 + chain % 3))
        let expected = molecule.energy.minimum(from: start).positions
        // A femtosecond at 1 K.
        #expect(apart(moved[chain], expected) < 0.01, "chain \(chain)")
        #expect(chain % 3 == 0 || apart(moved[chain], moved[0]) > 0.05, "chain \(chain)")
      }
    }
  }

  @Test func `a simulation of several starts is resumed to the bit`() throws {
    try withTemporaryFolder { path in
      let molecule = try built(in: path)
      try settings().writeStarts(
        count: 2, seed: 1, of: molecule, version: "1", execution: .serial)
      let record = try record(molecule, chains: 2)
      let whole = try frames(record, molecule, in: "\(path)/whole")
      let parts = try frames(record, molecule, in: "\(path)/parts", stopping: true)
      #expect(parts.coordinates == whole.coordinates)
    }
  }

  @Test func `a folder with one start gives it to all chains`() throws {
    try withTemporaryFolder { path in
      let molecule = try built(in: path)
      #expect(try molecule.simulationStartPath() == molecule.startPath())
      let own = try frames(record(molecule, chains: 2), molecule, in: "\(path)/md")
      // The same structure, given as a trajectory of one frame or two.
      let start = try readAmberRestart(path: molecule.startPath())
      for copies in 1...2 {
        let file = "\(path)/starts-\(copies).nc"
        try writeAmberTrajectory(
          Trajectory(
            atoms: start.count,
            coordinates: (0..<copies).flatMap { _ in start.flatMap { [$0.x, $0.y, $0.z] } }),
          path: file)
        let again = try frames(
          record(molecule, chains: 2, start: file), molecule, in: "\(path)/md-\(copies)")
        for frame in 0..<own.frames { #expect(apart(own[frame], again[frame]) < 5e-3) }
      }
    }
  }

  @Test func `a strained start is named with its frame`() throws {
    try withTemporaryFolder { path in
      let molecule = try built(in: path)
      var start = try readAmberRestart(path: molecule.startPath())
      let good = start
      start[3] += SIMD3(0.2, 0, 0)
      let file = "\(path)/starts.nc"
      try writeAmberTrajectory(
        Trajectory(
          atoms: start.count,
          coordinates: [good, start].flatMap { $0.flatMap { [$0.x, $0.y, $0.z] } }
        ), path: file)
      let error = #expect(throws: RunError.self) {
        try Simulation(
          record(molecule, chains: 2, start: file), system: molecule,
          context: CapturedLog().context())
      }
      #expect(error?.description.hasPrefix("\(file): frame 1: ") == true, "\(error as Any)")
    }
  }
}
