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

@Suite struct ProposalsTests {
  private let molecule: MolecularSystem
  private let context = CapturedLog().context()

  init() throws { molecule = try system("AL3") }

  /// Sixteen conformations, two of them outside the support.
  private func weighted(clip: Double = 0.2) throws -> WeightedProposals {
    let frames = try alanineFrames(0..<16)
    let proposals = Proposals(
      conformations: frames, logDensities: (0..<16).map { 100 / Double($0 + 3) },
      isSupported: (0..<16).map { $0 != 4 && $0 != 15 })
    return try WeightedProposals(proposals, of: molecule, clip: clip, execution: .serial)
  }

  @Test func `weights are −U/kT − log q, and zero outside the support`() throws {
    let weighted = try weighted()
    let proposals = weighted.proposals
    #expect(
      weighted.energies
        == molecule.reducedEnergies(proposals.conformations.coordinates, execution: .serial))
    for index in 0..<proposals.count {
      let expected =
        proposals.isSupported[index]
        ? -weighted.energies[index] - proposals.logDensities[index] : -Double.infinity
      #expect(weighted.weights.values[index] == expected)
      #expect(
        proposals.supportedLogDensities[index]
          == (proposals.isSupported[index] ? proposals.logDensities[index] : .infinity))
    }
    #expect(weighted.weights.nonfiniteLogDensities == 2 && weighted.weights.nonfiniteEnergies == 0)
    let none = Proposals(
      conformations: proposals.conformations, logDensities: proposals.logDensities,
      isSupported: proposals.isSupported.map { _ in false })
    #expect(
      throws: EvaluationError.noUsableWeight(
        samples: 16, nonfiniteEnergies: 0, nonfiniteLogDensities: 16)
    ) { try WeightedProposals(none, of: molecule, clip: 0, execution: .serial) }
  }

  /// Writes and reads proposals, the table changed between.
  private func readBack(
    _ weighted: WeightedProposals, change: (inout [String]) -> Void = { _ in }
  ) throws -> Proposals {
    try withTemporaryFolder { folder in
      let (samples, table) = ("\(folder)/samples.nc", "\(folder)/weights.csv")
      try weighted.write(samples: samples, weights: table, system: molecule, context: context)
      var lines = try String(contentsOfFile: table, encoding: .utf8).split(separator: "\n")
        .map(String.init)
      change(&lines)
      try Data(lines.map { $0 + "\n" }.joined().utf8).write(to: URL(fileURLWithPath: table))
      do {
        return try WeightedProposals(
          samples: samples, weights: table, of: molecule, clip: 0.2, context: context
        ).proposals
      } catch RunError.badData(table, let problem) {
        throw RunError.badData(path: "weights.csv", problem: problem)
      }
    }
  }

  @Test func `proposals come back from their files to the last digit`() throws {
    let weighted = try weighted()
    let proposals = weighted.proposals
    var rows: [[String]] = []
    let found = try readBack(weighted) {
      rows = $0.map { $0.split(separator: ",").map(String.init) }
    }
    #expect(found.conformations == proposals.conformations.roundedToFile().trajectory)
    #expect(found.isSupported == proposals.isSupported)
    for index in 0..<16 where proposals.isSupported[index] {
      #expect(found.logDensities[index] == proposals.logDensities[index])
    }
    // The table says what was computed once.
    #expect(rows[0] == ["frame", "log_q", "reduced_energy", "log_weight"])
    #expect(rows.count == 17)
    for (index, row) in rows.dropFirst().enumerated() {
      #expect(row[0] == "\(index)")
      #expect((row[1] == "inf") == !proposals.isSupported[index])
      #expect(Double(row[2]) == weighted.energies[index])
      #expect(Double(row[3]) == weighted.weights.values[index])
    }
    // Weighing what was read gives the same weights again.
    let again = try WeightedProposals(found, of: molecule, clip: 0.2, execution: .serial)
    #expect(again.weights == weighted.weights && again.energies == weighted.energies)
  }

  @Test func `a field that is empty or no finite number is outside the support`() throws {
    let weighted = try weighted()
    for text in ["", "nan", "-inf", " "] {
      let found = try readBack(weighted) { lines in
        var fields = lines[1].split(separator: ",").map(String.init)
        fields[1] = text
        lines[1] = fields.joined(separator: ",")
      }
      #expect(!found.isSupported[0] && found.isSupported[1], "'\(text)'")
    }
  }

  @Test func `tables of older versions, with a column kept, are read`() throws {
    let weighted = try weighted()
    let found = try readBack(weighted) { lines in
      lines = lines.enumerated().map { $1 + ($0 == 0 ? ",kept" : ",\($0 % 2)") }
    }
    #expect(found.isSupported == weighted.proposals.isSupported)
  }

  @Test func `other programs' tables need log_q alone`() throws {
    let weighted = try weighted()
    let found = try readBack(weighted) { lines in
      lines = [" log_q "] + (0..<16).map { "\(Double($0) / 8)" }
    }
    #expect(found.logDensities == (0..<16).map { Double($0) / 8 })
    #expect(found.isSupported.allSatisfy { $0 })
  }

  @Test func `an index column before the named ones is no column of ours`() throws {
    let weighted = try weighted()
    let expected = try readBack(weighted)
    for name in [",", "Unnamed: 0,", "\"\",", ""] {
      let found = try readBack(weighted) { lines in
        lines = [name + lines[0]] + lines.dropFirst().enumerated().map { "\($0),\($1)" }
      }
      #expect(found.logDensities == expected.logDensities, "'\(name)'")
      #expect(found.isSupported == expected.isSupported, "'\(name)'")
    }
  }

  private static let columns = "frame,log_q,reduced_energy,log_weight"

  private static let damages: [(change: @Sendable (inout [String]) -> Void, problem: String)] = [
    ({ $0.removeLast() }, "has 15 rows for 16 frames; do the two files belong together?"),
    ({ $0.append("16,1,1,1") }, "has 17 rows for 16 frames; do the two files belong together?"),
    (
      { $0[0] = "frame,weight" },
      "line 1: has no column log_q; expected \(columns)"
    ),
    (
      { $0 = [] },
      "line 1: has no column log_q; expected \(columns)"
    ),
    ({ $0[5] = "4,1" }, "line 6: expected 4 fields, found 2"),
    ({ $0[5] = "4,x,1,1" }, "line 6: log_q is 'x', no number"),
    (
      { $0.swapAt(5, 6) },
      "line 6: frame is '5', expected 4: rows go in the order of the frames"
    ),
    (
      { $0[1] = "a,1,1,1" },
      "line 2: frame is 'a', expected 0: rows go in the order of the frames"
    ),
    // The first that is wrong is named: the header before its rows, the width before the fields, and
    // of these the frame, the ancestor, the density and the energy.
    ({ $0 = ["frame,weight", "a"] }, "line 1: has no column log_q; expected \(columns)"),
    ({ $0 = ["frame,log_q", "a"] }, "line 2: expected 2 fields, found 1"),
    (
      { $0 = ["ancestor,frame,log_q", "x,1,x"] },
      "line 2: frame is '1', expected 0: rows go in the order of the frames"
    ),
    ({ $0 = ["log_q,ancestor", "x,1.5"] }, "line 2: ancestor is '1.5', no whole number"),
    ({ $0 = ["reduced_energy,log_q", "x,y"] }, "line 2: log_q is 'y', no number"),
    ({ $0 = ["reduced_energy,log_q", "x,1"] }, "line 2: reduced_energy is 'x', no number"),
    // A column more than names, in rows and not in one row alone.
    ({ $0 = ["log_q", "0,x"] }, "line 2: log_q is 'x', no number"),
    ({ $0 = ["log_q", "1", "1,1"] }, "line 3: expected 1 fields, found 2"),
  ]

  @Test(arguments: 0..<damages.count)
  func `a table that does not belong to the samples is named with its line`(index: Int) throws {
    let damage = Self.damages[index]
    let weighted = try weighted()
    #expect(throws: RunError.badData(path: "weights.csv", problem: damage.problem)) {
      try readBack(weighted, change: damage.change)
    }
  }

  @Test func `the density of a proposal is that of its conformation`() throws {
    let model = try untrainedModel()
    let (flow, representation) = (model.flow, model.representation)
    var options = SamplingOptions()
    // The flow's own density is that of the prior of standard deviation 1. Few of an untrained
    // flow's torsions are all within a turn.
    (options.count, options.priorScale) = (1_000, 1)
    let proposals = try model.drawProposals(options, seed: 2, context: context)
    #expect(proposals.count == 1_000 && proposals.conformations.atoms == 33)
    let supported = (0..<1_000).filter { proposals.isSupported[$0] }
    #expect(supported.count > 8)

    // What was drawn, and what the conformations say: they are rounded to single precision.
    let drawn = flow.sample(
      1_000, seed: 2, weights: model.weights, execution: Execution(workers: 1)
    ).x
    let found = representation.tokens(
      from: proposals.conformations.coordinates, execution: .serial)
    let density = flow.logDensity(found, weights: model.weights, execution: .serial)
    let (before, after) = (
      representation.coordinates(from: drawn, execution: .serial),
      representation.coordinates(from: found, execution: .serial)
    )
    let size = flow.dimensions
    for frame in supported {
      let range = frame * size..<(frame + 1) * size
      var unused = [Float](repeating: 0, count: flow.layout.count)
      let gradient = flow.lossAndGradient(
        Array(found[range]), weights: model.weights, gradient: &unused
      ).inputGradient.map { Double($0) * Double(size) }
      // The change of the density to first order in what rounding did to the tokens; the second
      // order is a square of 1e-5.
      let moved = zip(gradient, range).reduce(0) {
        $0 + $1.0 * Double(found[$1.1] - drawn[$1.1])
      }
      let stretched = after.logJacobian[frame] - before.logJacobian[frame]
      let expected = density[frame] - after.logJacobian[frame] + moved + stretched
      // A term for each feature, of at most 10 nats, exact to four roundings of single precision.
      let tolerance = Double(size) * 10 * 4 * 0x1p-24
      #expect(abs(proposals.logDensities[frame] - expected) < tolerance)
    }
  }

  @Test func `draws are the same for any workers, more of them begin with the fewer`() throws {
    let model = try untrainedModel()
    var options = SamplingOptions()
    options.count = 12
    let few = try model.drawProposals(options, seed: 2, context: context)
    options.count = 20
    let log = CapturedLog()
    let more = try model.drawProposals(options, seed: 2, context: log.context(workers: 3))
    #expect(Array(more.logDensities.prefix(12)) == few.logDensities)
    #expect(
      Array(more.conformations.coordinates.prefix(12 * 99)) == few.conformations.coordinates)
    let other = try model.drawProposals(options, seed: 3, context: context)
    #expect(Set(other.logDensities).isDisjoint(with: more.logDensities))
    #expect(log.progress.last?.done == 20 && log.progress.allSatisfy { $0.work == "sampling" })
  }

  @Test func `limits of sampling are named`() {
    func problem(_ change: (inout SamplingOptions) -> Void) -> String? {
      var options = SamplingOptions()
      change(&options)
      do {
        try options.validate(source: "x")
        return nil
      } catch { return "\(error)" }
    }
    #expect(problem { _ in } == nil)
    #expect(problem { $0.count = 0 } == "x: sampling.count is 0, expected 1 to 1000000000000")
    for scale in [0.49, 2.01, .nan] {
      #expect(
        problem { $0.priorScale = scale }
          == "x: sampling.prior_scale is \(scale), expected 0.5 to 2")
    }
    #expect(throws: RunError.self) {
      try TrainedModel.checkMemory(conformations: 1 << 50, atoms: 33)
    }
    #expect(throws: Never.self) { try TrainedModel.checkMemory(conformations: 10_000, atoms: 33) }
  }
}

