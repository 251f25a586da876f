import Evaluation
import Foundation
import Molecules
import RunsTestSupport
import TestSupport
import Testing
import Trajectories

@testable import Boltzmann

@Suite struct ProposalGroupsTests {
  private func proposals(ancestors: [Int]? = nil) -> Proposals {
    Proposals(
      conformations: Trajectory(atoms: 1, coordinates: [Double](repeating: 0, count: 300)),
      logDensities: [Double](repeating: 0, count: 100),
      isSupported: [Bool](repeating: true, count: 100), ancestors: ancestors)
  }

  private let pairs = (0..<100).map { $0 / 2 }
  private let source = AnalysisSource.drawn(samples: "samples.nc", weights: "weights.csv")

  @Test func `plain proposals beside annealed ones are families of one`() {
    var groups = ProposalGroups()
    groups.append(proposals(), of: source)
    #expect(!groups.sample([Double](repeating: 0, count: 100)).areFamilies)
    groups.append(proposals(ancestors: pairs), of: source)
    let sample = groups.sample([Double](repeating: 0, count: 200))
    #expect(sample.areFamilies && sample.groups.count == 150)
    // Σ W² = 100/200² + 50 (2/200)², of which 1/200 is chance.
    let variance = sample.logNormalization.error * sample.logNormalization.error
    expectClose([variance], [(0.0075 - 0.005) / 0.995], relative: 1e-9)
  }

  @Test func `what annealed proposals never visit is bounded by their ancestors`() throws {
    let molecule = try system("AL2")
    let definitions = try StateDefinitions(builtInFor: molecule.topology)
    func averages(_ sample: AveragedSample) -> SetAverages {
      SetAverages(
        paths: ["samples.nc"], sample, definitions,
        memberships: definitions.states.indices.map { state in
          (0..<2_000).map { state < 2 && $0 / 100 % 2 == state }
        },
        observables: definitions.observables.map { _ in (0..<2_000).map { Double($0 % 7) } },
        energies: (0..<2_000).map { Double($0 % 5) })
    }
    func analyzed(_ found: SetAverages) throws -> AnalysisResult {
      try analysis(
        of: found, beside: nil, of: molecule, definitions, context: CapturedLog().context())
    }
    let weights = [Double](repeating: 0, count: 2_000)
    let families = [Int](repeating: 100, count: 20)
    let annealed = averages(AveragedSample(proposals: weights, families: families))
    let bounds = annealed.populations.bounds
    #expect(bounds[0] == nil && bounds[1] == nil)
    expectClose([try #require(bounds[2])], [-log(0.05) / 20], relative: 1e-9)
    let result = try analyzed(annealed)
    #expect(
      result.remarks.contains {
        $0.hasPrefix("The ancestors of the sample are worth 20 effective samples: too few")
      })
    expectClose([try #require(result.sample.effectiveSamples)], [20], relative: 1e-9)
    #expect(result.table.contains("2000 proposals of 20 ancestors, worth 20, "))
    let plain = averages(AveragedSample(proposals: weights))
    expectClose([try #require(plain.populations.bounds[2])], [-log(0.05) / 2_000], relative: 1e-9)
    let other = try analyzed(plain)
    #expect(other.remarks.isEmpty)
    expectClose([try #require(other.sample.effectiveSamples)], [2_000], relative: 1e-9)
  }

  @Test func `the record of a draw has the error of its own log Z`() throws {
    try withTemporaryFolder { folder in
      let samples = "\(folder)/samples.nc"
      var settings = AnnealingSettings()
      (settings.resampling, settings.resamplesAtEnd) = (.multinomial, true)
      var facts = AnnealingFacts(settings, particles: 100)
      facts.logNormalizationError = 0.02
      var options = SamplingOptions()
      options.count = 100
      let record = AnnealedDraw(draw: Draw(options, seed: 1, program: "test"), annealing: facts)
      try createFile(try sealedJSONText(record), path: Draw.path(beside: samples))
      var groups = ProposalGroups()
      groups.append(
        proposals(ancestors: pairs), of: .drawn(samples: samples, weights: "weights.csv"))
      let own = groups.sample([Double](repeating: 0, count: 100))
      #expect(own.logNormalization.error == 0.02 && own.multinomialResamplings == 1)
      // For another target, log Z is not that of the record.
      let other = groups.sample((0..<100).map { $0 < 50 ? 0 : -1 })
      #expect(other.logNormalizationError == nil && other.logNormalization.error > 0)
    }
  }
}
