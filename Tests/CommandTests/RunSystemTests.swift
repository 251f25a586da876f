import Foundation
import TestSupport
import Testing

/// Runs that are read with another system than their own, or whose trajectories are elsewhere.
@Suite struct RunSystemTests {
  private let tiny: TinyRun

  init() throws { tiny = try TinyRun.shared() }

  private func commands(_ run: URL) throws -> [[String]] {
    let folder = try temporaryFolder().path
    return [
      ["sample", run.path, "-n", "8", "--output", "\(folder)/drawn"], ["reweight", run.path],
      ["evaluate", run.path], ["export", run.path],
      ["export", run.path, "--to", "\(folder)/exported"], ["report", run.path],
      ["analyze", run.path],
    ]
  }

  /// A run that has lost its system and its trajectories.
  private func lostRun() throws -> URL {
    let run = try tiny.copy()
    let record = run.appending(path: "config.resolved.yaml")
    try edit(record, replacing: systemsFolder.appending(path: "AL3").path, with: "/gone/AL3")
    try FileManager.default.removeItem(at: run.appending(path: "system"))
    return run
  }

  @Test func `a run without its system is read with that of --system or --systems`() throws {
    let run = try lostRun()
    for command in try commands(run) {
      let lost = try Child(command, folder: URL(fileURLWithPath: "/")).outcome()
      #expect(lost.status == 66, "\(command): \(lost.errors)")
    }
    for option in [
      ["--system", systemsFolder.appending(path: "AL3").path], ["--systems", systemsFolder.path],
    ] {
      for command in try commands(run) {
        let found = try Child(command + option, folder: URL(fileURLWithPath: "/")).outcome()
        #expect(found.status == 0, "\(command + option): \(found.errors)")
        #expect(!found.errors.contains("another energy"), "\(found.errors)")
      }
    }
    #expect(try run.bytes("weights.csv") == tiny.complete.bytes("weights.csv"))
  }

  @Test func `a folder of systems replaces the system of a run where it has its name`() throws {
    let run = try tiny.copy()
    let warmer = try alanineSystem()
    try edit(
      warmer.appending(path: "system.yaml"), replacing: "temperature: 310 ",
      with: "temperature: 320 ")
    let said = "is read with another energy than it was made for: temperature_K is 320.0, not 310.0"
    let folder = warmer.deletingLastPathComponent()
    let weighed = ["reweight", run.path, "--temperature", "330"]
    for command in try commands(run) + [weighed] {
      let found = try Child(command + ["--systems", folder.path]).outcome()
      #expect(found.status == 0, "\(command): \(found.errors)")
      #expect(found.errors.contains(said), "\(command): \(found.errors)")
    }
    #expect(try run.bytes("weights.csv") != tiny.complete.bytes("weights.csv"))
    // One that holds others leaves the run its own.
    let others = try temporaryFolder()
    try FileManager.default.copyItem(at: warmer, to: others.appending(path: "other"))
    let own = try tiny.copy()
    for command in try commands(own) {
      let found = try Child(command + ["--systems", others.path]).outcome()
      #expect(found.status == 0, "\(command): \(found.errors)")
      #expect(!found.errors.contains("another energy"), "\(found.errors)")
    }
    let nowhere = try tarflowMol("evaluate", own.path, "--systems", "nowhere")
    #expect(nowhere.status == 66 && nowhere.errors.contains("nowhere: no such folder of systems"))
  }

  @Test func `figures of another energy stand beside the run's own, in files and pages`() throws {
    let run = try tiny.copy()
    let other = try alanineSystem()
    try edit(
      other.appending(path: "system.yaml"), replacing: "model: obc1 ", with: "model: obc2 ")
    func page(_ options: String...) throws -> String {
      let outcome = try Child(["report", run.path] + options).outcome()
      #expect(outcome.status == 0, "\(outcome.errors)")
      return try String(contentsOf: run.appending(path: "report.html"), encoding: .utf8)
    }
    let (own, before) = (try run.bytes("evaluation.json"), try page())
    #expect(before.contains("Benchmark figures"))
    #expect(try !page("--system", other.path).contains("Benchmark figures"))
    let found = try tarflowMol("evaluate", run.path, "--system", other.path, "--json")
    #expect(found.status == 0, "\(found.errors)")
    #expect(try run.bytes("evaluation.json") == own)
    #expect(try run.bytes("evaluation-2.json") == Data(found.output.utf8))
    #expect(found.output.contains("obc2"))
    #expect(try page("--system", other.path).contains("Benchmark figures"))
    #expect(try page() == before)
    #expect(try tarflowMol("evaluate", run.path).status == 0)
    #expect(try run.bytes("evaluation.json") == own)
  }

