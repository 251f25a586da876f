import Foundation
import Runs
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

  @Test func `evaluations go when the weights are others`() throws {
    try withTemporaryFolder { path in
      let outdated = [
        "evaluation.json", "evaluation-2.json", "evaluation-200000.json", "histograms.csv",
        "histograms-2.csv",
      ]
      let kept = ["weights.csv", "samples.nc", "costs.csv", "metrics.csv"]
      try made(outdated + kept, in: path)
      let run = RunFolder(path: path)
      run.removeEvaluations(unlessWeightsAre: "old")
      #expect(try found(in: path) == Set(outdated + kept))
      run.removeEvaluations(unlessWeightsAre: "new")
      #expect(try found(in: path) == Set(kept))
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
