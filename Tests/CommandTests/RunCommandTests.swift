import Boltzmann
import Foundation
import Kernels
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
      .filter { !$0.hasPrefix("report/") }
    #expect(
      names == [
        "checkpoints", "checkpoints/best.safetensors", "checkpoints/step-4.safetensors",
        "checkpoints/step-6.safetensors", "config.resolved.yaml", "evaluation.json",
        "histograms.csv", "lock", "metrics.csv", "report", "report.html", "samples.json",
        "samples.nc", "system", "system/start.ncrst", "system/system.yaml",
        "system/topology.prmtop", "weights.csv",
      ])
    let shown = try tarflowMol("evaluate", try tiny.copy().path)
    #expect(shown.output.contains("AL3, 310.0 K, 64 samples against 200 reference frames"))
    #expect(shown.output.contains("TarFlow + SNIS (SBG), published"))
    #expect(shown.output.contains("0.758   0.052"))
    let weights = try String(
      contentsOf: tiny.complete.appending(path: "weights.csv"), encoding: .utf8)
    let rows = table(weights)
    #expect(rows[0] == ["frame", "log_q", "reduced_energy", "log_weight"])
    #expect(rows.count == 65)
    for row in rows.dropFirst() {
      let numbers = row.compactMap(Double.init)
      #expect(numbers.count == 4)
      #expect(numbers[3] == -numbers[2] - numbers[1])
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
    // Files do not say how dense the flow is at the reference.
    var (ownFigures, fileFigures) = (try object(own.output), try object(files.output))
    #expect(ownFigures.removeValue(forKey: "held_out") is [String: Any])
    #expect(fileFigures.removeValue(forKey: "held_out") is NSNull)
    #expect(ownFigures.removeValue(forKey: "crc32") is String)
    #expect(fileFigures.removeValue(forKey: "crc32") is String)
    #expect(NSDictionary(dictionary: ownFigures) == NSDictionary(dictionary: fileFigures))
    #expect(try Data(own.output.utf8) == tiny.complete.bytes("evaluation.json"))
    for key in [
      "ess", "ess_raw", "energy_w2", "energy_w2_spread", "energy_w1", "energy_w2_weighted",
      "energy_w2_floor", "energy_w2_perfect_at_this_ess", "torus_w2", "correct_chirality",
      "nonfinite_energies", "nonfinite_log_q", "samples", "reference",
    ] {
      #expect(try object(own.output)[key] != nil, "no key \(key)")
    }
    for (key, value) in [
      ("clip", "0.002"), ("resample", "multinomial"), ("seeds", "5"), ("count", "10000"),
      ("torus_points", "32"), ("program", "tarflow-mol 0.1.0"),
    ] {
      #expect("\(try object(own.output)[key] ?? "nothing")" == value, "\(key)")
    }
    let drawn = try #require(try object(own.output)["drawn"] as? [String: Any])
    #expect(drawn["seed"] as? Int == 1 && drawn["first"] as? Int == 0)
    #expect(drawn["count"] as? Int == 64)
  }

  @Test func `proposals drawn for the figures alone begin with those of the run`() throws {
    let run = try tiny.copy()
    let same = try tarflowMol("evaluate", run.path, "--proposals", "64", "--json")
    #expect(try Data(same.output.utf8) == tiny.complete.bytes("evaluation.json"))
    let more = try tarflowMol(
      "evaluate", run.path, "--proposals", "150", "--count", "64", "--json")
    #expect(more.status == 0)
    let (few, many) = (try object(same.output), try object(more.output))
    let budgets = try #require(many["budgets"] as? [[String: Any]])
    #expect(budgets.map { $0["proposals"] as? Int } == [64, 150])
    #expect(budgets[1]["draws"] as? Int == 64)
    for key in ["ess", "ess_raw", "nonfinite_log_q", "mean_energy_reweighted_kT"] {
      #expect(few[key] as? Double == many[key] as? Double, "\(key)")
    }
    let drawn = try #require(many["drawn"] as? [String: Any])
    #expect(drawn["count"] as? Int == 150 && drawn["first"] as? Int == 0)
    #expect(try run.bytes("evaluation.json") == tiny.complete.bytes("evaluation.json"))
    #expect(try run.bytes("evaluation-2.json") == Data(more.output.utf8))
    let table = try tarflowMol("evaluate", run.path, "--proposals", "150", "--count", "64").output
    #expect(table.contains(/this run, resampled to 64 .* 150 +multinomial, clip 0.2 % +32\n/))
    #expect(table.contains("φ ≥ 0, reweighted (in the reference): ALA2 "))
    #expect(table.contains("0 of 64 frames have no density."))
    #expect(try run.bytes("samples.nc") == tiny.complete.bytes("samples.nc"))
    for wrong in [["evaluate", "--proposals", "9"], ["evaluate", run.path, "--proposals", "0"]] {
      #expect(try Child(wrong).outcome().status == 64)
    }
  }

  @Test func `figures of other settings do not replace those that are there`() throws {
    let run = try tiny.copy()
    let own = try run.bytes("evaluation.json")
    let systematic = ["evaluate", run.path, "--resample", "systematic", "--json"]
    let other = try Child(systematic).outcome()
    #expect(try object(other.output)["energy_w2_spread"] as? Double == 0)
    #expect(
      other.errors.contains(
        "evaluation.json is of other settings, proposals, energy or reference, or does not say, "
          + "and stays as it is; these figures "
          + "are in \(run.path)/evaluation-2.json and \(run.path)/histograms-2.csv"),
      "\(other.errors)")
    #expect(try run.bytes("evaluation.json") == own)
    #expect(try run.bytes("evaluation-2.json") == Data(other.output.utf8))
    #expect(try run.bytes("histograms-2.csv") == run.bytes("histograms.csv"))
    // The same settings again take their own place.
    #expect(try tarflowMol("evaluate", run.path).status == 0)
    #expect(try Child(systematic).outcome().output == other.output)
    #expect(try Child(["evaluate", run.path, "--count", "50"]).outcome().status == 0)
    #expect(try run.bytes("evaluation.json") == own)
    #expect(try object(text(run, "evaluation-3.json"))["count"] as? Int == 50)
    #expect(try Child(systematic + ["--overwrite"]).outcome().status == 0)
    #expect(try run.bytes("evaluation.json") == Data(other.output.utf8))
  }

  @Test func `evaluate keeps to the clip of the last reweight, and says it`() throws {
    let run = try tiny.copy()
    #expect(
      try tarflowMol("evaluate", run.path).output.contains(
        "after a clip of the largest 0.2 % of the weights; ESS, raw"))
    #expect(try tarflowMol("reweight", run.path, "--clip", "0").status == 0)
    let unclipped = try tarflowMol("evaluate", run.path)
    #expect(unclipped.output.contains("ESS is without a clip (the benchmark's rule clips 0.2 %)"))
    #expect(unclipped.output.contains("multinomial, no clip"))
    let figures = try object(text(run, "evaluation-2.json"))
    #expect(figures["clip"] as? Double == 0)
    #expect(figures["ess"] as? Double == figures["ess_raw"] as? Double)
    #expect(try run.bytes("evaluation.json") == tiny.complete.bytes("evaluation.json"))
    try Data("{}".utf8).write(to: run.appending(path: "weights.json"))
    let broken = try tarflowMol("evaluate", run.path)
    #expect(
      broken.status == 65 && broken.errors.contains("weights.json: holds no clip from 0 to 1"))
  }

  private func text(_ run: URL, _ name: String) throws -> String {
    String(decoding: try run.bytes(name), as: UTF8.self)
  }

  @Test func `reweighting unchanged samples changes nothing`() throws {
    let run = try tiny.copy()
    let outcome = try tarflowMol("reweight", run.path, "--json")
    #expect(outcome.status == 0)
    #expect(try run.bytes("weights.csv") == tiny.complete.bytes("weights.csv"))
    #expect(
      try object(outcome.output).keys.sorted() == [
        "clip", "ess", "ess_raw", "largest_weight_share", "nonfinite_energies", "nonfinite_log_q",
        "samples", "with_weight",
      ])
    #expect(try tarflowMol("reweight", run.path, "--clip", "0.5").status == 0)
    let again = try object(try tarflowMol("reweight", run.path, "--json").output)
    #expect(again["clip"] as? Double == 0.5)
    #expect(try run.bytes("weights.csv") == tiny.complete.bytes("weights.csv"))
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
    let ownReference = ["export", tiny.complete.path, "--reference", tiny.reference.path]
    #expect(try Data(Child(ownReference).outcome().output.utf8) == Data(contentsOf: file))
    #expect(try tarflowMol("export", tiny.complete.path, tiny.complete.path).status == 64)
    let settings = try Data(contentsOf: file.deletingPathExtension().appendingPathExtension("json"))
    let made = try object(String(decoding: settings, as: UTF8.self))
    #expect(made["program"] as? String == "tarflow-mol 0.1.0" && made["samples"] as? Int == 64)
  }

  @Test func `shards that are merged are the draw`() throws {
    let (run, folder) = (try TinyRun.shared().copy().path, try temporaryFolder().path)
    let sample = ["sample", run, "-n", "40", "--seed", "7", "--output"]
    #expect(try Child(sample + ["\(folder)/whole"]).outcome().status == 0)
    for number in 1...2 {
      let shard = try Child(
        sample + ["\(folder)/\(number)", "--shard", "\(number)/2"]
      ).outcome()
      #expect(shard.status == 0, "\(shard.errors)")
    }
    let alone = try tarflowMol("merge", "\(folder)/1", "--output", "\(folder)/merged")
    #expect(alone.status == 66 && alone.errors.contains("2 of 2: no such shard"))
    let merged = try tarflowMol(
      "merge", "\(folder)/1", "\(folder)/2", "--output", "\(folder)/merged")
    #expect(merged.status == 0, "\(merged.errors)")
    for name in ["samples.nc", "weights.csv", "samples.json"] {
      let url = URL(fileURLWithPath: folder)
      #expect(try url.bytes("merged/\(name)") == url.bytes("whole/\(name)"), "\(name)")
    }
    // 100 GB for all of them, but not for a shard.
    let one = try Child([
      "sample", run, "-n", "1000000000", "--seed", "7", "--shard", "3/1000000", "--output",
      "\(folder)/3",
    ]).outcome()
    #expect(one.status == 0, "\(one.errors)")
    for options in [["--shard", "1/2"], ["--shard", "3/2", "--seed", "1", "--output", "x"]] {
      #expect(try Child(["sample", run] + options).outcome().status == 64)
    }
  }

  @Test func `more samples continue the run's stream, and none of them twice`() throws {
    let run = try tiny.copy()
    let folder = try temporaryFolder()
    var seen = Set<[Double]>()
    func draw(_ name: String, _ more: String...) throws -> [[Double]] {
      let target = folder.appending(path: name).path
      let outcome = try Child(
        ["sample", run.path, "-n", "40", "--output", target] + more
      ).outcome()
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output == "\(target)/samples.nc\n\(target)/weights.csv\n")
      let samples = try readAmberTrajectory(path: "\(target)/samples.nc", expectedAtoms: 33)
      return frames(samples.trajectory)
    }
    func frames(_ trajectory: Trajectory) -> [[Double]] {
      (0..<trajectory.frames).map { Array(trajectory.coordinates[$0 * 99..<($0 + 1) * 99]) }
    }
    let own = frames(
      try readAmberTrajectory(path: run.appending(path: "samples.nc").path).trajectory)
    seen.formUnion(own)
    for name in ["first", "second"] { seen.formUnion(try draw(name)) }
    #expect(seen.count == 64 + 2 * 40)
    let record = try object(text(folder, "second/samples.json"))
    #expect(record["first"] as? Int == 104 && record["count"] as? Int == 40)
    #expect(record["seed"] as? Int == 1)
    // Into the run's own folder: its samples are replaced, its stream goes on.
    #expect(
      try Child(["sample", run.path, "-n", "40", "--overwrite"]).outcome().status == 0)
    #expect(try object(text(run, "samples.json"))["first"] as? Int == 144)
    #expect(try object(text(run, "drawn.json"))["next"] as? Int == 184)
    // A seed begins at its beginning: the run's own gives its own samples again.
    #expect(try draw("same", "--seed", "1") == Array(own.prefix(40)))
    #expect(seen.isDisjoint(with: try draw("other", "--seed", "7")))
    try Data("{}".utf8).write(to: run.appending(path: "drawn.json"))
    let broken = try Child(
      ["sample", run.path, "-n", "1", "--output", folder.appending(path: "x").path]
    ).outcome()
    #expect(broken.status == 65 && broken.errors.contains("does not say which samples were drawn"))
  }

  @Test func `--precision decides over the setting of a training`() throws {
    let run = try temporaryFolder().appending(path: "run")
    let more = ["--set", "training.precision=bf16", "--precision", "fp32", "--max-hours", "1e-9"]
    let outcome = try Child(tiny.arguments(output: run) + more).outcome()
    #expect(outcome.status == 75, "\(outcome.errors)")
    #expect(outcome.errors.contains("products in fp32"))
  }

  @Test(.enabled(if: MatrixUnit.best(for: .bf16) != nil))
  func `samples are drawn in the precision that is asked for, and say it`() throws {
    let run = try tiny.copy()
    func weights(_ precision: String) throws -> Data {
      let target = run.appending(path: precision)
      let outcome = try tarflowMol(
        "sample", run.path, "-n", "8", "--seed", "5", "--precision", precision,
        "--output", target.path)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(try object(text(target, "samples.json"))["precision"] as? String == precision)
      return try target.bytes("weights.csv")
    }
    #expect(try weights("fp32") != weights("bf16"))
  }

  @Test func `samples of another seed need no lock on the run unless they go into it`() throws {
    let run = try tiny.copy()
    let target = try temporaryFolder().path
    let lock = open("\(run.path)/lock", O_RDWR)
    defer { close(lock) }
    #expect(flock(lock, LOCK_EX | LOCK_NB) == 0)
    let arguments = ["sample", run.path, "-n", "40", "--output", target]
    let outcome = try Child(arguments).outcome()
    #expect(outcome.status == 74)
    #expect(outcome.errors.contains("or draw with another seed, which needs no record"))
    #expect(try Child(arguments + ["--seed", "5"]).outcome().status == 0)
    let own = "\(run.path)/../\(run.lastPathComponent)"
    for arguments in [
      ["sample", run.path, "-n", "8", "--seed", "5"],
      ["sample", "AL2", "--systems", systemsFolder.path, "-n", "8"], ["merge", target],
    ] {
      let inRun = try Child(arguments + ["--overwrite", "--output", own]).outcome()
      #expect(inRun.status == 74 && inRun.errors.contains("works on this run"), "\(inRun.errors)")
    }
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

  @Test func `inspect of a model counts long lists, and has them in JSON`() throws {
    let model = tiny.complete.appending(path: "checkpoints/best.safetensors").path
    let shown = try tarflowMol("inspect", model).output
    #expect(shown.contains("windows: {lows: [93 numbers], periods: [93 numbers]}"), "\(shown)")
    let whole = try object(try tarflowMol("inspect", model, "--json").output)["flow"] as? String
    let flow = try object(try #require(whole))
    let windows = try #require(flow["windows"] as? [String: Any])
    #expect((windows["periods"] as? [Any])?.count == 93)
  }

  @Test func `doctor names the BLAS kernel, its rate and the systems`() throws {
    let found = try object(try tarflowMol("doctor", "--json", "--threads", "1").output)
    #expect((found["sgemm_peak_GFLOP/s"] as? Double ?? 0) > 1)
    let hasUnit = found["bf16_products_by"] as? String != "nothing here"
    #expect((found["bf16_peak_GFLOP/s"] as? Double ?? 0 > 1) == hasUnit)
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