  @Test func `another molecule is refused, another energy is said`() throws {
    let run = try tiny.copy()
    let other = systemsFolder.appending(path: "AL2").path
    for command in try commands(run) {
      let refused = try Child(command + ["--system", other]).outcome()
      #expect(refused.status == 65, "\(command): \(refused.errors)")
      #expect(
        refused.errors.contains(
          "is of another molecule than \(run.path): 22 atoms, not 33; name a system of the same"),
        "\(refused.errors)")
    }
    let warmer = try alanineSystem()
    try edit(
      warmer.appending(path: "system.yaml"), replacing: "temperature: 310 ",
      with: "temperature: 320 ")
    let said = try tarflowMol("reweight", run.path, "--system", warmer.path)
    #expect(said.status == 0)
    #expect(
      said.errors.contains(
        "is read with another energy than it was made for: temperature_K is 320.0, not 310.0"),
      "\(said.errors)")
    #expect(try run.bytes("weights.csv") != tiny.complete.bytes("weights.csv"))
  }

  @Test func `a run that goes on says which trajectory it misses, and takes it from elsewhere`()
    throws
  {
    let run = try tiny.copy()
    let record = run.appending(path: "config.resolved.yaml")
    try edit(record, replacing: tiny.training.path, with: "/gone/train.nc")
    try edit(record, replacing: tiny.reference.path, with: "/gone/reference.nc")
    let lost = try tarflowMol("train", "--resume", run.path)
    #expect(lost.status == 66)
    #expect(lost.errorLines.count == 1)
    #expect(
      lost.errors.contains("/gone/train.nc: no such training trajectory of the run; train.nc had ")
        && lost.errors.contains(" bytes and fnv1a ")
        && lost.errors.contains("give it by --training FILE, or copy it into \(run.path)"),
      "\(lost.errors)")
    let next = try tarflowMol("train", "--resume", run.path, "--training", tiny.training.path)
    #expect(next.status == 66)
    #expect(next.errors.contains("give it by --reference FILE"), "\(next.errors)")
    let wrong = try tarflowMol("train", "--resume", run.path, "--training", tiny.reference.path)
    #expect(wrong.status == 65)
    #expect(wrong.errors.contains("is another file than train.nc, which the run began with"))
    let found = try tarflowMol(
      "train", "--resume", run.path, "--training", tiny.training.path, "--reference",
      tiny.reference.path)
    #expect(found.status == 0, "\(found.errors)")
    // The record knows the new places.
    #expect(try tarflowMol("train", "--resume", run.path, "--steps", "8").status == 0)
  }

  @Test func `a model's file is sampled with the system that is named`() throws {
    let model = tiny.complete.appending(path: "checkpoints/best.safetensors").path
    let folder = try temporaryFolder().path
    let without = try tarflowMol("sample", model)
    #expect(without.status == 64)
    #expect(without.errors.contains("does not say of which system it is; add --system"))
    let drawn = try tarflowMol(
      "sample", model, "--system", "AL3", "--systems", systemsFolder.path, "--count", "8",
      "--output", "\(folder)/drawn")
    #expect(drawn.status == 0, "\(drawn.errors)")
    let other = try tarflowMol(
      "sample", model, "--system", "AL2", "--systems", systemsFolder.path, "--output",
      "\(folder)/other")
    #expect(other.status == 65)
    #expect(other.errors.contains("is a model of another molecule than AL2"))
    #expect(!FileManager.default.fileExists(atPath: "\(folder)/other"))
  }
}
