import Boltzmann
import Foundation
import TestSupport
import Testing

/// `train --recipe` and what a recipe can get wrong; all of it: `RecipeTests`.
@Suite struct RecipeCommandTests {
  private let output: URL
  private let system: URL

  init() throws {
    output = try temporaryFolder().appending(path: "run")
    system = try tinySystem(recipes: [
      "best": """
      description: what the tests know
      settings:
        training: {steps: 4, batch: 16, schedule: constant}

      """,
      "unknown": "steps: 3\n", "soon": "simulate: soon\n", "long": "simulate: 20ns\n",
      "both": "simulate: 8ns\nfrom: energy\n",
    ])
  }

  private func train(_ recipe: String, _ more: [String] = []) throws -> Outcome {
    try Child(
      ["train", system.path, "--recipe", recipe, "--output", output.path] + more
    ).outcome()
  }

  @Test(arguments: [
    ("bset", 66, "no such recipe 'bset' of AL3; the system has best, both, long, soon, unknown"),
    ("unknown", 78, "recipes/unknown.yaml: unknown key 'steps', expected description, simulate, "),
    ("soon", 78, "recipes/soon.yaml: 'simulate' is soon, expected a time such as 8ns"),
    ("both", 78, "recipes/both.yaml: expected one of 'simulate: TIME' and 'from: energy', or "),
  ])
  func `a recipe that cannot be followed is refused and leaves no folder`(
    recipe: String, status: Int32, message: String
  ) throws {
    let outcome = try train(recipe)
    #expect(outcome.status == status && outcome.output.isEmpty)
    #expect(outcome.errors.split(separator: "\n").count == 1)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
    #expect(!FileManager.default.fileExists(atPath: output.path))
  }

  @Test func `a recipe that simulates has a reference of its own`() throws {
    let outcome = try train("long", ["--reference", "x.nc"])
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("the recipe simulates both trajectories; leave --reference"))
    #expect(!FileManager.default.fileExists(atPath: output.path))
  }

  @Test func `a run follows its recipe, and --set wins over it`() throws {
    let settings = TinyRun.settings.filter { !$0.contains("training.batch") && $0 != "--set" }
      .filter { !$0.contains("training.steps") }
    let outcome = try train(
      "best", (settings + ["training.schedule=cosine"]).flatMap { ["--set", $0] })
    #expect(outcome.status == 0, "\(outcome.errors)")
    let record = try MoleculeRecord.read(path: output.path + "/config.resolved.yaml")
    let training = record.configuration.training
    #expect(training.steps == 4 && training.batch == 16 && training.schedule == .cosine)
    #expect(record.training.path.hasSuffix("/AL3/train.nc"))
    #expect(
      FileManager.default.fileExists(atPath: output.path + "/checkpoints/step-4.safetensors"))
  }
}
