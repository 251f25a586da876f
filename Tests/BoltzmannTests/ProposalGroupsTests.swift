import Evaluation
import Foundation
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
