import Boltzmann
import Evaluation
import Foundation
import Kernels
import Logging
import Runs
import RunsTestSupport
import TestSupport
import Testing
import Trajectories

@Suite struct ObservablesTests {
  private let context = CapturedLog().context(workers: 1)

  @Test func `proposals drawn in blocks have the observables of those drawn at once`() throws {
    let (model, molecule) = (try untrainedModel(), try system("AL3"))
    var options = SamplingOptions()
    (options.count, options.priorScale) = (100, 1)
    let whole = try model.drawProposals(options, seed: 2, from: 5, context: context)
    let weighted = try WeightedProposals(whole, of: molecule, clip: 0.1, execution: .serial)
    let log = CapturedLog()
    let found = try model.observeProposals(
      options, of: molecule, seed: 2, from: 5, clip: 0.1, blocksOf: 30,
      context: log.context(workers: 2))
    #expect(found.observables.energies == weighted.energies)
    #expect(found.weights == weighted.weights)
    let expected = Observables(whole.conformations, of: molecule, execution: .serial)
    #expect(found.observables == expected && found.count == 100)
    #expect(expected.torsions.count == 100 * 4 && expected.handedness.count == 100 * 3)
    #expect(expected.isomers.count == 100 * 2)
    #expect(log.progress.last?.done == 100 && log.progress.last?.total == 100)
    #expect(log.progress.map(\.done) == log.progress.map(\.done).sorted())
  }

  // One rank more than there are proposals has none.
  @Test(arguments: [3, 61])
  func `ranks draw what one process draws`(ranks: Int) throws {
    let (model, molecule) = (try untrainedModel(periodic: true), try system("AL3"))
    var options = SamplingOptions()
    (options.count, options.priorScale) = (60, 1.01)
    let drawn = options
    @Sendable func draw(_ ranks: Ranks) throws -> ObservedProposals {
      var context = CapturedLog().context(workers: 1)
      context.ranks = ranks
      return try model.observeProposals(
        drawn, of: molecule, seed: 2, clip: 0.1, blocksOf: 17, context: context)
    }
    let alone = try draw(.alone)
    for found in try onRanks(ranks, draw) {
      #expect(found.observables == alone.observables && found.weights == alone.weights)
    }
  }

  @Test(arguments: [(false, 1), (false, 0.8), (true, 1.01), (true, 1.2)])
  func `the density of conformations is that of the proposals`(
    periodic: Bool, priorScale: Double
  ) throws {
    let model = try untrainedModel(periodic: periodic)
    var options = SamplingOptions()
    (options.count, options.priorScale) = (periodic ? 60 : 300, priorScale)
    let proposals = try model.drawProposals(options, seed: 2, context: context)
    let found = model.logDensities(
      of: proposals.conformations, labels: nil, options, seed: 1, execution: .serial)
    let supported = proposals.isSupported.indices.filter { proposals.isSupported[$0] }
    #expect(supported.count > 2)
    // Proposals are rounded to single precision, which moves a token by up to 1e-4 of its spread.
    expectClose(
      supported.map { found[$0] }, supported.map { proposals.logDensities[$0] }, absolute: 0.02)
  }

