import Foundation
import TestSupport
import Testing

/// `analyze`, and `reweight` for another target, as a user calls them.
@Suite struct AnalyzeCommandTests {
  private let tiny: TinyRun

  init() throws { tiny = try TinyRun.shared() }

  private func object(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  private func text(_ text: String, _ name: String) throws -> String {
    let path = try temporaryFolder().appending(path: name)
    try Data(text.utf8).write(to: path)
    return path.path
  }

  @Test func `a run is analyzed beside its reference, with states of the user`() throws {
    let states = try text("states:\n  wide: phi 2 in [-180, 0) and rg > 0.1\n", "states.yaml")
    let surfaces = try temporaryFolder().appending(path: "surfaces").path
    let arguments = [
      "analyze", tiny.complete.path, "--states", states, "--between", " beta ALA2 , wide ",
      "--surfaces", surfaces, "--surface", "rg, phi 2",
    ]
    let shown = try Child(arguments).outcome()
    #expect(shown.status == 0, "\(shown.errors)")
    #expect(shown.output.contains("AL3, 310.0 K: 64 proposals"))
    #expect(shown.output.contains("reference: 200 frames of 1 chain"))
    #expect(shown.output.contains("wide") && shown.output.contains("left ALA3"))
    let files = try FileManager.default.contentsOfDirectory(atPath: surfaces).sorted()
    #expect(
      files == [
        "phi_2-psi_2.csv", "phi_2.csv", "phi_3.csv", "psi_1.csv", "psi_2.csv", "rg-phi_2.csv",
      ])
    let plane = try String(contentsOfFile: "\(surfaces)/rg-phi_2.csv", encoding: .utf8)
    #expect(plane.hasPrefix("rg_low,rg_high,phi_2_low,phi_2_high,population,"))
    #expect(plane.split(separator: "\n").count == 1 + 36 * 36)
    let again = try Child(arguments).outcome()
    #expect(again.status == 73)
    let json = try object(
      try tarflowMol("analyze", tiny.complete.path, "--json", "--smooth-weights").output)
    #expect((json["states"] as? [Any])?.count == 7)
    #expect(json["temperature_K"] as? Double == 310)
  }

  @Test func `a trajectory needs its system, and has errors from its order`() throws {
    let outcome = try tarflowMol(
      "analyze", tiny.training.path, "--system", "AL3", "--systems", systemsFolder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("300 frames of 1 chain"))
    #expect(!outcome.output.contains("reference"))
    #expect(try Child(["analyze", tiny.training.path]).outcome().status == 64)
  }

