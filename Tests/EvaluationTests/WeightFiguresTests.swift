import Evaluation
import Foundation
import TestSupport
import Testing

/// What ArviZ, SciPy and NumPy found: Tests/Golden/evaluation/weights.json.
private struct WeightsGolden: Decodable {
  struct Case: Decodable {
    var name: String
    var logWeights: [Double?]
    var shape, likely: Double
    var tail: Int
    var capped: Double
    var smoothed: Smoothed
  }
  struct Smoothed: Decodable {
    var ess: Double
    var largest: [Double]
  }
  var share: Double
  var cases: [Case]

  static func load() throws -> WeightsGolden {
    let file = goldenFolder.appending(path: "evaluation/weights.json")
    return try JSONDecoder().decode(WeightsGolden.self, from: Data(contentsOf: file))
  }
}

/// What NumPy, POT and SciPy found for all proposals: Tests/Golden/evaluation/budget.json.
private struct BudgetGolden: Decodable {
  var count, torusPoints, seeds: Int
  var budget, population, plane: [String: Double]
  var halves: Double

  static func load() throws -> BudgetGolden {
    let file = goldenFolder.appending(path: "evaluation/budget.json")
    return try JSONDecoder().decode(BudgetGolden.self, from: Data(contentsOf: file))
  }
}

