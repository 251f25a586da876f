import Foundation
import TestSupport
import Testing

@Suite struct MixCommandTests {
  private let tiny: TinyRun

  init() throws { tiny = try TinyRun.shared() }

  @Test func `a mixture of runs is drawn from and evaluated like any model`() throws {
    let runs = try (tiny.copy().path, tiny.copy().path)
    let folder = try temporaryFolder().path
    let file = "\(folder)/both.safetensors"
    let mixed = try tarflowMol("mix", runs.0, runs.1, "--output", file)
    #expect(mixed.status == 0, "\(mixed.errors)")
    #expect(mixed.output == "\(file)\n" && mixed.errors.contains("a mixture of 2 flows"))
    let again = try tarflowMol("mix", runs.0, runs.1, "--output", file)
    #expect(again.status == 73 && again.errors.contains("add --overwrite"))
    let system = ["--system", "\(systemsFolder.path)/AL3/system.yaml"]
    let drawn = try Child(
      ["sample", file, "-n", "21", "--output", "\(folder)/drawn"] + system
    ).outcome()
    #expect(drawn.status == 0, "\(drawn.errors)")
    let evaluated = try Child(
      ["evaluate", file, "--proposals", "64", "--reference", tiny.reference.path] + system
    ).outcome()
    #expect(evaluated.status == 0, "\(evaluated.errors)")
    #expect(evaluated.output.contains("64 samples against 200 reference frames"))
    let inspected = try tarflowMol("inspect", file)
    #expect(inspected.status == 0 && inspected.output.contains("mixture"))
  }

  @Test func `what cannot be mixed or evaluated is refused`() throws {
    let run = try tiny.copy().path
    let file = try temporaryFolder().appending(path: "model.safetensors").path
    let twice = try tarflowMol("mix", run, run, "--output", file)
    #expect(twice.status == 78 && twice.errors.contains("is named twice"), "\(twice.errors)")
    for arguments in [
      ["mix", run, "--output", file], ["mix", run, run, "--output", "model"],
      ["evaluate", "\(run)/checkpoints/best.safetensors", "--system", "AL3"],
      ["evaluate", "\(run)/checkpoints/best.safetensors", "--proposals", "9"],
    ] {
      #expect(try Child(arguments).outcome().status == 64, "\(arguments)")
    }
  }
}