  @Test func `weights of something that has its own, or none, are 64`() throws {
    let run = tiny.complete.path
    let outcome = try tarflowMol("analyze", run, "--weights", "nowhere.csv")
    #expect(outcome.status == 64 && outcome.output.isEmpty)
    #expect(
      outcome.errors.contains("--weights are those of a file of samples, which \(run) is not"))
    let smoothed = try tarflowMol(
      "analyze", tiny.training.path, "--system", "AL3", "--systems", systemsFolder.path,
      "--smooth-weights")
    #expect(smoothed.status == 64 && smoothed.errors.contains("--smooth-weights is for proposals"))
    let own = try tarflowMol("analyze", run, "--weights", "\(run)/weights.csv")
    let plain = try tarflowMol("analyze", run)
    #expect(own.status == 0 && own.output == plain.output, "\(own.errors)")
  }

  @Test func `a reference that is gone is a warning`() throws {
    let reference = try temporaryFolder().appending(path: "reference.nc")
    try FileManager.default.copyItem(at: tiny.reference, to: reference)
    let run = try temporaryFolder().appending(path: "run")
    let arguments = tiny.arguments(output: run).map {
      $0 == tiny.reference.path ? reference.path : $0
    }
    let made = try Child(arguments).outcome()
    #expect(made.status == 0, "\(made.errors)")
    try FileManager.default.removeItem(at: reference)
    let gone = "\(reference.path) is gone: the results are without a reference"
    let analyzed = try tarflowMol("analyze", run.path)
    #expect(analyzed.status == 0 && analyzed.errors.contains(gone), "\(analyzed.errors)")
    #expect(!analyzed.output.contains("reference:"))
    // Weights alone need none.
    let weighed = try tarflowMol("reweight", run.path, "--temperature", "312")
    #expect(weighed.status == 0 && !weighed.errors.contains("is gone"), "\(weighed.errors)")
    let bridged = try tarflowMol(
      "reweight", run.path, "--temperature", "311", "--frames", tiny.training.path)
    #expect(bridged.status == 0 && bridged.errors.contains(gone), "\(bridged.errors)")
  }

  @Test(arguments: [
    ("left: phi 9 in [0, 180)", "state 'left': there is no residue 9, only 1 to 3"),
    ("left: phi 2 in [180, 0)", "the interval [180, 0) goes the wrong way round"),
    ("left:", "state 'left': is empty"),
    ("x: distance 1:CX 2:CA < 1", "ALA1 has no atom 'CX'"),
  ])
  func `a state that cannot be meant is 78 and one line`(line: String, problem: String) throws {
    let states = try text("states:\n  \(line)\n", "states.yaml")
    let outcome = try tarflowMol("analyze", tiny.complete.path, "--states", states)
    #expect(outcome.status == 78 && outcome.output.isEmpty)
    #expect(outcome.errorLines.count == 1 && outcome.errors.contains(problem), "\(outcome.errors)")
  }

  @Test func `weights for another temperature leave the run's alone`() throws {
    let run = try tiny.copy()
    let before = try Data(contentsOf: run.appending(path: "weights.csv"))
    let outcome = try tarflowMol("reweight", run.path, "--temperature", "312")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("The new weights are in \(run.path)/weights.AL3.312K.csv"))
    #expect(outcome.output.contains("AL3, 312.0 K"))
    #expect(try Data(contentsOf: run.appending(path: "weights.csv")) == before)
    #expect(try tarflowMol("reweight", run.path, "--temperature", "312").status == 73)
    let json = try object(
      try tarflowMol("reweight", run.path, "--temperature", "312", "--overwrite", "--json").output)
    #expect(json["verdict"] is String && json["free_energy_weights"] is [String: Any])
    let analyzed = try tarflowMol("analyze", run.path, "--temperature", "312")
    #expect(analyzed.status == 0 && analyzed.output.contains("AL3, 312.0 K"), "\(analyzed.errors)")
    #expect(try tarflowMol("analyze", run.path, "--temperature", "0").status == 64)
    // The table is of the old samples.
    let table = run.appending(path: "weights.AL3.312K.csv").path
    #expect(FileManager.default.fileExists(atPath: table))
    #expect(try tarflowMol("sample", run.path, "-n", "8", "--overwrite").status == 0)
    #expect(!FileManager.default.fileExists(atPath: table))
  }

  @Test func `frames of the target give BAR and MBAR from the run's own flow`() throws {
    let run = try tiny.copy()
    let outcome = try tarflowMol(
      "reweight", run.path, "--temperature", "311", "--frames", tiny.training.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("MBAR") && outcome.output.contains("BAR"))
  }

  @Test func `a target of another molecule is 65, and options without a target are 64`() throws {
    let run = try tiny.copy()
    let outcome = try tarflowMol(
      "reweight", run.path, "--to", "AL2", "--systems", systemsFolder.path)
    #expect(outcome.status == 65 && outcome.errorLines.count == 1)
    #expect(outcome.errors.contains("is of another molecule than \(run.path): 22 atoms, not 33"))
    for more in [
      [run.path], ["--frames", "x.nc"], ["--temperature", "0"],
      ["--temperature", "312", "--clip", "0.1"],
    ] {
      #expect(try Child(["reweight", run.path] + more).outcome().status == 64, "\(more)")
    }
    #expect(try tarflowMol("reweight", run.path, "--temperature", "310").status == 78)
  }
}
