import Evaluation
import Foundation
import TestSupport
import Testing

@Suite struct EvaluationTests {
  @Test(arguments: Resampling.allCases)
  func `every figure equals that of the independent script`(resampling: Resampling) throws {
    let golden = try Golden.load()
    var options = EvaluationOptions()
    options.count = golden.count
    options.seeds = 3
    options.torusPoints = golden.torusPoints
    options.resampling = resampling
    let found = try keyed(evaluate(golden.input(), options: options))
    let expected =
      (resampling == .systematic ? golden.systematic : golden.multinomial).result
    // The script counts no isomers and has no errors.
    let others = [
      "stereocentres", "amides", "mean_energy_reference_error", "budgets", "populations",
      "torsion_planes", "held_out", "torus_floor",
    ]
    #expect(Set(found.keys) == Set(expected.keys).union(others))
    for (key, value) in expected where key != "correct_chirality" {
      expectClose(
        [try #require(found[key] ?? nil)], [try #require(value)], absolute: 1e-12, relative: 1e-11,
        key)
    }
  }

  @Test func `the figures are written under the keys of the independent script`() throws {
    let keys: Set = [
      "samples", "reference", "ess", "ess_raw", "largest_weight_share", "energy_w2",
      "energy_w2_spread", "energy_w1", "energy_w2_weighted", "energy_w2_floor",
      "energy_w2_perfect_at_this_ess", "torus_w2", "torus_points", "mean_energy_reference_kT",
      "mean_energy_reweighted_kT", "correct_chirality", "stereocentres", "amides",
      "nonfinite_energies", "nonfinite_log_q", "mean_energy_reference_error", "budgets",
      "populations", "torsion_planes", "held_out",
      "torus_floor",
    ]
    let result = try evaluate(
      try EvaluationInput(energies: [1, 2], logDensities: [0, 0], referenceEnergies: [1, 2]))
    let written = try keyed(result)
    #expect(Set(written.keys) == keys)
    #expect(written["energy_w2_perfect_at_this_ess"] == .some(nil), "two samples are too few")
    #expect(written["torus_w2"] == .some(nil), "null, not absent, without torsions")
    #expect(written["correct_chirality"] == .some(nil), "null, not absent, without centres")
    let data = try JSONEncoder().encode(result)
    #expect(try JSONDecoder().decode(EvaluationResult.self, from: data) == result)
  }

  @Test func `errors of a reference are those of its chains in any order`() throws {
    // Eight chains of 50 frames, chain c at c kT: the mean has about the error of eight numbers,
    // √(6/8) kT.
    let order = (0..<400).map { $0 * 173 % 400 }
    let noise = normals(400, deviation: 0.1, seed: 6)
    var input = try EvaluationInput(
      energies: [1, 2], logDensities: [0, 0],
      referenceEnergies: order.map { Double($0 / 50) + noise[$0] },
      referenceLogDensities: [Double](repeating: 0, count: 400))
    let plain = try evaluate(input)
    input.referenceChains = (0..<8).map { chain in
      (0..<400).filter { order[$0] / 50 == chain }.sorted { order[$0] < order[$1] }
    }
    let grouped = try evaluate(input)
    let expected = 0.8...1.3
    let errors = try [
      #require(grouped.meanReferenceEnergyError), #require(grouped.heldOut).evidenceUpperBoundError,
    ]
    #expect(errors.allSatisfy { expected.contains($0) })
    let ordered = try #require(plain.meanReferenceEnergyError)
    #expect(ordered < 0.3)
    #expect(plain.energyW2 == grouped.energyW2)
    var options = EvaluationOptions()
    options.count = 200
    let thinned = try evaluate(input, options: options)
    let error = try #require(thinned.meanReferenceEnergyError)
    #expect(expected.contains(error))
  }

  @Test func `samples of the reference distribution score about the noise floor`() throws {
    let energies = normals(4_000, mean: -50, deviation: 4, seed: 1)
    let result = try evaluate(
      try EvaluationInput(
        energies: energies, logDensities: energies.map { 3 - $0 },
        referenceEnergies: normals(4_000, mean: -50, deviation: 4, seed: 2)),
      options: systematic)
    #expect(result.effectiveSampleSize == 1)
    #expect(result.energyW2 < 3 * result.energyW2Floor)
    #expect(result.energyW2Spread == 0)
    #expect(result.correctChirality == nil)
  }

  @Test func `reweighting brings a displaced proposal to the target`() throws {
    // Proposals x ~ N(0, 1.5²), target N(0, 1): u = x²/2, log q = −x²/(2·1.5²).
    let points = normals(10_000, deviation: 1.5, seed: 3)
    let target = normals(10_000, seed: 4)
    let result = try evaluate(
      try EvaluationInput(
        energies: points.map { $0 * $0 / 2 }, logDensities: points.map { -$0 * $0 / 4.5 },
        referenceEnergies: target.map { $0 * $0 / 2 }),
      options: systematic)
    expectClose([result.meanReweightedEnergy], [0.5], absolute: 0.03)
    // E[w]²/E[w²] = √(2s² − 1)/s² for a proposal of deviation s and a target of deviation 1.
    expectClose([result.effectiveSampleSize], [(2 * 2.25 - 1).squareRoot() / 2.25], relative: 0.02)
    #expect(result.energyW2 < 4 * (try #require(result.energyW2Perfect)))
  }

  @Test func `a short reference is compared with systematic picks of all proposals`() throws {
    // The energies rise from row to row, and all weights are equal.
    let energies = (0..<1_000).map { Double($0) / 100 }
    let result = try evaluate(
      try EvaluationInput(
        energies: energies, logDensities: energies.map { -$0 },
        referenceEnergies: (0..<100).map { Double($0) / 10 }),
      options: systematic)
    #expect(result.energyW2 < 0.01 && result.energyW1 < 0.01)
  }

  @Test func `averages are over all finite weights, whatever the clip`() throws {
    // 1,000 proposals at 1 kT, and two of them, the heaviest, at 5 kT: the clip drops these.
    let energies = (0..<1_000).map { $0 < 2 ? 5.0 : 1.0 }
    let logDensities = (0..<1_000).map { $0 < 2 ? -5 - log(50.0) : -1.0 }
    for clip in [LogWeights.benchmarkClip, 0] {
      var options = systematic
      options.clippedFraction = clip
      let result = try evaluate(
        try EvaluationInput(
          energies: energies + [.nan], logDensities: logDensities + [0], clip: clip,
          referenceEnergies: [1, 2]), options: options)
      expectClose(
        [result.meanReweightedEnergy], [(998 + 100 * 5) / 1_098.0], relative: 1e-13, "\(clip)")
      #expect((result.effectiveSampleSize > 0.9) == (clip > 0))
      #expect(result.rawEffectiveSampleSize < 0.3)
    }
  }

  @Test func `a rule is named in words`() {
    var options = EvaluationOptions()
    #expect(options.rule == "multinomial, clip 0.2 %")
    (options.resampling, options.clippedFraction) = (.systematic, 0)
    #expect(options.rule == "systematic, no clip")
    options.clippedFraction = 0.05
    #expect(options.rule == "systematic, clip 5 %")
  }

  @Test func `both sets are cut to the count, and chirality is a share of the proposals`() throws {
    var options = systematic
    options.count = 3
    let result = try evaluate(
      try EvaluationInput(
        energies: [1, 2, 3, .nan], logDensities: [0, 0, 0, 0], referenceEnergies: [1, 2, 3, 4],
        chirality: IsomerSigns(
          names: ["A1 C", "A2 C"], samples: [1, -1, 1, 1, 1, -1, -1, -1],
          reference: [1, -1, 1, -1, 1, -1, -1, 1]),
        amides: IsomerSigns(
          names: ["A1 C–A2 N"], samples: [1, -1, 1, 1], reference: [-1, -1, 1, 1])),
      options: options)
    #expect(result.samples == 3 && result.reference == 3)
    #expect(result.nonfiniteEnergies == 0)
    #expect(result.correctChirality == 2.0 / 3)
    #expect(result.stereocentres.map(\.atom) == ["A1 C", "A2 C"])
    #expect(result.stereocentres.map(\.correct) == [1, 2.0 / 3])
    #expect(result.stereocentres.allSatisfy { !$0.isMixed })
    let amide = try #require(result.amides.first)
    #expect(amide.bond == "A1 C–A2 N" && amide.cis == 2.0 / 3 && amide.referenceCis == 1.0 / 3)
    // Boltzmann weights of energies 1, 2, 3 kT at equal density.
    let weights = [exp(-1.0), exp(-2.0), exp(-3.0)]
    expectClose(
      [amide.reweightedCis], [(weights[0] + weights[2]) / weights.reduce(0, +)], relative: 1e-12)
  }

  @Test func `one proposal is evaluated`() throws {
    let result = try evaluate(
      try EvaluationInput(
        energies: [2], logDensities: [5], referenceEnergies: [1, 4],
        torsions: TorsionAngles([0], torsions: 1),
        referenceTorsions: TorsionAngles([1, 2], torsions: 1)))
    #expect(result.energyW2 == 1)
    #expect(result.effectiveSampleSize == 1)
    expectClose([result.torusW2 ?? .nan], [Double(2.5).squareRoot()], relative: 1e-15)
  }

  @Test func `what cannot be evaluated is an error`() {
    #expect(throws: EvaluationError.nonfiniteReferenceEnergy(frame: 1)) {
      try evaluate(
        try EvaluationInput(energies: [1], logDensities: [1], referenceEnergies: [0, .nan]))
    }
    #expect(throws: EvaluationError.empty(what: "reference frames")) {
      try evaluate(try EvaluationInput(energies: [1], logDensities: [1], referenceEnergies: []))
    }
    #expect(throws: EvaluationError.empty(what: "proposals")) {
      try evaluate(try EvaluationInput(energies: [], logDensities: [], referenceEnergies: [1]))
    }
    #expect(throws: EvaluationError.lengths(what: "torsions", expected: 1, found: 2)) {
      try evaluate(
        try EvaluationInput(
          energies: [1], logDensities: [1], referenceEnergies: [1],
          torsions: TorsionAngles([1, 2], torsions: 1)))
    }
    #expect(
      throws: EvaluationError.noUsableWeight(
        samples: 1, nonfiniteEnergies: 1, nonfiniteLogDensities: 0)
    ) {
      try evaluate(
        try EvaluationInput(energies: [.nan], logDensities: [1], referenceEnergies: [1]))
    }
  }

  private var systematic: EvaluationOptions {
    var options = EvaluationOptions()
    options.resampling = .systematic
    return options
  }

  /// What the figures look like to a reader of the JSON file; lists are nil.
  private func keyed(_ result: EvaluationResult) throws -> [String: Double?] {
    let written = try JSONSerialization.jsonObject(with: JSONEncoder().encode(result))
    return try #require(written as? [String: Any]).mapValues { ($0 as? NSNumber)?.doubleValue }
  }
}
