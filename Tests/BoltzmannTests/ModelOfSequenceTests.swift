import Boltzmann
import Foundation
import Molecules
import Runs
import RunsTestSupport
import TestSupport
import Testing

@Suite struct ModelOfSequenceTests {
  private let systems = ["AL2", "AL3", "AL4"].map { systemsFolder.appending(path: $0).path }

  private func settings(_ text: String, temperature: Double = 300) throws -> BuildSettings {
    var settings = BuildSettings(sequence: try PeptideSequence(text))
    settings.temperature = temperature
    return settings
  }

  private func model(_ settings: BuildSettings, runs: String = "nowhere") throws -> ModelPlace {
    try settings.model(systems: systems, runs: runs, advice: "train one: so")
  }

  @Test func `a system with a model is found by its sequence`() throws {
    #expect(try model(settings("AAA", temperature: 310)) == .system(systems[1]))
    var benchmark = try settings("Ace-AAA-Nme")
    (benchmark.forceField, benchmark.solvent) = (.ff99SBILDN, .obc2)
    benchmark.radii = .amber99OBC
    #expect(try model(benchmark) == .system(systems[2]))
  }

  @Test func `of runs it is the one whose training ended last, whatever was drawn since`() throws {
    let molecule = try system("AL3")
    try withTemporaryFolder { runs in
      func file(_ path: String, day: Double) throws {
        try Data().write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes(
          [.modificationDate: Date(timeIntervalSince1970: 86_400 * day)], ofItemAtPath: path)
      }
      var configuration = RunConfiguration()
      configuration.training.steps = 9
      func run(_ name: String, step: Int, day: Double) throws -> RunFolder {
        let run = try RunFolder.create("\(runs)/\(name)")
        // It has no reference, so that nothing says how good it is.
        let record = try MoleculeRecord(
          configuration, system: molecule, training: molecule.topologyPath, reference: nil,
          kernel: "K", context: CapturedLog().context())
        try record.write(path: run.record)
        try file(run.checkpoint(step: step), day: day)
        // Resuming a complete run writes its model again.
        try file(run.model, day: 4)
        try file(run.samples, day: 4)
        return run
      }
      func found() throws -> ModelPlace {
        try settings("AAA", temperature: 310).model(
          systems: [], runs: runs, advice: "train one: so")
      }
      let (old, last) = (try run("a", step: 9, day: 1), try run("b", step: 9, day: 2))
      // A training that has not ended.
      _ = try run("c", step: 8, day: 3)
      try file(old.evaluation, day: 5)
      try file(old.samples, day: 5)
      #expect(try found() == .run(last))
      // Without checkpoints there is the model.
      try file(old.model, day: 3)
      try FileManager.default.removeItem(atPath: old.checkpoint(step: 9))
      #expect(try found() == .run(old))
    }
  }

  @Test func `another temperature, solvent, force field or handedness is another molecule`() throws
  {
    var others = [try settings("AAA"), try settings("AAa", temperature: 310)]
    var other = try settings("AAA", temperature: 310)
    other.solvent = .obc2
    others.append(other)
    other = try settings("AAA", temperature: 310)
    other.forceField = .ff99SBILDN
    others.append(other)
    other = try settings("AAA", temperature: 310)
    other.radii = .mbondi
    others.append(other)
    for other in others {
      #expect(
        throws: RunError.missing(
          what: "trained model of \(other.sequence.text)", path: "nowhere", advice: "train one: so")
      ) { try model(other) }
    }
  }
}
