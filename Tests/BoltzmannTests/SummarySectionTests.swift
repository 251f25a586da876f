import Evaluation
import Testing

@testable import Boltzmann

/// What the summary of a report says of the states.
@Suite struct SummarySectionTests {
  /// A state with its population in the samples and in the reference, and how far its free energy is
  /// off, in standard errors.
  private func state(
    _ name: String, _ population: Double, _ reference: Double, off: Double? = nil
  ) -> AnalysisResult.State {
    func compared(_ value: Double, _ reference: Double) -> AnalysisResult.Compared {
      AnalysisResult.Compared(
        Estimate(value: value, error: 0.006), Estimate(value: reference, error: 0.008))
    }
    return AnalysisResult.State(
      name: name, definition: "", population: compared(population, reference),
      freeEnergy: off.map { compared(0.01 * $0, 0) })
  }

  private func analysis(
    _ states: [AnalysisResult.State], hasReference: Bool = true
  ) -> AnalysisResult {
    let set = AnalysisResult.Set(paths: ["x"], kind: .proposals, rows: 10, groups: 1)
    return AnalysisResult(
      program: "a test", system: "AL3", temperature: 300, sample: set,
      reference: hasReference ? set : nil, states: states, pairs: [], observables: [], remarks: [])
  }

  private func words(_ states: [AnalysisResult.State], hasReference: Bool = true) -> String? {
    stateWords(analysis(states, hasReference: hasReference))
  }

  @Test func `samples that miss a state are usable with care at most`() throws {
    var missing = state("left", 0, 0.3)
    missing.upperBound = 0.001
    let doubt = stateDoubt(analysis([state("beta", 1, 0.7), missing]), correctChirality: 1)
    #expect(doubt == "the samples never visit left")
    // 2,000 equal weights show nothing of it.
    let even = try LogWeights(
      energies: [Double](repeating: 1, count: 2_000),
      logDensities: [Double](repeating: 0, count: 2_000))
    let found = worth(of: even, effectiveSamples: 2_000, doubt: doubt)
    #expect(found.grade == .caution)
    #expect(found.headline == "Usable with care: the samples never visit left.")
    let good = worth(of: even, effectiveSamples: 2_000, doubt: nil)
    #expect(good.grade == .good && good.headline.hasPrefix("Usable: "))
    let few = worth(of: even, effectiveSamples: 20, doubt: doubt)
    #expect(few.grade == .bad && few.headline.hasPrefix("Not usable yet"))
  }

  @Test func `states that are off and mirrored molecules are doubts, rare ones are none`() {
    let agree = state("beta", 0.6, 0.6, off: 1)
    #expect(stateDoubt(analysis([agree]), correctChirality: nil) == nil)
    #expect(
      stateDoubt(analysis([agree, state("alpha", 0.4, 0.3, off: -4)]), correctChirality: nil)
        == "alpha differs from the reference by more than three standard errors")
    var rare = state("cis", 0, 0.001)
    rare.upperBound = 0.003
    #expect(stateDoubt(analysis([agree, rare]), correctChirality: 0.995) == nil)
    #expect(
      stateDoubt(analysis([agree, rare]), correctChirality: 0.9)
        == "stereocentres of 10.00 % of the samples are mirrored")
    #expect(stateDoubt(analysis([], hasReference: false), correctChirality: nil) == nil)
  }

  @Test func `a flow in a single state is said to miss the others`() {
    #expect(
      words([state("beta", 1, 0.7), state("left", 0, 0.3)])
        == "The samples never visit left, which the reference does.")
    #expect(words([state("beta", 1, 1), state("left", 0, 0)]) == nil)
  }

  @Test func `states that differ and states that are missing are both named`() {
    let found = words([
      state("beta", 0.6, 0.5, off: 5), state("alpha", 0.4, 0.4, off: 1), state("left", 0, 0.1),
    ])
    #expect(
      found?.hasPrefix("1 of 2 states differ from the reference by more than three standard errors")
        == true)
    #expect(found?.hasSuffix("The samples never visit left, which the reference does.") == true)
    #expect(found?.contains("beta (+5.0)") == true)
    #expect(words([], hasReference: false)?.hasPrefix("There is no reference") == true)
  }
}
