import Evaluation
import Foundation
import TestSupport
import Testing

@Suite struct TorsionFiguresTests {
  @Test func `divergences of distributions over bins have known values`() {
    #expect(jensenShannonDivergence([0.5, 0.5, 0], [0.5, 0.5, 0]) == 0)
    expectClose([jensenShannonDivergence([1, 0], [0, 1])], [1], absolute: 1e-15)
    // m = (¾, ¼): ½ log₂(4/3) + ½ (½ log₂(2/3) + ½ log₂ 2).
    expectClose(
      [jensenShannonDivergence([1, 0], [0.5, 0.5])],
      [0.5 * log2(4 / 3.0) + 0.25 * log2(2 / 3.0) + 0.25], absolute: 1e-15)
    #expect(totalVariation([1, 0], [0, 1]) == 1)
    expectClose([totalVariation([0.7, 0.2, 0.1], [0.5, 0.2, 0.3])], [0.2], absolute: 1e-15)
  }

  /// 4,000 proposals of two states of φ, of which the second is thrice as frequent as in the
  /// reference; weights put it right.
  ///
  /// - Parameter spread: The width of ψ, rad.
  private func twoStates(
    samples: Int, frames: Int, spread: Double = 0.1, seed: UInt64 = 3
  ) throws -> EvaluationResult {
    var generator = PCG64(seed: seed)
    func angles(_ points: Int, positive: Double) -> [Double] {
      (0..<points).flatMap { _ in
        [generator.uniform() < positive ? 1.0 : -1.0, 0.3, 2 + spread * generator.uniform()]
      }
    }
    let (torsions, reference) = (angles(samples, positive: 0.3), angles(frames, positive: 0.1))
    // Target over proposal: 0.1/0.3 and 0.9/0.7.
    let logWeights = (0..<samples).map { torsions[3 * $0] > 0 ? log(1 / 3.0) : log(9 / 7.0) }
    var options = EvaluationOptions()
    (options.torusPoints, options.floorPairs, options.clippedFraction) = (0, 1, 0)
    return try evaluate(
      EvaluationInput(
        energies: logWeights.map { -$0 }, logDensities: [Double](repeating: 0, count: samples),
        clip: 0, referenceEnergies: [Double](repeating: 1, count: frames),
        torsions: TorsionAngles(torsions, torsions: 3),
        referenceTorsions: TorsionAngles(reference, torsions: 3),
        residues: [
          ResidueTorsions(residue: "ALA1", phi: nil, psi: 1),
          ResidueTorsions(residue: "ALA2", phi: 0, psi: 2),
        ]), options: options)
  }

