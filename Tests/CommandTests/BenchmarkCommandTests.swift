import Foundation
import TestSupport
import Testing

@Suite struct BenchmarkCommandTests {
  private func files(in folder: URL) throws -> [String: Data] {
    // Folders and locks have no suffix.
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
      .filter { !URL(fileURLWithPath: $0).pathExtension.isEmpty }
    return try Dictionary(uniqueKeysWithValues: names.map { ($0, try folder.bytes($0)) })
  }

  @Test func `a benchmark goes on after a stop, and does nothing when it is complete`() throws {
    let (system, output) = (try tinySystem(), try temporaryFolder().appending(path: "out"))
    let arguments =
      ["benchmark", system.path, "--seeds", "2", "--proposals", "600", "--output", output.path]
      + TinyRun.settings + ["--set", "evaluation.count=64"]
    let stopped = try Child(arguments + ["--max-hours", "0.00001"]).outcome()
    #expect(stopped.status == 75 && stopped.output.isEmpty, "\(stopped.errors)")
    #expect(
      stopped.errors.contains(
        "continue with: tarflow-mol benchmark \(system.path), with the same options"))
    let complete = try Child(arguments).outcome()
    #expect(complete.status == 0, "\(complete.errors)")
    #expect(complete.errors.contains("resuming from step 1\n"))
    let found = try files(in: output)
    for seed in 1...2 {
      for name in [
        "config.resolved.yaml", "metrics.csv", "samples.nc", "weights.csv", "evaluation.json",
        "evaluation-600.json", "histograms-600.csv", "checkpoints/best.safetensors",
      ] { #expect(found["AL3-own-\(seed)/\(name)"] != nil, "no \(name) of seed \(seed)") }
    }
    let rows = try #require(found["benchmark.csv"].map { String(decoding: $0, as: UTF8.self) })
      .split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    #expect(rows[0].prefix(4) == ["system", "seed", "proposals", "energy_w2_kT"])
    #expect(
      rows.dropFirst().map { $0.prefix(3).joined(separator: " ") } == [
        "AL3 1 64", "AL3 1 600", "AL3 2 64", "AL3 2 600",
      ])
    for row in rows.dropFirst() {
      #expect(row.count == rows[0].count)
      #expect(Double(row[3]).map { $0.isFinite && $0 > 0 } == true)
    }
    // Another seed is another run.
    #expect(rows[1][3] != rows[3][3])
    #expect(complete.output.hasPrefix("| AL3 | proposals | rule |"))
    for budget in [64, 600] {
      #expect(complete.output.contains("| **tarflow-mol**, 2 seeds | \(budget) | multinomial"))
    }
    let again = try Child(arguments).outcome()
    #expect(again.status == 0 && again.output == complete.output)
    #expect(!again.errors.contains("run folder"), "\(again.errors)")
    #expect(try files(in: output) == found)
    let mixed = try Child(arguments + ["--mixture"]).outcome()
    #expect(mixed.status == 0, "\(mixed.errors)")
    for budget in [64, 600] {
      #expect(mixed.output.contains("| **tarflow-mol**, a mixture of them | \(budget) | multinom"))
    }
    let (model, more) = ("AL3-own-mixture-2.safetensors", try files(in: output))
    #expect(more[model] != nil && more["AL3-own-mixture-2-600.json"] != nil)
    #expect(
      String(decoding: more["benchmark.csv"] ?? Data(), as: UTF8.self).contains("AL3,mixture,600,"))
    let read = try Child(arguments + ["--mixture"]).outcome()
    #expect(read.output == mixed.output && !read.errors.contains(model))
    // Figures are of the flows that the runs have: here of longer trainings, which were stopped.
    for seed in 1...2 {
      let longer = try Child([
        "train", "--resume", "\(output.path)/AL3-own-\(seed)", "--steps", "10", "--max-hours",
        "0.00001",
      ]).outcome()
      #expect(longer.status == 75, "\(longer.errors)")
    }
    let remixed = try Child(arguments + ["--mixture", "--set", "training.steps=10"]).outcome()
    #expect(remixed.status == 0 && remixed.errors.contains(model), "\(remixed.errors)")
    for name in [
      "AL3-own-1/evaluation-600.json", "AL3-own-1/samples.nc", "AL3-own-mixture-2-600.json",
    ] {
      let (now, then) = (try output.bytes(name), try #require(more[name]))
      #expect(now != then, "\(name)")
    }
    let changed = try Child(arguments + ["--set", "training.learning_rate=0.5"]).outcome()
    #expect(changed.status == 78)
    #expect(
      changed.errors.hasSuffix(
        "AL3-own-1: was begun with other settings; repeat those, or choose another folder\n"),
      "\(changed.errors)")
  }

  @Test(arguments: [
    (["--set", "representation=cartesian", "--set", "flow.periodic=false"], "Cartesian ones"),
    (["--set", "sampling.precision=bf16"], "needs sampling.precision=fp32, not bf16"),
    (["--seeds", "65"], "takes 2 to 64 seeds, not 65"),
  ])
  func `what cannot be mixed is refused before a training`(
    settings: [String], problem: String
  ) throws {
    let (system, output) = (try tinySystem(), try temporaryFolder().appending(path: "out"))
    let outcome = try Child(
      ["benchmark", system.path, "--mixture", "--output", output.path] + settings
    ).outcome()
    #expect(outcome.status == 78 && outcome.errors.contains(problem), "\(outcome.errors)")
    #expect(!FileManager.default.fileExists(atPath: output.path))
  }

  @Test func `a signal during an evaluation ends a benchmark, which goes on`() throws {
    let (system, output) = (try tinySystem(), try temporaryFolder().appending(path: "out"))
    let arguments =
      ["benchmark", system.path, "--seeds", "1", "--output", output.path] + TinyRun.settings
    let child = try Child(arguments + ["--proposals", "300000"])
    let run = output.appending(path: "AL3-own-1")
    try child.wait(for: run.appending(path: "evaluation.json"))
    child.signal(SIGTERM)
    let stopped = try child.outcome()
    #expect(stopped.status == 75, "\(stopped.errors)")
    #expect(
      stopped.errors.contains(
        "stopped after the training (a signal); continue with: tarflow-mol benchmark "
          + "\(system.path), with the same options"), "\(stopped.errors)")
    let complete = try Child(arguments + ["--proposals", "100"]).outcome()
    #expect(complete.status == 0, "\(complete.errors)")
  }

  @Test func `a benchmark follows a recipe and compares with test frames`() throws {
    let system = try tinySystem(recipes: ["short": "settings: {training: {steps: 3}}\n"])
    let output = try temporaryFolder().appending(path: "out")
    let settings = TinyRun.settings.filter { $0 != "--set" && !$0.contains("training.steps") }
    let tests = try temporaryFolder()
    try FileManager.default.copyItem(
      at: try file(of: try alanineFrames(500..<650)), to: tests.appending(path: "AL3_test.nc"))
    let arguments =
      [
        "benchmark", system.path, "--seeds", "1", "--proposals", "100", "--output", output.path,
        "--recipe", "short", "--tests", tests.path,
      ] + settings.flatMap { ["--set", $0] }
    let outcome = try Child(arguments).outcome()
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("| **tarflow-mol**, 1 seed | 100 | multinomial"))
    let run = output.appending(path: "AL3-short-1")
    #expect(
      FileManager.default.fileExists(atPath: run.path + "/checkpoints/step-3.safetensors"))
    func reference(_ name: String) throws -> Int? {
      let object = try JSONSerialization.jsonObject(with: run.bytes(name)) as? [String: Any]
      return object?["reference"] as? Int
    }
    #expect(try reference("evaluation.json") == 200)
    #expect(try reference("evaluation-100.json") == 150)
    try FileManager.default.removeItem(at: tests.appending(path: "AL3_test.nc"))
    try FileManager.default.copyItem(
      at: try file(of: try alanineFrames(500..<640)), to: tests.appending(path: "AL3_test.nc"))
    let other = try Child(arguments).outcome()
    #expect(other.status == 78)
    #expect(
      other.errors.contains("evaluation-100.json: compares with ")
        && other.errors.hasSuffix("AL3_test.nc holds now; remove it, or choose another folder\n"),
      "\(other.errors)")
    // Without --tests it is the run's own reference that counts.
    let own = try Child(arguments.filter { $0 != "--tests" && $0 != tests.path }).outcome()
    #expect(own.status == 78)
    #expect(own.errors.contains("AL3/reference.nc; remove it"), "\(own.errors)")
  }
}
