import Evaluation
import Foundation
import TestSupport
import Testing

@Suite struct OptimalTransportTests {
  @Test(arguments: 1...7) func `assignments equal the best of all permutations`(size: Int) {
    for seed in 0..<20 as Range<UInt64> {
      var generator = PCG64(seed: 100 + seed)
      // Half of the cases have small integers, so that there are ties.
      let costs = (0..<size * size).map { _ in
        seed % 2 == 0 ? generator.uniform() - 0.3 : Double(generator.index(below: 4))
      }
      let found = optimalTransportCost(costs, rows: size, columns: size) * Double(size)
      expectClose([found], [bestAssignment(costs, size)], absolute: 1e-12, "seed \(seed)")
    }
  }

  @Test func `transport between unequal sizes equals the assignment of repeated points`() {
    for (seed, (rows, columns)) in [(2, 3), (3, 2), (6, 4), (1, 5), (5, 1), (2, 7)].enumerated() {
      var generator = PCG64(seed: UInt64(seed))
      let costs = (0..<rows * columns).map { _ in generator.uniform() }
      // Every point of the first set repeated `columns` times, of the second `rows` times.
      let size = rows * columns
      let repeated = (0..<size * size).map { place in
        costs[place / size / columns * columns + place % size / rows]
      }
      expectClose(
        [optimalTransportCost(costs, rows: rows, columns: columns)],
        [optimalTransportCost(repeated, rows: size, columns: size)], absolute: 1e-12,
        "\(rows) × \(columns)")
    }
  }

  @Test func `the prices prove that a plan is optimal`() {
    for (rows, columns) in [(1, 1), (30, 30), (40, 25), (3, 50)] {
      var generator = PCG64(seed: UInt64(rows))
      let costs = (0..<rows * columns).map { _ in generator.uniform() }
      let plan = optimalTransport(costs, rows: rows, columns: columns)
      for place in costs.indices {
        let bound = plan.rowPrices[place / columns] + plan.columnPrices[place % columns]
        #expect(bound <= costs[place] + 1e-11)
      }
      let prices =
        plan.rowPrices.reduce(0, +) / Double(rows)
        + plan.columnPrices.reduce(0, +) / Double(columns)
      expectClose([prices], [plan.cost], absolute: 1e-12)
      #expect(plan.cost == optimalTransportCost(costs, rows: rows, columns: columns))
    }
  }

  @Test func `the error of a distance on the torus is its spread over independent sets`() throws {
    let results = try (0..<30).map { (seed: UInt64) in
      let input = try EvaluationInput(
        energies: normals(150, seed: seed), logDensities: normals(150, seed: seed).map { -$0 },
        referenceEnergies: normals(160, seed: 100 + seed),
        torsions: TorsionAngles(normals(300, mean: 0.5, deviation: 0.8, seed: seed), torsions: 2),
        referenceTorsions: TorsionAngles(
          normals(320, deviation: 0.6, seed: 100 + seed), torsions: 2))
      var options = EvaluationOptions()
      (options.resampling, options.floorPairs, options.torusPoints) = (.systematic, 1, 100)
      return try evaluate(input, options: options)
    }
    let distances = try results.map { try #require($0.torusW2) }
    let mean = distances.reduce(0, +) / 30
    let spread = (distances.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 29).squareRoot()
    let errors = try results.map { try #require($0.budgets[0].torusW2Error) }
    let found = errors.reduce(0, +) / 30
    // The spread of 30 is good to 13 %. Systematic picks of equal weights repeat none, so that the
    // error counts the draw of these proposals twice.
    #expect(found > 0.7 * spread && found < 2 * spread, "\(found), \(spread)")
    // Halves of 80 frames allow 80 points of each set, on which both distances are.
    let floors = try results.map { try #require($0.torusFloor) }
    #expect(floors.allSatisfy { $0.points == 80 && $0.proposals > 1.2 * $0.halves })
  }

  @Test func `torus distances equal POT's, of equal and unequal sizes`() throws {
    let golden = try Golden.load()
    let x = TorsionAngles(golden.torsions, torsions: 4)
    let y = TorsionAngles(golden.referenceTorsions, torsions: 4)
    for row in golden.torusDistances.chunks(of: 3) {
      let (first, second) = (Int(row[0]), Int(row[1]))
      let found = try torusWasserstein(x.rows(Array(0..<first)), y.rows(Array(0..<second)))
      expectClose([found], [row[2]], absolute: 1e-12, "\(first) × \(second)")
    }
  }

  @Test func `points on a line are matched in order`() throws {
    let (x, y) = (
      normals(80, deviation: 0.3, seed: 1), normals(80, mean: 0.2, deviation: 0.5, seed: 2)
    )
    let torus = try torusWasserstein(
      TorsionAngles(x, torsions: 1), TorsionAngles(y, torsions: 1))
    expectClose([torus], [wasserstein(x, y).second], relative: 1e-12)
  }

  @Test func `angles are compared around the circle`() throws {
    let a = TorsionAngles([3.1, 0], torsions: 2)
    let b = TorsionAngles([-3.1, 0.5], torsions: 2)
    let around = 2 * Double.pi - 6.2
    expectClose(
      [try torusWasserstein(a, b)], [(around * around + 0.25).squareRoot()], relative: 1e-12)
    let turned = TorsionAngles([-3.1 + 8 * .pi, 0.5 - 2 * .pi], torsions: 2)
    expectClose([try torusWasserstein(b, turned)], [0], absolute: 1e-12)
  }

  @Test func `an undefined torsion or an empty set is an error`() {
    let a = TorsionAngles([0, 1, 2, .nan], torsions: 2)
    #expect(throws: EvaluationError.nonfiniteTorsion(set: "second set", frame: 1, torsion: 1)) {
      try torusWasserstein(TorsionAngles([0, 0], torsions: 2), a)
    }
    #expect(throws: EvaluationError.empty(what: "torsions in the first set")) {
      try torusWasserstein(TorsionAngles([], torsions: 2), a)
    }
  }

  /// The least total cost over all permutations.
  private func bestAssignment(_ costs: [Double], _ size: Int) -> Double {
    func best(_ row: Int, _ free: [Int]) -> Double {
      row == size
        ? 0
        : free.map { column in
          costs[row * size + column] + best(row + 1, free.filter { $0 != column })
        }.min() ?? .infinity
    }
    return best(0, Array(0..<size))
  }
}
