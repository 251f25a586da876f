import Boltzmann
import Foundation
import Runs
import TestSupport
import Testing

/// Trainings that get more steps, or begin with the weights of another one.
@Suite struct GoingOnTests {
  private let tiny: TinyRun

  init() throws { tiny = try TinyRun.shared() }

  private func steps(of run: URL) throws -> [Int] {
    try String(contentsOf: run.appending(path: "metrics.csv"), encoding: .utf8)
      .split(separator: "\n").dropFirst().compactMap {
        $0.split(separator: ",").first.flatMap { Int($0) }
      }
  }

  private func weights(of run: URL) throws -> [Float] {
    try TrainedModel(path: run.appending(path: "checkpoints/best.safetensors").path).weights
  }

  @Test func `a finished training gets more steps`() throws {
    let run = try tiny.copy()
    let further = ["evaluation-2.json", "histograms-2.csv"]
    func areThere() -> [Bool] {
      further.map { FileManager.default.fileExists(atPath: run.appending(path: $0).path) }
    }
    let before = try run.bytes("evaluation.json")
    #expect(try tarflowMol("evaluate", run.path, "--resample", "systematic").status == 0)
    #expect(areThere() == [true, true])
    let longer = try tarflowMol("train", "--resume", run.path, "--steps", "10")
    #expect(longer.status == 0)
    #expect(
      longer.errors.contains(
        "\(run.path): removed evaluation-2.json, histograms-2.csv, evaluation.json, "
          + "histograms.csv, which are of an older model\n"), "\(longer.errors)")
    #expect(areThere() == [false, false])
    #expect(try run.bytes("evaluation.json") != before)
    #expect(longer.errors.contains("resuming from step 6\n"))
    #expect(longer.output.contains("64 samples against 200 reference frames"))
    #expect(try steps(of: run) == [3, 6, 9, 10])
    let record = try MoleculeRecord.read(path: run.appending(path: "config.resolved.yaml").path)
    #expect(record.configuration.training.steps == 10)
    let refused = try Child(["train", "--resume", run.path, "--steps", "10"]).outcome()
    #expect(refused.status == 78)
    #expect(
      refused.errors == "Error: \(run.path): has done 10 steps; expected more than that\n")
  }

  @Test func `sampling before the end of the training says so`() throws {
    let run = try tiny.copy()
    try MoleculeRecord.changeSteps(of: RunFolder(existing: run.path), to: 9)
    let output = try temporaryFolder().path
    let drawn = try tarflowMol("sample", run.path, "-n", "8", "--output", output)
    #expect(
      drawn.errors.contains(
        "the training has done 6 of 9 steps; these are its best weights so far\n"))
  }

  @Test func `samples of other weights than the model's are not mixed with it`() throws {
    let run = try tiny.copy()
    let other = try temporaryFolder().appending(path: "other")
    #expect(try Child(tiny.arguments(output: other, "--seed", "2")).outcome().status == 0)
    func evaluate() throws -> (errors: String, heldOut: Any?) {
      let outcome = try tarflowMol("evaluate", run.path, "--json")
      #expect(outcome.status == 0, "\(outcome.errors)")
      let figures = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
      return (outcome.errors, (figures as? [String: Any])?["held_out"])
    }
    let mixed = "was drawn with other weights than the model has now"
    let own = try evaluate()
    #expect(own.heldOut is [String: Any] && !own.errors.contains(mixed), "\(own.errors)")
    let model = "checkpoints/best.safetensors"
    try other.bytes(model).write(to: run.appending(path: model))
    let found = try evaluate()
    #expect(found.heldOut is NSNull && found.errors.contains(mixed), "\(found.errors)")
    let page = try String(contentsOf: run.appending(path: "report.html"), encoding: .utf8)
    #expect(!page.contains("Log-determinant of each block"))
    let refused = try tarflowMol(
      "reweight", run.path, "--temperature", "311", "--frames", tiny.training.path)
    #expect(refused.status == 65 && refused.errorLines.count == 1)
    #expect(refused.errors.contains("was drawn from another model than \(run.path)/\(model)"))
  }

  @Test func `a training begins with the weights of another run`() throws {
    let run = try temporaryFolder().appending(path: "run")
    let begun = try Child([
      "train", "AL3", "--systems", systemsFolder.path, "--training", tiny.training.path,
      "--reference", tiny.reference.path, "--output", run.path, "--from", tiny.complete.path,
      "--set", "training.steps=1", "--set", "training.learning_rate=1e-30", "--set",
      "training.weight_decay=0", "--set", "training.batch=32", "--set", "sampling.count=16",
      "--set", "evaluation.torus_points=16",
    ]).outcome()
    #expect(begun.status == 0, "\(begun.errors)")
    // But for the rounding of their average.
    expectClose(
      try weights(of: run).map(Double.init), try weights(of: tiny.complete).map(Double.init),
      absolute: 1e-6)
    let record = try MoleculeRecord.read(path: run.appending(path: "config.resolved.yaml").path)
    #expect(record.configuration.flow.width == 32)
    #expect(
      record.initial?.path.hasSuffix("complete/checkpoints/best.safetensors") == true)
  }

  @Test func `another network or molecule is refused`() throws {
    let arguments = [
      "--training", tiny.training.path, "--systems", systemsFolder.path, "--from",
      tiny.complete.path,
    ]
    let wider = try Child(["train", "AL3"] + arguments + ["--set", "flow.width=64"]).outcome()
    #expect(wider.status == 78)
    #expect(wider.errors.contains("its network is not that of "))
    let other = try Child(["train", "AL2"] + arguments).outcome()
    #expect(other.status == 65)
    #expect(other.errors.contains("is a model of another molecule than AL2"))
    let absent = try Child(
      ["train", "AL3", "--systems", systemsFolder.path, "--from", "nothing"]
    ).outcome()
    #expect(absent.status == 66)
    #expect(absent.errors.contains("name a run that has a checkpoint"))
  }

  @Test func `a record is a configuration that repeats the run`() throws {
    let run = try temporaryFolder().appending(path: "run")
    let again = try Child([
      "train", "AL3", "--systems", systemsFolder.path, "--training", tiny.training.path,
      "--reference", tiny.reference.path, "--output", run.path, "--config",
      "\(tiny.complete.path)/config.resolved.yaml",
    ]).outcome()
    #expect(again.status == 0, "\(again.errors)")
    #expect(try weights(of: run) == weights(of: tiny.complete))
  }
}
