import Foundation
import TestSupport
import Testing

/// Trainings with energies: `train --from energy`, a run without a trajectory, and those that wait.
@Suite struct EnergyTrainingTests {
  private static let settings = [
    "flow.width=32", "flow.layers=1", "flow.components=3", "training.steps=6",
    "training.batch=16", "training.warm_up=1", "training.validate_every=3",
    "training.checkpoint_every=2", "energies.first_step=1", "energies.drawn=32",
    "energies.draw_every=3", "energies.anneal_steps=2", "sampling.count=64",
    "evaluation.torus_points=16",
  ].flatMap { ["--set", $0] }

  private func exists(_ name: String, in run: URL) -> Bool {
    FileManager.default.fileExists(atPath: run.appending(path: name).path)
  }

  /// A run that was stopped while it simulated, and has been resumed to its end.
  private func resumedRun() throws -> URL {
    let run = try temporaryFolder().appending(path: "run")
    let train = ["train", "AL2", "--systems", systemsFolder.path, "--from", "energy"]
    let stopped = try Child(
      train + ["--output", run.path, "--max-hours", "0.00001"] + Self.settings
    ).outcome()
    #expect(stopped.status == 75, "\(stopped.errors)")
    #expect(stopped.errors.contains("continue with: tarflow-mol train --resume \(run.path)"))
    #expect(exists("config.pending.yaml", in: run))
    let resumed = try tarflowMol("train", "--resume", run.path)
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(resumed.errors.contains("simulated 6400 frames at 1200 K\n"))
    #expect(resumed.errors.contains("weights of step 6, "))
    #expect(resumed.output.contains("64 samples"), "\(resumed.output)")
    return run
  }

  @Test func `a run without a reference ends with a summary, and is compared when one is named`()
    throws
  {
    let run = try resumedRun()
    #expect(!exists("evaluation.json", in: run) && !exists("config.pending.yaml", in: run))
    #expect(exists("samples.nc", in: run) && exists("weights.csv", in: run))
    try expectResumedEqual(run)
    for command in ["evaluate", "export"] {
      let outcome = try tarflowMol(command, run.path)
      #expect(outcome.status == 66 && outcome.output.isEmpty)
      #expect(outcome.errorLines.count == 1)
      #expect(
        outcome.errors.contains("no such reference trajectory of the run; pass --reference FILE"))
    }
    let frames = try temporaryFolder().appending(path: "md")
    let simulated = try tarflowMol(
      "simulate", "AL2", "--systems", systemsFolder.path, "--time", "10ps", "--output", frames.path)
    #expect(simulated.status == 0, "\(simulated.errors)")
    let reference = ["--reference", "\(frames.path)/trajectory.nc"]
    let compared = try Child(["evaluate", run.path] + reference).outcome()
    #expect(compared.status == 0, "\(compared.errors)")
    #expect(compared.output.hasPrefix("AL2, 300.0 K, 64 samples against 80 reference frames"))
    #expect(exists("evaluation.json", in: run))
    let exported = try Child(["export", run.path] + reference).outcome()
    #expect(exported.status == 0, "\(exported.errors)")
    #expect(try Data(exported.output.utf8) == run.bytes("histograms.csv"))
  }

  @Test func `a training whose energies never began says so`() throws {
    let run = try temporaryFolder().appending(path: "run")
    let trained = try Child(
      ["train", "AL2", "--systems", systemsFolder.path, "--simulate", "5ps", "--output", run.path]
        + Self.settings + ["--set", "energies.least_ess=0.9"]
    ).outcome()
    #expect(trained.status == 0, "\(trained.errors)")
    #expect(
      trained.errors.contains(
        "warning: energies had no part in this training: they wait for proposals with an ESS of "
          + "energies.least_ess = 0.9, and the last ones had 0."), "\(trained.errors)")
  }

  /// Resumes a copy from the checkpoint before the last, which lies between two drawings.
  private func expectResumedEqual(_ run: URL) throws {
    let copy = try temporaryFolder().appending(path: "copy")
    try FileManager.default.copyItem(at: run, to: copy)
    for name in ["checkpoints/step-6.safetensors", "samples.nc", "weights.csv"] {
      try FileManager.default.removeItem(at: copy.appending(path: name))
    }
    let outcome = try tarflowMol("train", "--resume", copy.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("resuming from step 4"))
    for name in ["checkpoints/best.safetensors", "samples.nc", "weights.csv"] {
      #expect(try copy.bytes(name) == run.bytes(name), "\(name) differs")
    }
  }
}
