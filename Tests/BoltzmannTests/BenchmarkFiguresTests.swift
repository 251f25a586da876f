import Evaluation
import Foundation
import Kernels
import Molecules
import Reporting
import Runs
import TestSupport
import Testing
import Trajectories

@testable import Boltzmann

@Suite struct BenchmarkFiguresTests {
  private let molecule: MolecularSystem
  private let result: EvaluationResult
  private let reference: InputFile

  init() throws {
    molecule = try system("AL3")
    reference = try InputFile(path: molecule.referencePath)
    let proposals = Proposals(
      conformations: try alanineFrames(0..<30), logDensities: [Double](repeating: 0, count: 30),
      isSupported: [Bool](repeating: true, count: 30))
    let options = EvaluationOptions()
    let weighted = try WeightedProposals(
      proposals, of: molecule, clip: options.clippedFraction, execution: .serial)
    result = try Comparison(
      weighted, with: try alanineFrames(30..<50), of: molecule, options: options,
      referenceLogDensities: (0..<20).map { Double($0 % 3) }, execution: .serial
    ).result
  }

  /// A report of a seed, with E-W2 as given for each number of proposals.
  private func report(
    seed: UInt64, _ figures: [(proposals: Int, energyW2: Double)], torusW2: Double? = 0.5
  ) throws -> EvaluationReport {
    var result = result
    result.budgets = figures.map { figure in
      var budget = result.budgets[0]
      (budget.proposals, budget.energyW2, budget.energyW2Floor) = (
        figure.proposals, figure.energyW2, 0.125
      )
      (budget.effectiveSampleSize, budget.cappedEffectiveSampleSize) = (0.25, 0.375)
      (budget.rawEffectiveSampleSize, budget.largestWeightShare) = (0.0625, 0.75)
      (budget.torusW2, budget.paretoShape) = (torusW2, nil)
      return budget
    }
    return EvaluationReport(
      result, options: EvaluationOptions(), program: "test", reference: reference,
      drawn: Draw(SamplingOptions(), seed: seed, program: "test"))
  }

  @Test func `several values are a mean and a standard deviation, one is itself`() {
    #expect(spreadText([]) == "–" && spreadText([0.25]) == "0.250")
    #expect(spreadText([0.2, 0.4]) == "0.300 ± 0.141")
    #expect(spreadText([1, 2, 3, 4]) == "2.500 ± 1.291")
  }

  @Test func `there is a row for each seed and budget`() throws {
    let figures = BenchmarkFigures(
      system: molecule.description,
      reports: [
        try report(seed: 1, [(100, 0.2), (600, 0.3)]),
        try report(seed: 2, [(100, 0.4), (600, 0.5)], torusW2: nil),
      ], mixture: try report(seed: 1, [(100, 0.1)]))
    let heldOut = try #require(result.heldOut)
    let last = [heldOut.evidenceUpperBound, heldOut.forwardSampleSize].map { $0.fixed(6) }
    let shares = ["0.125000", "0.250000", "0.375000", "0.062500", "0.750000", ""]
    #expect(
      figures.rows == [
        ["AL3", "1", "100", "0.200000"] + shares + ["0.500000"] + last,
        ["AL3", "1", "600", "0.300000"] + shares + ["0.500000"] + last,
        ["AL3", "2", "100", "0.400000"] + shares + [""] + last,
        ["AL3", "2", "600", "0.500000"] + shares + [""] + last,
        ["AL3", "mixture", "100", "0.100000"] + shares + ["0.500000"] + last,
      ])
    #expect(figures.rows.allSatisfy { $0.count == BenchmarkFigures.columns.count })
  }

  @Test func `the table has means over the seeds, then what is published`() throws {
    let figures = BenchmarkFigures(
      system: molecule.description,
      reports: [
        try report(seed: 1, [(100, 0.2), (600, 0.3)]), try report(seed: 2, [(100, 0.4)]),
      ], mixture: try report(seed: 1, [(100, 0.1)]))
    let lines = figures.markdown.split(separator: "\n").map(String.init)
    let rest = "0.125 ± 0.000 | 0.250 ± 0.000 | 0.375 ± 0.000 | 0.062 ± 0.000 | 0.500 ± 0.000 |"
    #expect(lines[0].hasPrefix("| AL3 | proposals | rule | E-W2, kT | floor | ESS |"))
    #expect(
      lines[2] == "| **tarflow-mol**, 2 seeds | 100 | multinomial, clip 0.2 % | 0.300 ± 0.141 | "
        + rest)
    #expect(
      lines[3] == "| **tarflow-mol**, 1 seed | 600 | multinomial, clip 0.2 % | 0.300 | 0.125 | "
        + "0.250 | 0.375 | 0.062 | 0.500 |")
    #expect(
      lines[4] == "| **tarflow-mol**, a mixture of them | 100 | multinomial, clip 0.2 % | 0.100 | "
        + "0.125 | 0.250 | 0.375 | 0.062 | 0.500 |")
    #expect(
      lines.contains(
        "| TarFlow + SNIS (SBG) | 10000 | multinomial, clip 0.2 % | 0.758 | – | 0.052 | – | – | "
          + "0.502 |"))
    #expect(lines.contains("| ECNF++ | ? | ? | 2.206 | – | 0.003 | – | – | 0.962 |"))
    #expect(lines.count == 5 + (molecule.description.published ?? []).count)
    #expect(lines.allSatisfy { $0.count { $0 == "|" } == 10 })
  }
}