  @Test func `populations of positive φ are right within their errors`() throws {
    let result = try twoStates(samples: 4_000, frames: 3_000)
    #expect(result.populations.map(\.residue) == ["ALA2"])
    let state = try #require(result.populations.first)
    let (error, referenceError) = (
      try #require(state.error), try #require(state.referenceError)
    )
    #expect(abs(state.population - 0.1) < 3 * error)
    #expect(abs(state.reference - 0.1) < 3 * referenceError)
    #expect(state.upperBound == nil && state.referenceUpperBound == nil)
    // Of a share p of m independent frames: √(p (1 − p)/m); from 40 blocks to 11 %. Of the
    // weighted share, to first order: √⟨w² (s − p)²⟩/√n.
    expectClose([referenceError], [(0.09 / 3_000).squareRoot()], relative: 0.4)
    let variance = 0.3 / 9 * 0.81 + 0.7 * 81 / 49 * 0.01
    expectClose([error], [(variance / 4_000).squareRoot()], relative: 0.2)
    expectClose([try #require(state.freeEnergy)], [-log(state.population)], relative: 1e-15)
    expectClose(
      [try #require(state.freeEnergyError)], [error / state.population], relative: 1e-15)
  }

  @Test func `planes are compared in common bins, with the reference's own noise beside them`()
    throws
  {
    let result = try twoStates(samples: 4_000, frames: 3_000)
    let plane = try #require(result.planes.first)
    #expect(result.planes.count == 1 && plane.residue == "ALA2")
    // Weighted alike, both distances are noise; unweighted, φ alone would make 0.2.
    #expect(plane.totalVariation < 0.03 && plane.totalVariationFloor < 0.05)
    #expect(plane.divergence < 0.002 && plane.divergenceFloor < 0.005)
    #expect(plane.totalVariationError > 0 && plane.totalVariationError < 0.02)
    #expect(plane.divergenceError > 0 && plane.divergenceError < 0.002)
  }

  @Test func `the floors of planes are what noise alone makes of their distances`() throws {
    let planes = try (1...4).map { seed in
      try #require(
        twoStates(samples: 4_000, frames: 1_500, spread: 2 * .pi, seed: seed).planes.first)
    }
    func sum(_ figure: (PlaneFigures) -> Double) -> Double { planes.map(figure).reduce(0, +) }
    // Half with half of the reference would be about 3 and 1.7 times as far apart.
    let divergences = sum(\.divergence) / sum(\.divergenceFloor)
    let distances = sum(\.totalVariation) / sum(\.totalVariationFloor)
    #expect((0.75...1.35).contains(divergences), "\(divergences)")
    #expect((0.85...1.2).contains(distances), "\(distances)")
  }

  @Test func `a state that nothing is in has no free energy`() throws {
    let result = try evaluate(
      EvaluationInput(
        energies: [1, 1], logDensities: [0, 0], referenceEnergies: [1, 1],
        torsions: TorsionAngles([-1, .nan], torsions: 1),
        referenceTorsions: TorsionAngles([-1, -2], torsions: 1),
        residues: [ResidueTorsions(residue: "ALA2", phi: 0, psi: nil)]),
      options: {
        var options = EvaluationOptions()
        options.torusPoints = 0
        return options
      }())
    let state = try #require(result.populations.first)
    #expect(state.population == 0 && state.freeEnergy == nil && state.referenceFreeEnergy == nil)
    #expect(result.planes.isEmpty)
  }

  @Test func `a state that nothing is in has a bound in place of an error`() throws {
    let (samples, frames) = (400, 800)
    // The second residue says what the frames are worth: each is seen twice.
    func torsions(_ points: Int, repeated: Int) -> TorsionAngles {
      var generator = PCG64(seed: 5)
      var angles: [Double] = []
      for _ in 0..<points / repeated {
        let second = generator.uniform() < 0.5 ? 1.0 : -1.0
        for _ in 0..<repeated { angles += [-1, second] }
      }
      return TorsionAngles(angles, torsions: 2)
    }
    var options = EvaluationOptions()
    (options.torusPoints, options.clippedFraction) = (0, 0)
    // Weights 1 and 3 in turn: (4/2)²/(10/2) of each.
    let result = try evaluate(
      EvaluationInput(
        energies: (0..<samples).map { $0 % 2 == 0 ? 0 : -log(3) },
        logDensities: [Double](repeating: 0, count: samples), clip: 0,
        referenceEnergies: [Double](repeating: 1, count: frames),
        torsions: torsions(samples, repeated: 1),
        referenceTorsions: torsions(frames, repeated: 2),
        residues: [
          ResidueTorsions(residue: "ALA2", phi: 0, psi: nil),
          ResidueTorsions(residue: "ALA3", phi: 1, psi: nil),
        ]), options: options)
    let empty = try #require(result.populations.first)
    #expect(empty.error == nil && empty.referenceError == nil)
    expectClose(
      [try #require(empty.upperBound)], [-log(0.05) / (0.8 * Double(samples))], relative: 1e-9)
    // 40 blocks know the error to 11 %, its square to 23 %.
    let bound = try #require(empty.referenceUpperBound)
    #expect(bound > -log(0.05) / 795 && bound < -log(0.05) / 200)
    let written = try JSONSerialization.jsonObject(with: JSONEncoder().encode(empty))
    let keys = try #require(written as? [String: Any])
    #expect(keys["error"] is NSNull && keys["reference_error"] is NSNull)
    let read = try JSONDecoder().decode(
      PopulationFigures.self, from: JSONEncoder().encode(empty))
    #expect(read == empty)
    #expect(result.populations[1].error != nil && result.populations[1].upperBound == nil)
  }
}
