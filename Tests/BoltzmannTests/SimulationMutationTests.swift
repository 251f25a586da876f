import Foundation
import Molecules
import Runs
import RunsTestSupport
import TestSupport
import Testing
import Trajectories

@testable import Boltzmann

/// Damaged files of a simulation give an error, or what the whole ones give.
@Suite struct SimulationMutationTests {
  private let molecule: MolecularSystem

  init() throws { molecule = try system("AL2") }

  /// A simulation of 0.3 ps, its record and inputs in its folder.
  private func begin(_ path: String, seed: UInt64 = 1) throws -> (SimulationFolder, Simulation) {
    let (folder, context) = (SimulationFolder(path: path), CapturedLog().context())
    var settings = SimulationSettings(time: 0.3, temperatures: [300])
    (settings.timeStep, settings.chains, settings.equilibration) = (0.002, 2, 0.02)
    (settings.saveEvery, settings.proposeEvery, settings.seed) = (0.02, 2, seed)
    let record = try SimulationRecord(
      settings, system: molecule, start: try molecule.startPath(), context: context)
    try createFolder(path)
    try record.keepInputs(in: path)
    try record.write(path: folder.record)
    return (folder, try Simulation(record, system: molecule, context: context))
  }

  private func complete(_ path: String, seed: UInt64 = 1) throws -> SimulationFolder {
    let (folder, simulation) = try begin(path, seed: seed)
    _ = try simulation.run(in: folder)
    return folder
  }

  private func bytes(_ path: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  /// Reads damaged copies of a file of a complete simulation; all that `read` lets pass has to be
  /// equal.
  private func damage<Value: Equatable>(
    _ file: KeyPath<SimulationFolder, String>, limit: Int, refusing share: Double = 0.5,
    read: (SimulationFolder) throws -> Value
  ) throws {
    try withTemporaryFolder { path in
      let folder = try complete("\(path)/md")
      let other = try complete("\(path)/other", seed: 2)
      let expected = try read(folder)
      let place = folder[keyPath: file]
      var refused = 0
      let count = try forEachMutation(
        of: try bytes(place), splicedWith: try bytes(other[keyPath: file]), limit: limit
      ) { change, bytes in
        try Data(bytes).write(to: URL(fileURLWithPath: place))
        guard let found = try? read(folder) else {
          refused += 1
          return
        }
        #expect(found == expected, "\(change)")
      }
      #expect(Double(refused) > share * Double(count))
    }
  }

  @Test func `no damage gives other frames`() throws {
    let log = CapturedLog().log
    try damage(\.trajectory, limit: 400) { folder in
      try readConformations(folder.trajectory, of: molecule, log: log)
    }
  }

  @Test func `no damage gives another summary`() throws {
    try damage(\.summary, limit: 600) { try SimulationSummary.read(path: $0.summary) }
  }

  @Test func `no damage gives another table of energies in a report`() throws {
    let context = CapturedLog().context()
    try damage(\.energies, limit: 60) { folder in
      try simulationReport(of: folder, context: context).html(data: "x")
    }
  }

  @Test func `no damage gives another list of checksums, but for its names`() throws {
    let log = CapturedLog().log
    try damage(\.checksums, limit: 300, refusing: 0.1) { folder in
      _ = try SimulationSummary.read(path: folder.summary)
      return try readConformations(folder.trajectory, of: molecule, log: log)
    }
  }

  @Test func `no damage gives another record`() throws {
    try damage(\.record, limit: 600) { folder in
      let record = try SimulationRecord.resumed(folder, context: CapturedLog().context())
      #expect(try record.readSystem().topology.atoms == 22)
      return [try yamlText(record.settings)] + record.inputs.map(\.fingerprint)
    }
  }

  @Test func `a simulation goes on with its own files alone`() throws {
    try withTemporaryFolder { path in
      let whole = try complete("\(path)/whole")
      func stopped(_ name: String, seed: UInt64) throws -> (SimulationFolder, Simulation) {
        let (folder, simulation) = try begin("\(path)/\(name)", seed: seed)
        let stopping = CapturedLog().context(stopReason: stopping(after: 9, "enough"))
        let stopped = try Simulation(simulation.record, system: molecule, context: stopping)
        #expect(throws: RunError.self) { try stopped.run(in: folder) }
        return (folder, simulation)
      }
      let (kept, simulation) = try stopped("kept", seed: 1)
      let (other, _) = try stopped("other", seed: 2)
      let names = ["trajectory.partial.nc", "energies.csv", "checkpoint.json"]
      let run = SimulationFolder(path: "\(path)/run")
      for name in names.dropLast() {
        var refused = 0
        let count = try forEachMutation(
          of: try bytes("\(kept.path)/\(name)"), splicedWith: try bytes("\(other.path)/\(name)"),
          limit: 60
        ) { change, bytes in
          try? FileManager.default.removeItem(atPath: run.path)
          try createFolder(run.path)
          for name in names {
            try FileManager.default.copyItem(
              atPath: "\(kept.path)/\(name)", toPath: "\(run.path)/\(name)")
          }
          try Data(bytes).write(to: URL(fileURLWithPath: "\(run.path)/\(name)"))
          guard (try? simulation.run(in: run)) != nil else {
            refused += 1
            return
          }
          for file in [\SimulationFolder.trajectory, \.energies, \.summary] {
            let same = try self.bytes(run[keyPath: file]) == self.bytes(whole[keyPath: file])
            #expect(same, "\(name): \(change)")
          }
        }
        #expect(refused > count / 2)
      }
    }
  }

  @Test func `what was written before there were checksums is read as it was`() throws {
    try withTemporaryFolder { path in
      let folder = try complete("\(path)/md")
      try FileManager.default.removeItem(atPath: folder.checksums)
      _ = try SimulationSummary.read(path: folder.summary)
      let data = try Data(contentsOf: URL(fileURLWithPath: folder.checkpoint))
      let checkpoint = try #require(SimulationCheckpoint(data))
      #expect(checkpoint.checksums?.count == 1)
      // Those programs wrote the state alone.
      let state = String(decoding: data, as: UTF8.self)
        .replacing(/"checksums":\[[^\]]*\],/, with: "")
        .replacing(/^\{"crc32":"[0-9a-f]{8}","state":/, with: "").dropLast()
      let old = try #require(SimulationCheckpoint(Data(state.utf8)))
      #expect(old.checksums == nil && old.fits(walkers: 2, atoms: 22))
    }
  }
}
