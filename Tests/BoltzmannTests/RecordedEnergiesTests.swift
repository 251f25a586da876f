import Boltzmann
import Foundation
import Kernels
import Runs
import RunsTestSupport
import TestSupport
import Testing
import Trajectories

/// Samples and their table of weights are read together only if they belong together.
@Suite struct RecordedEnergiesTests {
  private let molecule: MolecularSystem
  private let context = CapturedLog().context()

  init() throws { molecule = try system("AL3") }

  private func weighted(_ frames: Range<Int>, of system: MolecularSystem? = nil) throws
    -> WeightedProposals
  {
    let conformations = try alanineFrames(frames)
    return try WeightedProposals(
      Proposals(
        conformations: conformations, logDensities: frames.map { Double($0) },
        isSupported: frames.map { _ in true }),
      of: system ?? molecule, clip: 0, execution: .serial)
  }

  /// Writes samples into a folder, and reads them after a change.
  private func read(
    isOwn: Bool = true, _ change: (_ folder: String) throws -> Void
  ) throws -> WeightedProposals {
    try withTemporaryFolder { folder in
      let (samples, weights) = ("\(folder)/samples.nc", "\(folder)/weights.csv")
      let drawn = Draw(SamplingOptions(), seed: 1, program: "test")
      try weighted(0..<8).write(
        samples: samples, weights: weights, drawn: drawn, system: molecule, context: context)
      try change(folder)
      do {
        return try WeightedProposals(
          samples: samples, weights: weights, of: molecule, isOwn: isOwn, clip: 0,
          context: context)
      } catch RunError.badData(weights, let problem) {
        throw RunError.badData(
          path: "weights.csv", problem: problem.replacing(folder + "/", with: ""))
      }
    }
  }

  private func edit(_ path: String, _ change: (inout [[String]]) -> Void) throws {
    var rows = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
      .map { $0.split(separator: ",").map(String.init) }
    change(&rows)
    let text = rows.map { $0.joined(separator: ",") + "\n" }.joined()
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
  }

  @Test func `a table beside other samples is refused with its row and both values`() throws {
    // As a kill between two renames left it in programs that had no set of files.
    let error = #expect(throws: RunError.self) {
      try read { folder in
        try writeAmberTrajectory(try alanineFrames(8..<16), path: "\(folder)/samples.nc")
      }
    }
    let energies = try [weighted(0..<8), weighted(8..<16)].map {
      String(format: "%.2f", $0.energies[0])
    }
    #expect(
      error?.description
        == "weights.csv: line 2: reduced_energy is \(energies[0]), but frame 0 of samples.nc has "
        + "\(energies[1]) kT; do the files belong together, and is this their system? draw again, or "
        + "leave that column out to weigh them anyhow")
  }

  @Test func `a single row in another's place is found`() throws {
    let error = #expect(throws: RunError.self) {
      try read { folder in
        try edit("\(folder)/weights.csv") { rows in
          rows.swapAt(4, 6)
          (rows[4][0], rows[6][0]) = ("3", "5")
        }
      }
    }
    #expect(error?.description.hasPrefix("weights.csv: line 5: reduced_energy is ") == true)
  }

  @Test func `the same energies in fewer digits fit, and a table without them is read`() throws {
    let whole = try weighted(0..<8)
    let rounded = try read { folder in
      try edit("\(folder)/weights.csv") { rows in
        for row in 1..<9 { rows[row][2] = String(format: "%.3f", Double(rows[row][2]) ?? 0) }
      }
    }
    #expect(rounded.energies == whole.energies)
    let bare = try read { folder in
      try edit("\(folder)/weights.csv") { $0 = $0.map { Array($0[..<2]) } }
    }
    #expect(bare.weights == whole.weights)
  }

  @Test func `another energy is none of the table's`() throws {
    let hot = molecule.at(temperature: 400)
    try withTemporaryFolder { folder in
      let (samples, weights) = ("\(folder)/samples.nc", "\(folder)/weights.csv")
      try weighted(0..<8).write(
        samples: samples, weights: weights, system: molecule, context: context)
      func read(_ system: MolecularSystem, isOwn: Bool) throws -> [Double] {
        try WeightedProposals(
          samples: samples, weights: weights, of: system, isOwn: isOwn, clip: 0, context: context
        ).energies
      }
      #expect(throws: RunError.self) { try read(hot, isOwn: true) }
      let expected = try weighted(0..<8, of: hot).energies
      #expect(try read(hot, isOwn: false) == expected)
      // Weighed for the hotter target, the table says so, and both are read.
      try weighted(0..<8, of: hot).writeWeights(
        weights, for: hot, program: "test", record: "\(folder)/weights.json")
      #expect(try read(hot, isOwn: true) == expected)
      #expect(try read(molecule, isOwn: true) == weighted(0..<8).energies)
      // A record of another table says nothing.
      try edit(weights) { $0[1][2] = "0.5" }
      #expect(throws: RunError.self) { try read(molecule, isOwn: true) }
    }
  }

  @Test func `the record of a draw is of these very samples`() throws {
    try withTemporaryFolder { folder in
      let (samples, weights) = ("\(folder)/samples.nc", "\(folder)/weights.csv")
      var options = SamplingOptions()
      options.count = 8
      let drawn = Draw(options, seed: 1, from: 5, program: "test")
      try weighted(0..<8).write(
        samples: samples, weights: weights, drawn: drawn, system: molecule, context: context)
      #expect(Draw(beside: samples, count: 8) == drawn)
      try writeAmberTrajectory(try alanineFrames(8..<16), path: samples)
      #expect(Draw(beside: samples, count: 8) == nil)
      // One that was written before there were checksums counts as it did.
      let record = "\(folder)/samples.json"
      let text = try String(contentsOfFile: record, encoding: .utf8)
        .replacing(/\n *"(samples_)?crc32" : "[0-9a-f]{8}",/, with: "")
      try Data(text.utf8).write(to: URL(fileURLWithPath: record))
      #expect(Draw(beside: samples, count: 8) == drawn)
    }
  }

  /// The set of a process that was killed after all was written and before anything had its name.
  @Test func `a set that only wants its names gets them`() throws {
    let new = try weighted(8..<16)
    let found = try read { folder in
      let made = "\(folder)/made"
      try new.write(
        samples: "\(made)/samples.nc", weights: "\(made)/weights.csv",
        drawn: Draw(SamplingOptions(), seed: 2, program: "test"), system: molecule,
        context: context)
      var list = ""
      for (number, name) in ["samples.nc", "weights.csv", "samples.json"].enumerated() {
        // No process has the number 2³¹ − 1: Linux counts to 2²².
        let temporary = ".\(name).2147483647.\(number).tmp"
        try FileManager.default.moveItem(
          atPath: "\(made)/\(name)", toPath: "\(folder)/\(temporary)")
        list += "\(temporary)/\(name)\n"
      }
      try Data(list.utf8).write(
        to: URL(fileURLWithPath: "\(folder)/.samples.nc.2147483647.9.set"))
    }
    #expect(found.energies == new.energies && found.weights == new.weights)
  }
}
