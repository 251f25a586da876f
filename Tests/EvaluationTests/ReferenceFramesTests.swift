import Evaluation
import TestSupport
import Testing

/// Which frames of a reference the proposals are compared with.
@Suite struct ReferenceFramesTests {
  @Test func `few proposals are compared with frames of the whole reference`() throws {
    // A simulation that has moved to another state after half of its time.
    let reference = normals(2_000, seed: 1) + normals(2_000, mean: 10, seed: 2)
    let proposals = normals(500, seed: 3) + normals(500, mean: 10, seed: 4)
    var options = EvaluationOptions()
    options.resampling = .systematic
    let result = try evaluate(
      EvaluationInput(
        energies: proposals, logDensities: proposals.map { -$0 }, referenceEnergies: reference),
      options: options)
    #expect(result.reference == 4_000)
    #expect(result.energyW2 < 1 && result.energyW1 < 1)
  }

  @Test func `a clip that leaves many rows out leaves frames of the whole reference`() throws {
    let (low, high) = (normals(500, seed: 1), normals(500, mean: 10, seed: 2))
    let reference = normals(500, seed: 3) + normals(500, mean: 10, seed: 4)
    let proposals = zip(low, high).flatMap { [$0, $1] }
    var options = EvaluationOptions()
    (options.resampling, options.clippedFraction) = (.systematic, 0.3)
    let result = try evaluate(
      EvaluationInput(
        energies: proposals,
        logDensities: proposals.enumerated().map { -$0.element - 1e-3 * Double($0.offset) },
        clip: 0.3, referenceEnergies: reference),
      options: options)
    #expect(result.samples == 1_000 && result.energyW2 < 1)
  }

  @Test func `where the clip alone leaves rows out, the last frames are left out`() throws {
    let energies = normals(1_000, seed: 1)
    let result = try evaluate(
      EvaluationInput(
        energies: energies,
        logDensities: energies.enumerated().map { -$0.element - 1e-3 * Double($0.offset) },
        referenceEnergies: normals(998, seed: 2) + [1e6, 1e6]))
    #expect(result.samples == 1_000 && result.energyW2 < 1)
  }

  /// Figures beside eight chains of 100 frames each, chain c at a torsion of 0.3 c, with as many
  /// proposals of each.
  ///
  /// - Parameters:
  ///   - order: The frames of the file by their numbers in time, where chains take turns.
  ///   - knowsChains: Whether the file names the chain of a frame.
  private func result(
    _ order: [Int] = Array(0..<800), knowsChains: Bool = true, count: Int = 800
  ) throws -> EvaluationResult {
    let energies = normals(800, seed: 1)
    var input = try EvaluationInput(
      energies: energies, logDensities: energies.map { -$0 },
      referenceEnergies: normals(800, seed: 2))
    input.torsions = TorsionAngles((0..<800).map { 0.3 * Double($0 / 100) }, torsions: 1)
    input.referenceTorsions = TorsionAngles(order.map { 0.3 * Double($0 % 8) }, torsions: 1)
    if knowsChains {
      input.referenceChains = (0..<8).map { chain in
        (0..<800).filter { order[$0] % 8 == chain }.sorted { order[$0] < order[$1] }
      }
    }
    var options = EvaluationOptions()
    (options.resampling, options.torusPoints, options.floorPairs) = (.systematic, 100, 10)
    options.count = count
    return try evaluate(input, options: options)
  }

  @Test func `T-W2 sees all chains of a simulation alike`() throws {
    // A stride of eight over frames in turns meets one chain.
    let (turns, unknown) = (try result(), try result(knowsChains: false))
    expectClose([try #require(turns.torusW2)], [0], absolute: 1e-6)
    #expect(try #require(unknown.torusW2) > 1)
    let floor = try #require(turns.torusFloor)
    expectClose([floor.halves, floor.proposals], [0, 0], absolute: 1e-6)
    #expect(turns.energyW2 == unknown.energyW2 && turns.energyW1 == unknown.energyW1)
    #expect(turns.energyW2Floor == unknown.energyW2Floor)
  }

  @Test func `T-W2 sees all chains of a reference that is thinned`() throws {
    // Of 400 stretches of two frames in turns, a stride of four meets the chains 0 and 1.
    func distance(knowsChains: Bool) throws -> Double {
      try #require(result(knowsChains: knowsChains, count: 400).budgets.last?.torusW2)
    }
    #expect(try distance(knowsChains: true) < 0.2)
    #expect(try distance(knowsChains: false) > 0.9)
  }

  @Test func `where a stride meets all chains the order of the file counts`() throws {
    let noise = normals(800, seed: 3)
    let order = (0..<800).sorted { noise[$0] < noise[$1] }
    let (found, plain) = (try result(order), try result(order, knowsChains: false))
    #expect(found.torusW2 == plain.torusW2 && found.torusFloor == plain.torusFloor)
    #expect(try #require(found.torusW2) < 0.5)
  }
}
