import Foundation
import Molecules
import Runs
import RunsTestSupport
import TestSupport
import Testing
import Trajectories

@testable import Boltzmann

@Suite struct LongerSimulationTests {
  private let molecule: MolecularSystem

  init() throws { molecule = try system("AL2") }

  private func begin(_ path: String, time: Double) throws -> SimulationFolder {
    let folder = SimulationFolder(path: path)
    var settings = SimulationSettings(time: time, temperatures: [300, 450])
    (settings.timeStep, settings.chains, settings.equilibration) = (0.002, 2, 0.04)
    (settings.saveEvery, settings.exchangeEvery) = (0.02, 0.01)
    settings.framesOfEveryRung = true
    let record = try SimulationRecord(
      settings, system: molecule, start: try molecule.startPath(),
      context: CapturedLog().context())
    try createFolder(path)
    try record.write(path: folder.record)
    return folder
  }

  /// Goes on as the command does.
  @discardableResult
  private func run(
    _ folder: SimulationFolder, _ context: RunContext = CapturedLog().context()
  ) throws -> SimulationSummary {
    try Simulation(
      SimulationRecord.resumed(folder, context: context), system: molecule, context: context
    ).run(in: folder)
  }

  private func files(_ folder: SimulationFolder) throws -> [String: Data] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
      $0 != "lock" && $0 != "checkpoint.previous.json"
    }
    return try Dictionary(
      uniqueKeysWithValues: names.map {
        ($0, try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/\($0)")))
      })
  }

  @Test func `a lengthened simulation is that of the whole time`() throws {
    try withTemporaryFolder { path in
      let whole = try begin("\(path)/whole", time: 0.5)
      try run(whole)
      let expected = try files(whole)
      #expect(expected["checksums.sfv"] != nil && expected["trajectory.rung2.nc"] != nil)
      // After its end, twice, and after a stop.
      for (number, stop) in [nil, 3].enumerated() {
        let folder = try begin("\(path)/\(number)", time: 0.2)
        if let stop {
          let stopping = CapturedLog().context(stopReason: stopping(after: stop, "enough"))
          #expect(throws: RunError.self) { try run(folder, stopping) }
        } else {
          try run(folder)
          let record = try SimulationRecord.read(in: folder)
          try folder.writeChains(record, title: "x", context: CapturedLog().context())
          writeSimulationReport(in: folder, context: CapturedLog().context())
          #expect(FileManager.default.fileExists(atPath: folder.report))
          try folder.lengthen(to: 0.3)
          #expect(!folder.isComplete && !FileManager.default.fileExists(atPath: folder.report))
          try run(folder)
        }
        try folder.lengthen(to: 0.5)
        #expect(try SimulationRecord.read(in: folder).settings.time == 0.5)
        try run(folder)
        let found = try files(folder)
        #expect(found.keys.sorted() == expected.keys.sorted())
        for (name, data) in expected { #expect(found[name] == data, "\(name)") }
      }
    }
  }

  @Test func `a time that is done is refused, and the same time changes nothing`() throws {
    try withTemporaryFolder { path in
      let folder = try begin("\(path)/md", time: 0.2)
      try run(folder)
      let before = try files(folder)
      try folder.lengthen(to: 0.2)
      for time in [0.1, 0.19] {
        #expect(
          throws: RunError.configuration(
            source: folder.path, problem: "has done 200fs of each chain; expected a longer time")
        ) { try folder.lengthen(to: time) }
      }
      #expect(throws: RunError.self) { try folder.lengthen(to: .nan) }
      #expect(try files(folder) == before)
      #expect(folder.isComplete)
    }
  }

  @Test func `a simulation whose frames were used up stays as it is`() throws {
    try withTemporaryFolder { path in
      let folder = try begin("\(path)/md", time: 0.2)
      try run(folder)
      try FileManager.default.removeItem(atPath: folder.trajectory)
      let before = try files(folder)
      let error = #expect(throws: RunError.self) { try folder.lengthen(to: 0.5) }
      #expect(error?.description.contains("no such trajectory of the simulation") == true)
      #expect(try files(folder) == before && before["summary.json"] != nil)
    }
  }

  @Test func `a simulation that has no checkpoint yet takes another time`() throws {
    try withTemporaryFolder { path in
      let folder = try begin("\(path)/md", time: 0.2)
      try folder.lengthen(to: 0.06)
      #expect(try run(folder).frames == 6)
    }
  }
}
