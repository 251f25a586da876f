import Evaluation
import Flow
import Foundation
import Kernels
import Molecules
import Runs
import RunsTestSupport
import TestSupport
import Testing
import Trajectories

@testable import Boltzmann

@Suite struct AnnealedModelTests {
  private let molecule: MolecularSystem

  init() throws { molecule = try system("AL3") }

  @Test func `the gradient of the target is the slope of energy and volume`() throws {
    let model = try untrainedModel(periodic: true)
    let path = model.annealedPath(to: molecule)
    let tokens = model.representation.tokens(
      from: try alanineFrames(0..<2).coordinates, execution: .serial)
    let found = path.targetSlopes(tokens, .serial)
    let width = tokens.count / 2
    #expect(path.width == width && found.values.allSatisfy(\.isFinite))
    let rebuilt = model.representation.coordinates(from: tokens, execution: .serial)
    let energies = molecule.reducedEnergies(rebuilt.coordinates, execution: .serial)
    expectClose(found.values, zip(rebuilt.logJacobian, energies).map { $0 - $1 }, absolute: 1e-9)
    // All differences of the second frame at once.
    let shifts: [Float] = [-2, -1, 1, 2]
    let moved = (0..<width).flatMap { index in
      shifts.flatMap { shift in
        var own = Array(tokens[width...])
        own[index] += shift * 0x1p-6
        return own
      }
    }
    let values = path.targetSlopes(moved, Execution(workers: 2)).values
    let largest = found.gradient[width...].reduce(Float(0)) { max($0, abs($1)) }
    for index in 0..<width {
      let own = values[4 * index..<4 * index + 4].map { $0 }
      // Steps are exact to 2⁻²² or so of a token.
      let slope = (own[0] - 8 * own[1] + 8 * own[2] - own[3]) / 12 * 0x1p6
      expectClose(
        [Double(found.gradient[width + index])], [slope], absolute: 1e-3 * Double(largest),
        relative: 2e-3, "token feature \(index)")
    }
  }

  @Test func `annealed proposals have the weights of the particles`() throws {
    let model = try untrainedModel(periodic: true)
    var options = SamplingOptions()
    options.count = 40
    var settings = AnnealingSettings()
    (settings.keptShare, settings.equalSteps, settings.moves) = (nil, 3, 1)
    let request = (options, settings, molecule)
    @Sendable func run(
      workers: Int, _ ranks: Ranks = .alone
    ) throws -> (Proposals, AnnealingFacts, [Int]) {
      var context = CapturedLog().context(workers: workers)
      context.ranks = ranks
      let found = try model.annealProposals(
        request.0, request.1, of: request.2, seed: 5, from: 7, context: context)
      return (found.proposals, found.facts, found.proposals.ancestors ?? [])
    }
    let (proposals, facts, ancestors) = try run(workers: 1)
    for other in [try run(workers: 2)] + (try onRanks(2) { try run(workers: 1, $0) }) {
      #expect(other.0.logDensities == proposals.logDensities && other.1 == facts)
      #expect(other.0.conformations == proposals.conformations && other.2 == ancestors)
    }
    let weighted = try WeightedProposals(proposals, of: molecule, clip: 0, execution: .serial)
    let logNormalization = logNormalization(weighted.weights.values).value
    expectClose([logNormalization], [facts.logNormalization], absolute: 1e-6)
    let positions: [Double] = facts.steps.map(\.position)
    expectClose(positions, [0.3333333333333333, 0.6666666666666666, 1], absolute: 1e-12)
    #expect(ancestors.sorted() == ancestors)
    let families = families(of: ancestors)
    #expect(families.reduce(0, +) == 40 && families.count == Set(ancestors).count)
    let sample = AveragedSample(proposals: weighted.weights.values, families: families)
    expectClose(
      [sample.logNormalization.error], [facts.logNormalizationError], absolute: 1e-6)
    try withTemporaryFolder { folder in
      let (samples, table) = ("\(folder)/samples.nc", "\(folder)/weights.csv")
      let log = CapturedLog()
      try weighted.write(
        samples: samples, weights: table, system: molecule, context: log.context())
      let read = try WeightedProposals(
        samples: samples, weights: table, of: molecule, clip: 0, context: log.context()
      ).proposals
      #expect(read.ancestors == ancestors)
    }
    #expect(facts.targetEvaluations == 40 + 3 * 40 * settings.leapfrogSteps)
  }

  @Test func `a draw that goes on in a seed's stream moves with noise of its own`() throws {
    let model = try untrainedModel(periodic: true)
    var (options, settings) = (SamplingOptions(), AnnealingSettings())
    options.count = 40
    // Without Metropolis' test all particles move.
    (settings.kernel, settings.keptShare) = (.ula, nil)
    (settings.equalSteps, settings.moves) = (1, 1)
    let context = CapturedLog().context()
    let found = try model.annealProposals(
      options, settings, of: molecule, seed: 5, from: 7, context: context
    ).proposals
    // The same proposals, with the noise from a number on.
    let drawn = model.flow.sample(40, from: 7, seed: 5, weights: model.weights, execution: .serial)
    let annealed = try [7, 0].map { first in
      let particles = try anneal(
        drawn.0, logDensities: drawn.1, along: model.annealedPath(to: molecule), settings, seed: 5,
        from: first, context: context)
      let rebuilt = model.representation.coordinates(from: particles.x, execution: .serial)
      return Trajectory(atoms: 33, coordinates: rebuilt.coordinates).roundedToFile().trajectory
    }
    #expect(found.conformations == annealed[0])
    #expect(found.conformations != annealed[1])
  }

  @Test func `the path knows the numbers that tokens of several atoms lack, also on ranks`() throws
  {
    try loadBLAS()
    let representation = try Representation(
      .internal, order: .topology, atomsPerToken: 6, topology: molecule.topology,
      coordinates: try alanineFrames(0..<200).coordinates, execution: .serial)
    var shape = FlowConfiguration(
      tokens: representation.tokens, features: representation.features)
    (shape.layers, shape.width, shape.present) = (1, 32, representation.present)
    let flow = try TarFlow(shape)
    let model = TrainedModel(
      flow: flow, weights: flow.layout.initialValues(seed: 3), representation: representation)
    let path = model.annealedPath(to: molecule)
    let missing = Set((0..<flow.dimensions).filter(shape.isMissing))
    // The atoms that tokens place have three numbers each.
    #expect(!missing.isEmpty && missing.count == flow.dimensions - 3 * 31)
    #expect(path.missing == missing)
    #expect(try onRanks(2) { path.shared(by: $0).missing } == [missing, missing])
  }
}
