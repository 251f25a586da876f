import Boltzmann
import Foundation
import Molecules
import Runs
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