@Suite struct ComparisonTests {
  /// AL3 with atoms called X0, X1, …, as force-field generators name them.
  private func renamed(in folder: String) throws -> MolecularSystem {
    let original = try system("AL3")
    let text = try String(contentsOfFile: original.topologyPath, encoding: .utf8)
    let parts = text.components(separatedBy: "%FLAG ATOM_NAME")
    let rest = try #require(parts.last?.range(of: "%FLAG"))
    let names = (0..<33).map { "X\($0)".padding(toLength: 4, withPad: " ", startingAt: 0) }
    let lines = [names[..<20].joined(), names[20...].joined()].joined(separator: "\n")
    let made =
      parts[0] + "%FLAG ATOM_NAME\n%FORMAT(20a4)\n" + lines + "\n"
      + parts[1][rest.lowerBound...]
    try Data(made.utf8).write(to: URL(fileURLWithPath: "\(folder)/topology.prmtop"))
    return try MolecularSystem(
      descriptionPath: original.descriptionPath, topologyPath: "\(folder)/topology.prmtop")
  }

  @Test func `mirror images are wrong whatever their atoms are called`() throws {
    try withTemporaryFolder { folder in
      let molecule = try renamed(in: folder)
      let frames = try alanineFrames(0..<8)
      // Three frames of the reference are mirror images, the first among them; all proposals are.
      func mirrored(_ range: Range<Int>) -> Trajectory {
        let coordinates = frames.coordinates.enumerated().map { offset, x in
          offset % 3 == 0 && range.contains(offset / 99) ? -x : x
        }
        return Trajectory(atoms: 33, coordinates: coordinates)
      }
      let proposals = Proposals(
        conformations: mirrored(0..<8), logDensities: [Double](repeating: 0, count: 8),
        isSupported: [Bool](repeating: true, count: 8))
      let weighted = try WeightedProposals(proposals, of: molecule, clip: 0, execution: .serial)
      var options = EvaluationOptions()
      options.clippedFraction = 0
      let comparison = try Comparison(
        weighted, with: mirrored(0..<3), of: molecule, options: options, execution: .serial)
      #expect(comparison.result.correctChirality == 0)
      #expect(comparison.result.stereocentres.map(\.atom) == ["ALA1 X4", "ALA2 X14", "ALA3 X24"])
      #expect(comparison.result.stereocentres.allSatisfy { $0.reference == 0.625 })
      #expect(
        comparison.warnings.first
          == "the reference holds both mirror images of the stereocentre ALA1 X4: 62.50 % of its "
          + "frames have the one that samples are compared with")
      let log = CapturedLog()
      let report = comparison.report(
        of: molecule, options: options, reference: try InputFile(path: molecule.topologyPath),
        readAs: "../frames.nc", drawn: nil, context: log.context())
      #expect(
        log.messages.first?.hasPrefix("warning: ../frames.nc: the reference holds both ") == true)
      let table = report.table(of: molecule)
      #expect(table.contains("correct chirality 0.00 % (lowest at ALA1 X4, 0.00 %); "))
      #expect(
        table.contains(
          "\nCis amides: 0.00 % in the samples, 0.00 % reweighted, 0.00 % in the reference.\n"))
    }
  }

  /// The reference itself as proposals, of the Boltzmann distribution's density up to a constant.
  @Test func `a perfect sampler is perfect`() throws {
    let molecule = try system("AL3")
    let frames = try alanineFrames(0..<50)
    let energies = molecule.reducedEnergies(frames.coordinates, execution: .serial)
    let proposals = Proposals(
      conformations: frames, logDensities: energies.map { -$0 },
      isSupported: energies.map { _ in true })
    let weighted = try WeightedProposals(proposals, of: molecule, clip: 0, execution: .serial)
    #expect(weighted.weights.values == [Double](repeating: 0, count: 50))
    var options = EvaluationOptions()
    (options.resampling, options.clippedFraction, options.torusPoints) = (.systematic, 0, 50)
    let comparison = try Comparison(
      weighted, with: frames, of: molecule, options: options, execution: .serial)
    let result = comparison.result
    #expect(result.samples == 50 && result.reference == 50)
    #expect(result.energyW2 == 0 && result.energyW1 == 0 && result.energyW2Spread == 0)
    #expect(result.torusW2 == 0 && result.correctChirality == 1)
    #expect(result.stereocentres.map(\.atom) == ["ALA1 CA", "ALA2 CA", "ALA3 CA"])
    #expect(result.stereocentres.allSatisfy { $0.correct == 1 && !$0.isMixed })
    #expect(result.amides.map(\.bond) == ["ALA1 C–ALA2 N", "ALA2 C–ALA3 N"])
    #expect(result.amides.allSatisfy { $0.cis == 0 && $0.referenceCis == 0 })
    #expect(comparison.warnings.isEmpty)
    expectClose([result.effectiveSampleSize], [1], absolute: 50 * 0x1p-52)
    expectClose([result.meanReweightedEnergy], [result.meanReferenceEnergy], relative: 50 * 0x1p-52)
    #expect(comparison.histogram.reference == comparison.histogram.proposal)
    let report = EvaluationReport(
      result, options: options, program: "tarflow-mol 1",
      reference: try InputFile(path: molecule.referencePath), drawn: nil)

    try withTemporaryFolder { folder in
      let (figures, histogram) = ("\(folder)/evaluation.json", "\(folder)/histograms.csv")
      try comparison.write(
        report, to: EvaluationFiles(figures: figures, histogram: histogram))
      #expect(
        try JSONDecoder().decode(
          EvaluationReport.self, from: Data(contentsOf: URL(fileURLWithPath: figures))) == report)
      let read = try JSONDecoder().decode(
        EvaluationResult.self, from: Data(contentsOf: URL(fileURLWithPath: figures)))
      #expect(read == result)
      let text = try String(contentsOfFile: histogram, encoding: .utf8)
      #expect(text == comparison.histogram.csvText)
      #expect(text.hasPrefix(EnergyHistogram.columns.joined(separator: ",") + "\n"))
      #expect(text.split(separator: "\n").count == 101)
    }

    let table = report.table(of: molecule)
    #expect(table.hasPrefix("AL3, 310.0 K, 50 samples against 50 reference frames\n\n"))
    #expect(table.contains("this run") && table.contains("TarFlow + SMC (SBG), published ¹"))
    #expect(table.contains(/this run.* 50 +systematic, no clip +50\n/))
    #expect(table.contains(/FALCON, published ¹ .*0\.452².* 200000 +\? +10000\n/))
    #expect(table.contains("ESS is without a clip (the benchmark's rule clips 0.2 %)"))
    // All lines end at one place but those of the perfect sampler and the noise floor, which have
    // nothing in the last columns.
    let lines = table.split(separator: "\n").dropFirst().prefix(9)
    #expect(lines.filter { $0.count == lines.map(\.count).max() }.count == 7)
    #expect(lines.allSatisfy { $0.last != " " })
  }
}
