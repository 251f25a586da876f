import Evaluation
import Foundation
import Runs
import RunsTestSupport
import TestSupport
import Testing

@testable import Boltzmann

@Suite struct OutdatedFilesTests {
  private func made(_ names: [String], in folder: String) throws {
    for name in names { try Data("old".utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)")) }
  }

  private func found(in folder: String) throws -> Set<String> {
    Set(try FileManager.default.contentsOfDirectory(atPath: folder))
  }

  /// Writes an evaluation of proposals that a model drew.
  private func evaluation(_ name: String, ofModel model: String?, in folder: String) throws {
    let options = EvaluationOptions()
    let weights = try LogWeights(
      energies: [1, 2], logDensities: [0, 0], clippedFraction: options.clippedFraction)
    let input = EvaluationInput(energies: [1, 2], weights: weights, referenceEnergies: [1, 2])
    let report = EvaluationReport(
      try evaluate(input, options: options), options: options, program: "a test",
      reference: try InputFile(path: "\(folder)/weights.csv"),
      drawn: Draw(SamplingOptions(), seed: 1, program: "a test", model: model))
    try Data(try sealedJSONText(report).utf8)
      .write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
  }

  @Test func `evaluations of another model are outdated, whatever was drawn since`() throws {
    try withTemporaryFolder { path in
      let kept = ["weights.csv", "samples.nc", "costs.csv", "metrics.csv", "histograms-2.csv"]
      try made(kept + ["histograms.csv", "histograms-200000.csv"], in: path)
      try evaluation("evaluation.json", ofModel: "0000000a", in: path)
      try evaluation("evaluation-2.json", ofModel: "0000000b", in: path)
      try evaluation("evaluation-200000.json", ofModel: "0000000a", in: path)
      let run = RunFolder(path: path)
      let outdated = run.outdatedEvaluations(ofOthersThan: "0000000b", table: "new")
      #expect(
        outdated == [
          "evaluation-200000.json", "histograms-200000.csv", "evaluation.json", "histograms.csv",
        ])
      let log = CapturedLog()
      run.remove(evaluations: outdated, log: log.log)
      #expect(try found(in: path) == Set(kept + ["evaluation-2.json"]))
      #expect(log.messages.count == 1)
      run.remove(evaluations: [], log: log.log)
      #expect(log.messages.count == 1)
    }
  }

  @Test func `of evaluations that name no model the table of weights decides`() throws {
    try withTemporaryFolder { path in
      try made(["weights.csv", "evaluation-2.json", "histograms-2.csv"], in: path)
      try evaluation("evaluation.json", ofModel: nil, in: path)
      let run = RunFolder(path: path)
      #expect(run.outdatedEvaluations(ofOthersThan: "0000000b", table: "old") == [])
      #expect(
        run.outdatedEvaluations(ofOthersThan: "0000000b", table: "new")
          == ["evaluation-2.json", "histograms-2.csv", "evaluation.json"])
    }
  }

  @Test func `an evaluation is not of what another model drew`() throws {
    try withTemporaryFolder { path in
      try made(["weights.csv"], in: path)
      try evaluation("evaluation.json", ofModel: "0000000a", in: path)
      let report = try #require(
        readRecord(EvaluationReport.self, path: "\(path)/evaluation.json"))
      func draw(_ model: String?) -> Draw {
        Draw(SamplingOptions(), seed: 1, program: "a test", model: model)
      }
      #expect(report.isOf(draw("0000000a")) && report.isOf(draw(nil)))
      #expect(!report.isOf(draw("0000000b")))
    }
  }

  @Test func `tables of other targets go, and no others`() throws {
    try withTemporaryFolder { path in
      let kept = ["weights.csv", "weights.json", "weights.backup.csv", "other.AL3.310K.csv"]
      try made(kept + ["weights.AL3-obc2.310K.csv", "weights.AL3.312.5K.csv"], in: path)
      removeTablesOfTargets(beside: "\(path)/weights.csv")
      #expect(try found(in: path) == Set(kept))
    }
  }
}
