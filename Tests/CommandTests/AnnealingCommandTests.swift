import Foundation
import TestSupport
import Testing

/// `sample --smc` and `simulate --proposals`.
@Suite struct AnnealingCommandTests {
  @Test func `annealed samples are the same on any number of threads and say their path`() throws {
    let run = try TinyRun.shared().copy()
    let folders = try ["1", "2"].map { threads in
      let folder = run.appending(path: "annealed-\(threads)")
      let outcome = try tarflowMol(
        "sample", run.path, "--smc", "--sbg", "1e-5", "-n", "12", "--seed", "7", "--threads",
        threads, "--output", folder.path)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output == "\(folder.path)/samples.nc\n\(folder.path)/weights.csv\n")
      #expect(outcome.errors.contains("annealed in 100 steps; log Z "))
      return folder
    }
    for file in ["samples.nc", "samples.json", "weights.csv"] {
      let same = try folders[0].bytes(file) == folders[1].bytes(file)
      #expect(same, "\(file)")
    }
    let table = String(decoding: try folders[0].bytes("weights.csv"), as: UTF8.self)
    #expect(table.hasPrefix("frame,log_q,reduced_energy,log_weight,ancestor\n"))
    let record = try #require(
      try JSONSerialization.jsonObject(with: folders[0].bytes("samples.json")) as? [String: Any])
    let annealing = try #require(record["annealing"] as? [String: Any])
    #expect(record["seed"] as? Int == 7 && record["prior_scale"] as? Int == 1)
    #expect(annealing["log_z"] is Double && annealing["lineages"] is Int)
    #expect((annealing["steps"] as? [Any])?.count == 100)
    let settings = try #require(annealing["settings"] as? [String: Any])
    #expect(settings["leapfrog_steps"] as? Int == 1 && settings["stops_short"] as? Bool == false)
    #expect(settings.keys.allSatisfy { $0 == $0.lowercased() }, "\(settings.keys.sorted())")
  }

  @Test func `the published path stops at 0.99`() throws {
    let run = try TinyRun.shared().copy()
    let folder = run.appending(path: "annealed")
    let outcome = try tarflowMol(
      "sample", run.path, "--smc", "--sbg", "1e-5", "--sbg-stops-short", "-n", "12", "--seed", "7",
      "--output", folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let record = try #require(
      try JSONSerialization.jsonObject(with: folder.bytes("samples.json")) as? [String: Any])
    let steps = try #require((record["annealing"] as? [String: Any])?["steps"] as? [[String: Any]])
    #expect(steps.count == 99 && steps.last?["beta"] as? Double == 0.99)
  }

  @Test(arguments: [
    (["sample", "AL3", "--moves", "3"], "belong to --smc"),
    (["sample", "AL3", "--smc", "--energy-cutoff", "3"], "belong to --sbg"),
    (["sample", "AL3", "--smc", "--sbg-stops-short"], "belong to --sbg"),
    (["sample", "AL3", "--smc", "--sbg", "2"], "--sbg is 2.0, expected above 0, up to 1"),
    (
      ["sample", "AL3", "--smc", "--sbg", "1e-5", "--keep", "0.5"], "--sbg has settings of its own"
    ),
    (
      ["sample", "AL3", "--smc", "--kernel", "ula", "--gradient", "target"],
      "--kernel ula has no test: it needs --gradient path"
    ),
    (
      ["sample", "AL3", "--smc", "--kernel", "mala", "--leapfrog", "3"],
      "--leapfrog belongs to --kernel hmc"
    ),
    (["sample", "AL3", "--smc", "--prior-scale", "1.1"], "--smc draws with the flow's own prior"),
    (
      ["simulate", "AL3", "--time", "1ps", "--propose-every", "1ps"],
      "--propose-every belongs to --proposals"
    ),
  ])
  func `options that do not go together are 64`(arguments: [String], fragment: String) throws {
    let outcome = try Child(arguments).outcome()
    #expect(outcome.status == 64, "\(outcome.errors)")
    #expect(outcome.errors.contains(fragment), "\(outcome.errors)")
  }

  @Test func `the proposals of a run have to be of the molecule`() throws {
    let run = try TinyRun.shared().complete
    let folder = try temporaryFolder().appending(path: "md")
    let outcome = try tarflowMol(
      "simulate", "AL2", "--systems", systemsFolder.path, "--time", "1ps", "--proposals", run.path,
      "--output", folder.path)
    #expect(outcome.status == 65)
    #expect(
      outcome.errorLines.first?.contains(
        "is a model of another molecule than AL2, with 33 atoms placed in another order") == true)
    #expect(!FileManager.default.fileExists(atPath: folder.path))
  }

  @Test func `a simulation says how many proposals it took`() throws {
    let run = try TinyRun.shared().complete
    let folder = try temporaryFolder().appending(path: "md")
    let outcome = try tarflowMol(
      "simulate", "AL3", "--systems", systemsFolder.path, "--time", "0.1ps", "--equilibration",
      "0ps", "--save-every", "0.05ps", "--chains", "2", "--proposals", run.path, "--propose-every",
      "0.02ps", "--output", folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains(" of 10 proposals of the flow accepted"))
    let record = String(decoding: try folder.bytes("simulation.yaml"), as: UTF8.self)
    #expect(record.contains("best.safetensors") && record.contains("propose_every_ps: "))
  }
}
