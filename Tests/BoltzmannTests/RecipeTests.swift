import Boltzmann
import Foundation
import Molecules
import Runs
import RunsTestSupport
import TensorFiles
import TestSupport
import Testing

/// A copy of AL3's description and topology with recipes, and defaults of its own.
private func withRecipes(
  _ recipes: [String: String], _ body: (MolecularSystem) throws -> Void
) throws {
  try withTemporaryFolder { folder in
    for name in ["system.yaml", "topology.prmtop"] {
      try FileManager.default.copyItem(
        at: systemsFolder.appending(path: "AL3/\(name)"),
        to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }
    let description = try String(contentsOfFile: "\(folder)/system.yaml", encoding: .utf8)
    let defaults =
      "defaults:\n  training: {steps: 11, batch: 12, warm_up: 13, validate_every: 14}\n"
    try writeText(description + defaults, path: "\(folder)/system.yaml")
    if !recipes.isEmpty { try createFolder("\(folder)/recipes") }
    for (name, text) in recipes { try writeText(text, path: "\(folder)/recipes/\(name)") }
    try body(try MolecularSystem(folder: folder))
  }
}

@Suite struct RecipeTests {
  @Test func `a recipe that there is not is answered with those that there are`() throws {
    func problem(_ system: MolecularSystem) throws -> String {
      let error = #expect(throws: RunError.self) { _ = try Recipe("bset", of: system) }
      return error?.description ?? ""
    }
    try withRecipes(["short.yaml": "", "best.yaml": "", "notes.txt": ""]) { system in
      let found = try problem(system)
      let expected = "/recipes/bset.yaml: no such recipe 'bset' of AL3; the system has best, short"
      #expect(found.hasSuffix(expected))
    }
    try withRecipes([:]) { system in
      let found = try problem(system)
      #expect(found.hasSuffix("; the system has none"))
    }
  }

  @Test func `a recipe says what a training learns from`() throws {
    let sources: [(String, FrameSource?)] = [
      ("", nil), ("description: as it is\n", nil), ("simulate: 8ns\n", .simulation(time: 8_000)),
      ("from: energy\n", .energy(reference: nil)),
    ]
    for (text, source) in sources {
      try withRecipes(["a.yaml": text]) {
        let recipe = try Recipe("a", of: $0)
        #expect(recipe.name == "a" && recipe.layers.isEmpty)
        #expect(try recipe.source() == source)
      }
    }
  }

  @Test(arguments: [
    (
      "steps: 3\n",
      "unknown key 'steps', expected description, simulate, simulation, from, settings"
    ),
    ("- simulate\n", "expected lines of KEY: value"),
    ("simulate: [8ns]\n", "'simulate' is no word"),
    ("simulate: soon\n", "'simulate' is soon, expected a time such as 8ns"),
    ("simulate: 0ns\n", "'simulate' is 0ns, expected a time such as 8ns"),
    ("simulation: {seed: 3}\n", "'simulation' has no 'simulate: TIME' to belong to"),
    ("from: data\n", "expected one of 'simulate: TIME' and 'from: energy', or neither"),
    (
      "simulate: 8ns\nfrom: energy\n",
      "expected one of 'simulate: TIME' and 'from: energy', or neither"
    ),
    ("settings:\n  training: {stpes: 3}\n", "unknown key 'training.stpes'; did you mean 'steps'?"),
    ("settings: 3\n", "holds no settings, expected lines of KEY: value"),
  ])
  func `what is wrong with a recipe is named with its file`(text: String, problem: String) throws {
    try withRecipes(["a.yaml": text]) { system in
      let error = #expect(throws: RunError.self) {
        let recipe = try Recipe("a", of: system)
        let source = try recipe.source() ?? .trajectories(training: nil, reference: nil)
        _ = try RunConfiguration.resolved(for: system, from: source, recipe: recipe, others: [])
      }
      #expect(error?.description.hasSuffix("/recipes/a.yaml: \(problem)") == true)
    }
  }

  @Test func `a recipe stands between the system's settings and those of the command`() throws {
    let text = "settings:\n  training: {batch: 22, warm_up: 23, learning_rate: 0.25}\n"
    try withRecipes(["a.yaml": text]) { system in
      func training(_ source: FrameSource, _ recipe: Recipe?) throws -> [Double] {
        let found = try RunConfiguration.resolved(
          for: system, from: source, recipe: recipe,
          others: [try ConfigurationLayer(setting: "training.warm_up=33")]
        ).training
        return [found.steps, found.batch, found.warmUp, found.validateEvery].map(Double.init)
          + [found.learningRate]
      }
      let frames = FrameSource.trajectories(training: nil, reference: nil)
      let own = RunConfiguration().training.learningRate
      let recipe = try Recipe("a", of: system)
      #expect(try training(frames, nil) == [11, 12, 33, 14, own])
      #expect(try training(frames, recipe) == [11, 22, 33, 14, 0.25])
      // The settings of a training from the energy lie over the system's, below the recipe's.
      let energy = FrameSource.energy(reference: nil)
      #expect(try training(energy, nil) == [12_000, 12, 33, 14, 2e-3])
      #expect(try training(energy, recipe) == [12_000, 22, 33, 14, 0.25])
    }
  }

  @Test func `defaults that a setting rules out are named, and those of a recipe are not`() throws {
    func notes(
      _ system: MolecularSystem, _ recipe: String?, _ settings: String...
    ) throws -> [String] {
      let log = CapturedLog()
      _ = try RunConfiguration.resolved(
        for: system, from: .trajectories(training: nil, reference: nil),
        recipe: try recipe.map { try Recipe($0, of: system) },
        others: try settings.map { try ConfigurationLayer(setting: $0) }, log: log.log)
      return log.messages
    }
    try withRecipes(["two.yaml": "settings:\n  flow: {blocks: 2}\n"]) { system in
      let (plain, recipe) = (
        try notes(system, nil, "flow.layers=4"), try notes(system, "two", "flow.layers=4")
      )
      #expect(plain.isEmpty && recipe.isEmpty)
      // The steps are the system's own.
      let ruledOut = try notes(system, nil, "flow.blocks=2", "energies.frames=0")
      #expect(
        ruledOut == [
          "notice: without one block of mixtures in internal coordinates other defaults hold: "
            + "flow.periodic=false, flow.context_units=0, training.optimizer=adamw, "
            + "energies.proposals=0"
        ])
    }
  }

  @Test func `a recipe's simulation has the settings that it names`() throws {
    let text = "simulate: 4ns\nsimulation: {time_step_ps: 0.002, save_every_ps: 0.1}\n"
    try withRecipes(["a.yaml": text, "b.yaml": "simulate: 4ns\n"]) { system in
      func simulation(_ name: String) throws -> SimulationSettings? {
        guard case .simulation(let time, let layers) = try Recipe(name, of: system).source() else {
          return nil
        }
        return try PendingRun(
          system: system, configuration: RunConfiguration(), time: time, settings: layers
        ).simulation
      }
      let plain = try #require(try simulation("b"))
      #expect(plain.timeStep == 0.001 && plain.saveEvery == 0.2 && plain.frames == 160_000)
      let found = try #require(try simulation("a"))
      #expect(found.timeStep == 0.002 && found.saveEvery == 0.1 && found.frames == 320_000)
      #expect(found.temperatures == plain.temperatures && found.time == 4_000)
    }
    try withRecipes(["a.yaml": "simulate: 4ns\nsimulation: {time_step: 0.002}\n"]) { system in
      let source = try Recipe("a", of: system).source()
      guard case .simulation(let time, let layers) = source else {
        Issue.record("\(String(describing: source))")
        return
      }
      let error = #expect(throws: RunError.self) {
        try PendingRun(
          system: system, configuration: RunConfiguration(), time: time, settings: layers)
      }
      #expect(error?.description.contains("a.yaml, simulation: unknown key 'time_step'") == true)
    }
  }

  @Test(arguments: ["AL2", "AL3", "AL4", "AL6", "CLN"])
  func `every recipe of a system gives settings that hold`(name: String) throws {
    let system = try MolecularSystem(folder: systemsFolder.appending(path: name).path)
    let files = try FileManager.default.contentsOfDirectory(atPath: "\(system.folder)/recipes")
    #expect(files.contains("paper.yaml"))
    for file in files {
      let recipe = try Recipe(String(file.dropLast(5)), of: system)
      let source = try recipe.source() ?? .trajectories(training: nil, reference: nil)
      try RunConfiguration.resolved(for: system, from: source, recipe: recipe, others: [])
        .validate()
    }
  }
}