@Suite struct WeightFiguresTests {
  @Test func `figures of all proposals, populations and planes are the independent script's`()
    throws
  {
    let golden = try BudgetGolden.load()
    var options = EvaluationOptions()
    (options.count, options.seeds) = (golden.count, golden.seeds)
    options.torusPoints = golden.torusPoints
    var input = try Golden.load().input()
    input.residues = [ResidueTorsions(residue: "ALA1", phi: 0, psi: 2)]
    let result = try evaluate(input, options: options)
    #expect(result.budgets.count == 2)
    func compare(_ value: some Encodable, _ expected: [String: Double]) throws {
      let written = try JSONSerialization.jsonObject(with: JSONEncoder().encode(value))
      let found = try #require(written as? [String: Any])
      for (key, expected) in expected {
        expectClose([try #require(found[key] as? Double)], [expected], relative: 1e-11, key)
      }
    }
    try compare(result.budgets[1], golden.budget)
    try compare(try #require(result.populations.first), golden.population)
    try compare(try #require(result.planes.first), golden.plane)
    let floor = try #require(result.torusFloor)
    #expect(floor.points == golden.count / 2)
    expectClose([floor.halves], [golden.halves], relative: 1e-11)
  }

  @Test func `the tail's shape is ArviZ's, and SciPy's within its error`() throws {
    for golden in try WeightsGolden.load().cases {
      let found = try #require(
        ParetoTail(logWeights: golden.logWeights.map { $0 ?? -.infinity }), "\(golden.name)")
      #expect(found.count == golden.tail, "\(golden.name)")
      expectClose([found.shape], [golden.shape], absolute: 1e-9, golden.name)
      // Below −½ the most likely shape has no such error.
      guard golden.likely > -0.5 else { continue }
      #expect(abs(found.shape - golden.likely) < 1.5 * found.shapeError, "\(golden.name)")
    }
  }

  @Test func `smoothed weights are ArviZ's`() throws {
    for golden in try WeightsGolden.load().cases {
      let found = paretoSmoothed(golden.logWeights.map { $0 ?? -.infinity })
      let weights = normalizedWeights(found).sorted()
      expectClose(weights.suffix(10), golden.smoothed.largest, relative: 1e-7, golden.name)
      expectClose([effectiveSampleSize(found)], [golden.smoothed.ess], relative: 1e-8, golden.name)
    }
    let equal = [Double](repeating: 3, count: 100)
    #expect(paretoSmoothed(equal) == equal)
  }

  @Test(arguments: [-0.4, 0.1, 0.5, 0.9])
  func `draws of a generalised Pareto distribution have its shape`(shape: Double) throws {
    var generator = PCG64(seed: 5)
    var outside = 0
    for _ in 0..<20 {
      // The quantile function of the distribution of scale 3, at uniform places.
      let excesses = (0..<1_000).map { _ in
        3 * (pow(1 - generator.uniform(), -shape) - 1) / shape
      }
      let tail = try #require(ParetoTail(excesses: excesses.sorted()))
      if abs(tail.shape - shape) > 2 * tail.shapeError { outside += 1 }
      expectClose([tail.scale], [3], relative: 0.25)
    }
    #expect(outside <= 4, "one in twenty is beyond two standard errors")
  }

  @Test func `weights without a tail have no shape`() {
    #expect(ParetoTail(logWeights: []) == nil)
    #expect(ParetoTail(logWeights: [Double](repeating: 3, count: 500)) == nil)
    #expect(ParetoTail(logWeights: [Double](repeating: -.infinity, count: 500)) == nil)
    #expect(ParetoTail(logWeights: [0, 1, 2]) == nil)
  }

  @Test func `the largest weights are set to the threshold, and no row is dropped`() throws {
    let golden = try WeightsGolden.load()
    for set in golden.cases {
      let logWeights = set.logWeights.map { $0 ?? -.infinity }
      expectClose(
        [cappedEffectiveSampleSize(logWeights, share: golden.share)], [set.capped],
        relative: 1e-12, set.name)
    }
    // Of 20,000 the two largest: both become the second, of weight 3.
    var logWeights = [Double](repeating: 0, count: 20_000)
    (logWeights[7], logWeights[9_000]) = (log(3.0), log(500.0))
    let sums = (weights: 19_998 + 6.0, squares: 19_998 + 18.0)
    expectClose(
      [cappedEffectiveSampleSize(logWeights)],
      [sums.weights * sums.weights / sums.squares / 20_000], relative: 1e-12)
    #expect(cappedEffectiveSampleSize([]) == 0)
    // Of 10,000 the largest alone is its own threshold.
    let few = Array(logWeights.prefix(10_000))
    #expect(cappedEffectiveSampleSize(few) == effectiveSampleSize(few))
  }

  @Test func `errors of equal weights are those of plain samples`() throws {
    let energies = normals(4_000, mean: -50, deviation: 4, seed: 1)
    let result = try evaluate(
      EvaluationInput(
        energies: energies, logDensities: energies.map { -$0 },
        referenceEnergies: normals(2_000, mean: -50, deviation: 4, seed: 2)))
    let budget = try #require(result.budgets.first)
    #expect(result.budgets.count == 1)
    #expect(budget.effectiveSampleSizeError == 0 && budget.rawEffectiveSampleSizeError == 0)
    #expect(budget.paretoShape == nil)
    // The error of an error from 200 samples is 5 %, that from 40 blocks 11 %.
    expectClose([budget.meanEnergyError], [4 / 4_000.0.squareRoot()], relative: 0.2)
    expectClose(
      [try #require(result.meanReferenceEnergyError)], [4 / 2_000.0.squareRoot()], relative: 0.4)
  }

  @Test func `bootstrap errors are the spread over independent sets of proposals`() throws {
    // Proposals x ~ N(0, 1.2²), target N(0, 1): u = x²/2, log q = −x²/(2·1.2²).
    let reference = normals(500, seed: 99).map { $0 * $0 / 2 }
    let budgets = try (0..<40).map { (seed: UInt64) in
      let points = normals(500, deviation: 1.2, seed: seed)
      var options = EvaluationOptions()
      options.floorPairs = 1
      let result = try evaluate(
        EvaluationInput(
          energies: points.map { $0 * $0 / 2 }, logDensities: points.map { -$0 * $0 / 2.88 },
          referenceEnergies: reference), options: options)
      return try #require(result.budgets.first)
    }
    func compare(
      _ figure: KeyPath<BudgetFigures, Double>, _ error: KeyPath<BudgetFigures, Double>,
      factor: Double = 1
    ) {
      let figures = budgets.map { $0[keyPath: figure] }
      let mean = figures.reduce(0, +) / 40
      let spread = (figures.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 39).squareRoot()
      let found = budgets.reduce(0) { $0 + $1[keyPath: error] } / 40
      // The spread of 40 is good to 11 %.
      expectClose([found], [factor * spread], relative: 0.35, "\(error)")
    }
    compare(\.effectiveSampleSize, \.effectiveSampleSizeError)
    compare(\.cappedEffectiveSampleSize, \.cappedEffectiveSampleSizeError)
    compare(\.rawEffectiveSampleSize, \.rawEffectiveSampleSizeError)
    compare(\.meanEnergy, \.meanEnergyError)
    // Next to the noise floor the bootstrap's is too large.
    compare(\.energyW2, \.energyW2Error, factor: 1.25)
  }

  @Test func `the error of E-W2 counts the resamples' spread once for all of them`() throws {
    let reference = normals(500, seed: 99).map { $0 * $0 / 2 }
    let points = normals(500, deviation: 1.2, seed: 1)
    let bootstraps = try [2, 20].map { (seeds: Int) in
      var options = EvaluationOptions()
      (options.seeds, options.floorPairs) = (seeds, 1)
      let result = try evaluate(
        EvaluationInput(
          energies: points.map { $0 * $0 / 2 }, logDensities: points.map { -$0 * $0 / 2.88 },
          referenceEnergies: reference), options: options)
      let budget = try #require(result.budgets.first)
      #expect(budget.energyW2Spread > 0)
      return budget.energyW2Error * budget.energyW2Error
        - budget.energyW2Spread * budget.energyW2Spread / Double(seeds)
    }
    expectClose([bootstraps[0]], [bootstraps[1]], relative: 1e-9)
  }

  @Test func `of a long reference one frame of each stretch is compared`() throws {
    // A simulation that has moved to another state after half of its time.
    let reference = normals(3_000, seed: 1) + normals(3_000, mean: 10, seed: 2)
    let proposals = normals(500, seed: 3) + normals(500, mean: 10, seed: 4)
    let torsions = normals(7_000, seed: 5)
    var options = EvaluationOptions()
    (options.count, options.torusPoints, options.floorPairs) = (1_000, 100, 10)
    func result(frames: [Int]) throws -> EvaluationResult {
      var input = try EvaluationInput(
        energies: proposals, logDensities: proposals.map { -$0 },
        referenceEnergies: frames.map { reference[$0] })
      input.torsions = TorsionAngles(Array(torsions.prefix(1_000)), torsions: 1)
      input.referenceTorsions = TorsionAngles(frames.map { torsions[1_000 + $0] }, torsions: 1)
      input.referenceLogDensities = frames.map { -reference[$0] + 0.1 * torsions[$0] }
      let signs = frames.map { $0 < 4_000 ? 1 : -1 }
      input.chirality = IsomerSigns(
        names: ["CA"], samples: [Int](repeating: 1, count: 1_000), reference: signs)
      input.amides = input.chirality
      return try evaluate(input, options: options)
    }
    let long = try result(frames: Array(0..<6_000))
    #expect(long.reference == 1_000 && long.energyW2 < 1)
    expectClose([long.stereocentres[0].reference], [2.0 / 3], absolute: 1e-3)
    #expect(long.heldOut != nil && long.torusW2 != nil)
    #expect(try long == result(frames: stratifiedIndices(count: 6_000, points: 1_000)))
  }

  @Test func `more proposals than the count have figures of their own`() throws {
    let energies = normals(3_000, mean: 5, seed: 1)
    let logDensities = zip(energies, normals(3_000, deviation: 0.5, seed: 2)).map { $1 - $0 }
    let reference = normals(1_000, mean: 5, seed: 3)
    func result(_ proposals: Int, count: Int, _ resampling: Resampling) throws -> EvaluationResult {
      var options = EvaluationOptions()
      (options.count, options.resampling, options.floorPairs) = (count, resampling, 10)
      return try evaluate(
        EvaluationInput(
          energies: Array(energies.prefix(proposals)),
          logDensities: Array(logDensities.prefix(proposals)), referenceEnergies: reference),
        options: options)
    }
    for resampling in Resampling.allCases {
      let both = try result(3_000, count: 1_000, resampling)
      let few = try result(1_000, count: 1_000, resampling)
      #expect(both.budgets.count == 2 && both.budgets[0] == few.budgets[0])
      // But for the list of budgets the figures are those of the first proposals.
      var same = both
      same.budgets = few.budgets
      #expect(same == few)
      let all = both.budgets[1]
      #expect(all.proposals == 3_000 && all.draws == 1_000)
      // Weights and averages are over all, whatever the resample's size.
      let whole = try result(3_000, count: 3_000, resampling).budgets[0]
      #expect(whole.draws == 2_994)
      #expect(all.effectiveSampleSize == whole.effectiveSampleSize)
      #expect(all.paretoShape == whole.paretoShape && all.meanEnergy == whole.meanEnergy)
      #expect(all.energyW2 < 3 * all.energyW2Floor)
    }
  }
}
