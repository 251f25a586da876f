import Boltzmann
import Foundation
import TestSupport
import Testing
import Trajectories

/// What the commands do with a complete run.
@Suite struct RunCommandTests {
  private let tiny: TinyRun

  init() throws { tiny = try TinyRun.shared() }

  private func table(_ text: String) -> [[String]] {
    text.split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
  }

  private func object(_ text: String) throws -> [String: Any] {
    let parsed = try JSONSerialization.jsonObject(with: Data(text.utf8))
    return try #require(parsed as? [String: Any])
  }

  @Test func `a run folder holds what it should, and the table what is published`() throws {
    let names = try FileManager.default.subpathsOfDirectory(atPath: tiny.complete.path).sorted()
    #expect(
      names == [
        "checkpoints", "checkpoints/best.safetensors", "checkpoints/step-4.safetensors",
        "checkpoints/step-6.safetensors", "config.resolved.yaml", "evaluation.json",
        "histograms.csv", "lock", "metrics.csv", "samples.nc", "weights.csv",
      ])
    let shown = try tarflowMol("evaluate", try tiny.copy().path)
    #expect(shown.output.contains("AL3, 310.0 K, 64 samples against 200 reference frames"))
    #expect(shown.output.contains("TarFlow + SNIS (SBG), published"))
    #expect(shown.output.contains("0.758   0.052"))
    let weights = try String(
      contentsOf: tiny.complete.appending(path: "weights.csv"), encoding: .utf8)
    let rows = table(weights)
    #expect(rows[0] == ["frame", "log_q", "reduced_energy", "log_weight", "kept"])
    #expect(rows.count == 65)
    for row in rows.dropFirst() {
      let numbers = row.compactMap(Double.init)
      #expect(numbers.count == 5)
      #expect(numbers[3] == -numbers[2] - numbers[1])
      #expect([0, 1].contains(numbers[4]))
    }
  }

  @Test func `evaluation of a run and of its files agree`() throws {
    let run = try tiny.copy()
    let own = try tarflowMol("evaluate", run.path, "--json")
    let files = try tarflowMol(
      "evaluate", "--samples", "\(run.path)/samples.nc", "--weights", "\(run.path)/weights.csv",
      "--reference", tiny.reference.path, "--system", "\(systemsFolder.path)/AL3/system.yaml",
      "--torus-points", "32", "--json")
    #expect(own.status == 0)
    #expect(own.output == files.output)
    #expect(try Data(own.output.utf8) == tiny.complete.bytes("evaluation.json"))
    for key in [
      "ess", "ess_raw", "energy_w2", "energy_w2_spread", "energy_w1", "energy_w2_weighted",
      "energy_w2_floor", "energy_w2_perfect_at_this_ess", "torus_w2", "correct_chirality",
      "nonfinite_energies", "nonfinite_log_q", "samples", "reference",
    ] {
      #expect(try object(own.output)[key] != nil, "no key \(key)")
    }
    let systematic = try tarflowMol("evaluate", run.path, "--resample", "systematic", "--json")
    #expect(try object(systematic.output)["energy_w2_spread"] as? Double == 0)
  }

  @Test func `reweighting unchanged samples changes nothing`() throws {
    let run = try tiny.copy()
    let outcome = try tarflowMol("reweight", run.path, "--json")
    #expect(outcome.status == 0)
    #expect(try run.bytes("weights.csv") == tiny.complete.bytes("weights.csv"))
    #expect(
      try object(outcome.output).keys.sorted() == [
        "ess", "ess_raw", "kept", "largest_weight_share", "nonfinite_energies", "nonfinite_log_q",
        "samples",
      ])
    #expect(try tarflowMol("reweight", run.path, "--clip", "0.5").status == 0)
    let rows = table(try String(contentsOf: run.appending(path: "weights.csv"), encoding: .utf8))
    #expect(rows.count { $0.last == "0" } >= 32)
  }

  @Test func `exported densities integrate to at most 1`() throws {
    let outcome = try tarflowMol("export", tiny.complete.path, "--bins", "20")
    #expect(outcome.status == 0)
    let rows = table(outcome.output)
    #expect(rows.count == 21)
    let numbers = rows.dropFirst().map { $0.compactMap(Double.init) }
    for column in 2..<rows[0].count {
      let integral = numbers.reduce(0) { $0 + $1[column] * ($1[1] - $1[0]) }
      #expect(integral >= 0 && integral <= 1 + 1e-9, "\(rows[0][column]): \(integral)")
    }
    let file = try temporaryFolder().appending(path: "h.csv")
    #expect(try tarflowMol("export", tiny.complete.path, "--output", file.path).status == 0)
    #expect(try Data(contentsOf: file) == tiny.complete.bytes("histograms.csv"))
    #expect(try tarflowMol("export", tiny.complete.path, "--output", file.path).status == 73)
  }

  @Test func `more samples of the run's seed begin with its own, another seed's differ`() throws {
    let folder = try temporaryFolder()
    var coordinates: [[Double]] = []
    for (name, more) in [("same", []), ("other", ["--seed", "7"])] {
      let target = folder.appending(path: name).path
      let outcome = try Child(
        ["sample", tiny.complete.path, "-n", "100", "--output", target] + more
      ).outcome()
      #expect(outcome.status == 0)
      #expect(outcome.output == "\(target)/samples.nc\n\(target)/weights.csv\n")
      let samples = try readAmberTrajectory(path: "\(target)/samples.nc", expectedAtoms: 33)
      #expect(samples.trajectory.frames == 100)
      coordinates.append(samples.trajectory.coordinates)
    }
    let own = try readAmberTrajectory(path: tiny.complete.appending(path: "samples.nc").path)
    #expect(Array(coordinates[0].prefix(64 * 99)) == own.trajectory.coordinates)
    #expect(coordinates[1] != coordinates[0])
  }

  @Test func `inspect says what things are, in words and JSON`() throws {
    let systems = systemsFolder.path
    for (path, key, value) in [
      (tiny.training.path, "frames", 300 as Any), ("\(systems)/AL3/start.ncrst", "atoms", 33),
      ("\(systems)/AL3/topology.prmtop", "atoms", 33),
      ("\(tiny.complete.path)/checkpoints/best.safetensors", "kind", "safetensors"),
      (tiny.complete.path, "newest_checkpoint", 6), (tiny.complete.path, "evaluation", "there"),
    ] {
      let outcome = try tarflowMol("inspect", path, "--json")
      #expect(outcome.status == 0)
      let found = try object(outcome.output)[key]
      #expect("\(found ?? "nothing")" == "\(value)", "\(path)")
      #expect(try tarflowMol("inspect", path).output.hasPrefix("kind "))
    }
  }

  @Test func `doctor names the BLAS kernel, its rate and the systems`() throws {
    let found = try object(try tarflowMol("doctor", "--json", "--threads", "1").output)
    #expect((found["sgemm_peak_GFLOP/s"] as? Double ?? 0) > 1)
    #expect((found["BLAS_kernel"] as? String ?? "none") != "none")
    #expect(found["threads_used"] as? Int == 1)
    #expect((found["systems"] as? String ?? "").contains("AL3"))
  }

  @Test(arguments: [
    ["representation=cartesian"], ["training.schedule=onecycle"],
    ["flow.transform=affine", "flow.within_token=false", "flow.blocks=2"],
    ["evaluation.resample=systematic", "evaluation.torus_points=0"],
  ])
  func `other settings train and give finite figures`(settings: [String]) throws {
    let run = try temporaryFolder().appending(path: "run")
    let outcome = try Child(
      tiny.arguments(output: run) + settings.flatMap { ["--set", $0] }
    ).outcome()
    #expect(outcome.status == 0, "\(outcome.errors)")
    let result = try object(String(decoding: try run.bytes("evaluation.json"), as: UTF8.self))
    let energy = try #require(result["energy_w2"] as? Double)
    #expect(energy.isFinite && energy > 0)
    #expect(try tarflowMol("reweight", run.path).status == 0)
  }
}