  @Test func `a flow has one density of a conformation, however its hydrogens are numbered`() throws
  {
    let (model, molecule) = (try untrainedModel(), try system("AL3"))
    let frames = try alanineFrames(0..<10)
    let labels = FlowLabels(model.representation, of: molecule)
    #expect(labels.match(frames).coordinates == frames.coordinates)
    let names = molecule.topology.atomNames
    var other = frames
    for pair in [["H1", "H2"], ["HB1", "HB2"]] {
      let atoms = try pair.map { 3 * (try #require(names.firstIndex(of: $0))) }
      for frame in 0..<frames.frames {
        for axis in 0..<3 {
          other.coordinates.swapAt(99 * frame + atoms[0] + axis, 99 * frame + atoms[1] + axis)
        }
      }
    }
    #expect(labels.match(other).coordinates == frames.coordinates)
    func densities(_ frames: Trajectory, _ labels: FlowLabels?) -> [Double] {
      model.logDensities(
        of: frames, labels: labels, SamplingOptions(), seed: 1, execution: .serial)
    }
    let wanted = densities(frames, nil)
    #expect(wanted.allSatisfy { $0.isFinite })
    #expect(densities(other, labels) == wanted)
    #expect(zip(densities(other, nil), wanted).allSatisfy { $0.isNaN || $0 < $1 - 10 })
  }

  @Test func `one call draws, weighs and compares`() throws {
    let (model, molecule) = (try untrainedModel(), try system("AL3"))
    let reference = try alanineFrames(0..<40)
    var options = EvaluationOptions()
    (options.count, options.torusPoints, options.floorPairs) = (100, 4, 2)
    let (comparison, drawn) = try model.compare(
      proposals: 150, with: reference, of: molecule, sampling: SamplingOptions(), seed: 2,
      options: options, context: context)
    let result = comparison.result
    #expect(result.samples == 100 && result.budgets.map(\.proposals) == [100, 150])
    #expect(drawn.count == 150 && drawn.first == 0 && drawn.seed == 2)
    #expect(result.populations.map(\.residue) == ["ALA2", "ALA3"])
    #expect(result.planes.map(\.residue) == ["ALA2"])
    #expect(result.torusFloor?.points == 4)
    #expect(result.heldOut?.frames == 40 && result.heldOut?.outside == 0)
  }

  @Test func `figures of more proposals than fit into memory are refused`() throws {
    let molecule = try system("AL3")
    #expect(throws: Never.self) {
      try TrainedModel.checkMemory(proposals: 1_000_000, of: molecule)
    }
    #expect(throws: RunError.self) {
      try TrainedModel.checkMemory(proposals: 1 << 50, of: molecule)
    }
  }

  @Test func `files of older versions are read without the figures that they lack`() throws {
    let proposals = Proposals(
      conformations: try alanineFrames(0..<9), logDensities: [Double](repeating: 0, count: 9),
      isSupported: [Bool](repeating: true, count: 9))
    let molecule = try system("AL3")
    let weighted = try WeightedProposals(
      proposals, of: molecule, clip: EvaluationOptions().clippedFraction, execution: .serial)
    let comparison = try Comparison(
      weighted, with: try alanineFrames(9..<20), of: molecule, options: EvaluationOptions(),
      execution: .serial)
    let report = EvaluationReport(
      comparison.result, options: EvaluationOptions(), program: "test",
      reference: try InputFile(path: molecule.referencePath), drawn: nil)
    let keys = [
      "mean_energy_reference_error", "budgets", "populations", "torsion_planes", "held_out",
      "torus_floor",
    ]
    let written = try JSONSerialization.jsonObject(with: JSONEncoder().encode(report))
    var object = try #require(written as? [String: Any])
    for key in keys { #expect(object.removeValue(forKey: key) != nil, "\(key)") }
    let read = try JSONDecoder().decode(
      EvaluationReport.self, from: JSONSerialization.data(withJSONObject: object))
    #expect(read.hasSameSettings(as: report))
    #expect(read.result.energyW2 == report.result.energyW2 && read.result.budgets.isEmpty)
    #expect(read.table(of: molecule).contains("9 samples against 11 reference frames"))
  }

  @Test func `the table warns of a heavy tail, and says what differs in published rows`() throws {
    let molecule = try system("AL3")
    let frames = try alanineFrames(0..<30)
    let proposals = Proposals(
      conformations: frames, logDensities: [Double](repeating: 0, count: 30),
      isSupported: [Bool](repeating: true, count: 30))
    let weighted = try WeightedProposals(
      proposals, of: molecule, clip: EvaluationOptions().clippedFraction, execution: .serial)
    var result = try Comparison(
      weighted, with: frames, of: molecule, options: EvaluationOptions(), execution: .serial
    ).result
    func table(shape: Double, _ system: MolecularSystem) throws -> String {
      (result.budgets[0].paretoShape, result.budgets[0].paretoShapeError) = (shape, 0.05)
      return EvaluationReport(
        result, options: EvaluationOptions(), program: "test",
        reference: try InputFile(path: molecule.referencePath), drawn: nil
      ).table(of: system)
    }
    let heavy = "Pareto k of the weights' tail is 0.80 ± 0.05, above 0.7: a few proposals decide"
    #expect(try table(shape: 0.8, molecule).contains(heavy))
    let light = try table(shape: 0.4, try system("AL4"))
    #expect(light.contains("Pareto k of the weights' tail is 0.40 ± 0.05.\n"))
    #expect(light.contains(/ArBG, published ¹ +0\.449 .* 0\.592² +200000/))
    #expect(light.contains(/CMT, published ¹ ³ +– +– +0\.686/))
    #expect(light.contains("³ CMT: the lengths of bonds to hydrogen may be frozen; "))
  }
}
