import Evaluation
import Foundation
import TestSupport
import Testing

@Suite struct CostCurveTests {
  /// The population of φ ≥ 0 in the reference.
  private static let population = 0.2

  /// Chains of independent frames: energies of a normal distribution, one φ and one ψ.
  private func independent(chains: Int, frames: Int) -> SampledChains {
    var generator = PCG64(seed: 11)
    let torsions = (0..<chains).map { _ in
      TorsionAngles(
        (0..<frames).flatMap { _ in
          [generator.uniform() < Self.population ? 1.0 : -1.0, generator.uniform() - 0.5]
        }, torsions: 2)
    }
    return SampledChains(
      energies: (0..<chains).map { normals(frames, deviation: 3, seed: UInt64($0)) },
      torsions: torsions, phis: 1, evaluations: (1...frames).map { 10 * $0 })
  }

  /// The same distribution without noise: its quantiles.
  private func reference(_ frames: Int) -> (energies: [Double], torsions: TorsionAngles) {
    let energies = normals(200_000, deviation: 3, seed: 1_000).sorted()
    let torsions = (0..<frames).flatMap { frame in
      let t = (Double(frame) + 0.5) / Double(frames)
      return [t < Self.population ? 1.0 : -1.0, (7 * t).truncatingRemainder(dividingBy: 1) - 0.5]
    }
    return (
      (0..<frames).map { energies[(2 * $0 + 1) * energies.count / (2 * frames)] },
      TorsionAngles(torsions, torsions: 2)
    )
  }

  @Test func `the error of independent frames falls as one over the root of their number`() throws {
    let chains = independent(chains: 64, frames: 1_600)
    let (energies, torsions) = reference(5_000)
    let rows = try costCurve(
      of: chains, reference: energies, referenceTorsions: torsions,
      budgets: [1_000, 4_000, 16_000], torusPoints: 0)
    #expect(rows.map(\.frames) == [100, 400, 1_600])
    #expect(rows.allSatisfy { $0.chains == 1 && $0.samples == 64 && $0.torusW2 == nil })
    for (few, many) in zip(rows, rows.dropFirst()) {
      let (a, b) = (try #require(few.energyW2), try #require(many.energyW2))
      // Four times the frames: half of the distance; a mean of 64 is good to about 4 %.
      expectClose([b.mean / a.mean], [0.5], relative: 0.15)
    }
    for row in rows {
      let error = try #require(row.rareStateErrors[0])
      // −ln p of n frames is normal with the variance (1 − p)/(p n): its mean deviation.
      let variance = (1 - Self.population) / (Self.population * Double(row.frames))
      expectClose([error.mean], [(2 * variance / .pi).squareRoot()], relative: 0.3)
      #expect(row.unseen == [0])
    }
  }

  @Test func `chains share a budget that is too large for one`() throws {
    let chains = independent(chains: 8, frames: 100)
    let (energies, torsions) = reference(500)
    #expect(chains.totalEvaluations == 8_000 && chains.budgets == [8_000])
    let rows = try costCurve(
      of: chains, reference: energies, referenceTorsions: torsions,
      budgets: [1_000, 1_001, 4_000, 8_000, 8_001], torusPoints: 50)
    #expect(rows.map(\.evaluations) == [1_000, 1_001, 4_000, 8_000])
    #expect(rows.map(\.chains) == [1, 2, 4, 8] && rows.map(\.samples) == [8, 4, 2, 1])
    #expect(rows.map(\.frames) == [100, 100, 400, 800])
    #expect(rows[3].energyW2?.spread == nil && rows[2].energyW2?.spread != nil)
    // All frames of all chains are in the last row.
    let all = wasserstein(energies, weights: nil, chains.energies.flatMap { $0 }, weights: nil)
    expectClose([rows[3].energyW2?.mean ?? .nan], [all.second], relative: 1e-12)
  }

  @Test func `a chain that never moves keeps its error`() throws {
    let (energies, torsions) = reference(300)
    let frames = 200
    let frozen = SampledChains(
      energies: [[Double]](repeating: [Double](repeating: 1.5, count: frames), count: 4),
      torsions: [TorsionAngles](
        repeating: TorsionAngles(
          (0..<frames).flatMap { _ in [-1.0, 0.2] }, torsions: 2), count: 4),
      phis: 1, evaluations: (1...frames).map { 500 + 5 * $0 })
    let rows = try costCurve(
      of: frozen, reference: energies, referenceTorsions: torsions,
      budgets: [500, 510, 1_000, 6_000], torusPoints: 300)
    #expect(rows.map(\.frames) == [0, 2, 100, 800])
    // What was spent before the first frame buys nothing.
    #expect(rows[0].energyW2 == nil && rows[0].torusW2 == nil && rows[0].unseen == [4])
    let squares = energies.map { ($0 - 1.5) * ($0 - 1.5) }
    let onTorus = (0..<300).map { frame in
      let (φ, ψ) = (torsions.values[2 * frame] + 1, torsions.values[2 * frame + 1] - 0.2)
      return φ * φ + ψ * ψ
    }
    let expected = [squares, onTorus].map { ($0.reduce(0, +) / 300).squareRoot() }
    for row in rows.dropFirst() {
      expectClose(
        [try #require(row.energyW2).mean, try #require(row.torusW2).mean], expected,
        relative: 1e-9)
      #expect(abs(row.energyW2?.spread ?? 0) < 1e-12)
      let error = try #require(row.rareStateErrors[0])
      #expect(error.mean == .infinity && error.spread == nil && row.unseen == [row.samples])
    }
  }

  @Test func `a state that the reference lacks has no error, and a broken reference is refused`()
    throws
  {
    let chains = independent(chains: 2, frames: 10)
    let rows = try costCurve(
      of: chains, reference: [0, 1], referenceTorsions: TorsionAngles([-1, 0, -2, 0], torsions: 2),
      budgets: [100], torusPoints: 2)
    #expect(rows.count == 1 && rows[0].rareStateErrors == [nil])
    #expect(throws: EvaluationError.empty(what: "reference frames")) {
      try costCurve(
        of: chains, reference: [], referenceTorsions: TorsionAngles([], torsions: 2), budgets: [100]
      )
    }
    #expect(throws: EvaluationError.nonfiniteReferenceEnergy(frame: 1)) {
      try costCurve(
        of: chains, reference: [0, .nan], referenceTorsions: TorsionAngles([0, 0], torsions: 2),
        budgets: [100])
    }
  }

  @Test func `budgets are the powers of ten and the whole`() {
    let chains = SampledChains(
      energies: [[0, 0], [0, 0]],
      torsions: [TorsionAngles([], torsions: 0), .init([], torsions: 0)],
      phis: 0, evaluations: [1, 700_000])
    #expect(chains.budgets == [10_000, 100_000, 1_000_000, 1_400_000])
  }
}
