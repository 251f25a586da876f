import Boltzmann
import Foundation
import TestSupport
import Testing

@Suite struct ResumeIfPresentTests {
  private let tiny: TinyRun

  init() throws { tiny = try TinyRun.shared() }

  private func expectConfigurationError(_ arguments: [String], _ text: String) throws {
    let outcome = try Child(arguments).outcome()
    #expect(outcome.status == 78)
    #expect(outcome.errors.contains(text), "\(outcome.errors)")
  }

  @Test func `one command line begins a run and continues it`() throws {
    let run = try temporaryFolder().appending(path: "run")
    let arguments = tiny.arguments(output: run) + ["--resume-if-present"]
    let child = try Child(arguments)
    try child.waitForRows(1, of: run)
    child.signal(SIGKILL)
    _ = try child.outcome()
    #expect(try Child(arguments).outcome().status == 0)
    for name in ["samples.nc", "weights.csv", "checkpoints/best.safetensors"] {
      #expect(try run.bytes(name) == tiny.complete.bytes(name))
    }
    // Once more: a finished run stays what it is.
    #expect(try Child(arguments).outcome().status == 0)
    #expect(try run.bytes("samples.nc") == tiny.complete.bytes("samples.nc"))
    try expectConfigurationError(
      arguments + ["--set", "training.batch=17"],
      "\(run.path): training.batch is 32, but the command line says 17; leave it out, or")
    try expectConfigurationError(
      [
        "train", "AL2", "--systems", systemsFolder.path, "--output", run.path,
        "--resume-if-present",
      ],
      "\(run.path): is a run of AL3, not of AL2; choose another --output")
  }

  @Test func `a precision that the machine chooses is that of any run`() throws {
    let run = try tiny.copy()
    let arguments = tiny.arguments(output: run) + ["--resume-if-present"]
    let record = try MoleculeRecord.read(path: run.path + "/config.resolved.yaml")
    let own = record.configuration.training.precision.rawValue
    let other = own == "fp32" ? "bf16" : "fp32"
    for more in [
      ["--precision", "auto"], ["--set", "training.precision=auto"],
      ["--set", "training.precision=\(other)", "--precision", "auto"], ["--precision", own],
    ] {
      let outcome = try Child(arguments + more).outcome()
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    try expectConfigurationError(
      arguments + ["--set", "training.precision=auto", "--precision", other],
      "\(run.path): training.precision is \(own), but the command line says \(other); leave it")
  }

  @Test func `another recipe is another run, as is one that has changed since`() throws {
    func recipe(_ warmUp: Int) -> String { "settings: {training: {warm_up: \(warmUp)}}\n" }
    let system = try tinySystem(recipes: ["quick": recipe(2), "best": recipe(3)])
    let run = try temporaryFolder().appending(path: "run")
    func arguments(_ recipe: String, _ more: String...) -> [String] {
      [
        "train", system.path, "--recipe", recipe, "--output", run.path, "--resume-if-present",
      ] + TinyRun.settings + more
    }
    for line in [
      arguments("quick"), arguments("quick"), arguments("best", "--set", "training.warm_up=2"),
    ] {
      let outcome = try Child(line).outcome()
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    try expectConfigurationError(
      arguments("best"),
      "\(run.path): training.warm_up is 2, but the recipe best, as it is now, says 3; leave "
        + "--recipe out, or choose another --output")
    try expectConfigurationError(
      arguments("quick", "--simulate", "1ps"),
      "\(run.path): learns from a trajectory, not from frames that it simulates; choose another")
    try edit(system.appending(path: "recipes/quick.yaml"), replacing: "2", with: "4")
    try expectConfigurationError(
      arguments("quick"), "warm_up is 2, but the recipe quick, as it is now, says 4; leave --recipe"
    )
  }

  @Test func `a run that was given more steps is still that of its command line`() throws {
    func recipe(_ steps: Int) -> String { "settings: {training: {steps: \(steps)}}\n" }
    let system = try tinySystem(recipes: ["short": recipe(3)])
    let run = try temporaryFolder().appending(path: "run")
    let settings = TinyRun.settings.filter { $0 != "--set" && !$0.contains("training.steps") }
    let line =
      ["train", system.path, "--recipe", "short", "--output", run.path, "--resume-if-present"]
      + settings.flatMap { ["--set", $0] }
    for arguments in [
      line, ["train", "--resume", run.path, "--steps", "6"], line,
      line + ["--set", "training.steps=4"],
    ] {
      let outcome = try Child(arguments).outcome()
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    let record = try MoleculeRecord.read(path: run.path + "/config.resolved.yaml")
    #expect(record.configuration.training.steps == 6)
    try expectConfigurationError(
      line + ["--set", "training.steps=7"],
      "\(run.path): training.steps is 6, but the command line says 7; leave it out, or")
    try edit(system.appending(path: "recipes/short.yaml"), replacing: "3", with: "7")
    try expectConfigurationError(
      line, "training.steps is 6, but the recipe short, as it is now, says 7; leave --recipe out")
  }

  @Test func `a run of a sequence that is there needs no frames on the command line`() throws {
    let run = try temporaryFolder().appending(path: "run")
    let line = [
      "train", "--sequence", "Ace-G-Nme", "--solvent", "none", "--output", run.path,
      "--resume-if-present", "--max-hours", "0.00001",
    ]
    let without = try Child(line).outcome()
    #expect(without.status == 64, "\(without.errors)")
    #expect(without.errors.contains("add --simulate 10ns"))
    for arguments in [line + ["--simulate", "4ps"], line] {
      let outcome = try Child(arguments).outcome()
      #expect(outcome.status == 75, "\(outcome.errors)")
    }
  }

  @Test func `frames of a longer simulation are those of another run`() throws {
    let system = try tinySystem(recipes: [
      "long": "simulate: 4ps\nsimulation: {chains: 9}\nsettings: {seed: 1}\n"
    ])
    try FileManager.default.copyItem(
      at: systemsFolder.appending(path: "AL3/start.ncrst"),
      to: system.appending(path: "start.ncrst"))
    let run = try temporaryFolder().appending(path: "run")
    func arguments(_ more: String...) -> [String] {
      [
        "train", system.path, "--output", run.path, "--resume-if-present", "--max-hours", "0.00001",
      ] + more
    }
    for _ in 0..<2 {
      let outcome = try Child(arguments("--simulate", "4ps")).outcome()
      #expect(outcome.status == 75, "\(outcome.errors)")
    }
    try expectConfigurationError(
      arguments("--simulate", "6ps"), "\(run.path): time_ps of the simulation is 4")
    try expectConfigurationError(
      arguments("--simulate", "6ps"), "leave --simulate out, or choose another --output")
    // The other way round the run's own simulation was lengthened.
    try SimulationFolder(path: run.path + "/simulation").lengthen(to: 6)
    let longer = try Child(arguments("--simulate", "4ps")).outcome()
    #expect(longer.status == 75, "\(longer.errors)")
    try expectConfigurationError(
      arguments("--recipe", "long"),
      "chains of the simulation is 8, but the recipe long, as it is now, says 9; leave --recipe")
    // The record of a run whose frames are there knows the simulation, too.
    let pending = run.appending(path: "config.pending.yaml")
    try FileManager.default.moveItem(at: pending, to: run.appending(path: "pending"))
    try FileManager.default.copyItem(
      at: tiny.complete.appending(path: "config.resolved.yaml"),
      to: run.appending(path: "config.resolved.yaml"))
    try expectConfigurationError(
      arguments("--simulate", "8ps"), "\(run.path): time_ps of the simulation is 6")
  }

  @Test func `a run on images stays one of its system when the description changes`() throws {
    let folder = try temporaryFolder()
    let (system, run) = (folder.appending(path: "digits"), folder.appending(path: "run"))
    try FileManager.default.copyItem(
      at: repositoryFolder.appending(path: "systems/digits"), to: system)
    let line = [
      "image", "train", system.path, "--output", run.path, "--resume-if-present", "--precision",
      "auto", "--set", "training.steps=1", "--set", "sampling.count=0",
    ]
    #expect(try Child(line).outcome().status == 0)
    let description = system.appending(path: "images.yaml")
    try edit(description, replacing: "name: digits", with: "# Handwritten.\nname: digits")
    for arguments in [line, ["image", "evaluate", run.path, "-n", "20", "--quiet"]] {
      let outcome = try Child(arguments).outcome()
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    try edit(description, replacing: "name: digits", with: "name: numbers")
    try expectConfigurationError(line, "\(run.path): is a run of digits, not of numbers; choose")
    try edit(description, replacing: "name: numbers", with: "name: digits")
    try edit(description, replacing: "train-images", with: "test-images")
    try expectConfigurationError(
      line,
      "is a run of another digits, with other images than those of \(system.path); choose another")
  }

  @Test func `a run on other images is another one`() throws {
    let run = try temporaryFolder().appending(path: "run")
    let rest = [
      "--output", run.path, "--resume-if-present", "--set", "training.steps=1", "--set",
      "sampling.count=0",
    ]
    let outcome = try Child(["image", "train", "digits"] + rest).outcome()
    #expect(outcome.status == 0, "\(outcome.errors)")
    try expectConfigurationError(
      ["image", "train", "fashion-mnist"] + rest,
      "\(run.path): is a run of digits, not of fashion-mnist; choose another --output")
    let images = repositoryFolder.appending(path: "systems/digits/images.yaml").path
    try expectConfigurationError(
      ["image", "train", "digits", "--images", images] + rest,
      "began with other content than that of \(images); choose another --output")
    let again = try Child(["image", "train", "digits"] + rest).outcome()
    #expect(again.status == 0, "\(again.errors)")
  }

  @Test func `one command line begins a simulation and continues it`() throws {
    let folder = try temporaryFolder()
    func arguments(_ name: String) -> [String] {
      [
        "simulate", "AL2", "--systems", systemsFolder.path, "--time", "0.4ps", "--equilibration",
        "0.1ps", "--save-every", "0.1ps", "--temperatures", "auto", "--chains", "2", "--output",
        folder.appending(path: name).path,
      ]
    }
    let (whole, stopped) = (folder.appending(path: "whole"), folder.appending(path: "stopped"))
    let line = arguments("stopped") + ["--resume-if-present"]
    let first = try Child(line + ["--max-hours", "0.00001"]).outcome()
    #expect(first.status == 75, "\(first.errors)")
    for _ in 0..<2 {
      let outcome = try Child(line).outcome()
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    #expect(try Child(arguments("whole")).outcome().status == 0)
    for name in ["trajectory.nc", "energies.csv", "summary.json"] {
      #expect(try whole.bytes(name) == stopped.bytes(name))
    }
    let untimed = line.filter { !["--time", "0.4ps"].contains($0) }
    for arguments in [
      untimed, ["simulate", "--resume", stopped.path, "--time", "0.6ps"], untimed, line,
    ] {
      let outcome = try Child(arguments).outcome()
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    try expectConfigurationError(
      line + ["--chains", "3"],
      "\(stopped.path): chains is 2, but the command line says 3; leave it out, or")
  }

  @Test func `another molecule, start or flow is another simulation`() throws {
    let folder = try temporaryFolder().appending(path: "md")
    func arguments(_ sequence: String, _ more: String...) -> [String] {
      [
        "simulate", "--sequence", sequence, "--solvent", "none", "--time", "0.02ps",
        "--equilibration", "0ps", "--save-every", "0.01ps", "--chains", "1", "--temperatures",
        "350,400", "--output", folder.path, "--resume-if-present",
      ] + more
    }
    for _ in 0..<2 {
      let outcome = try Child(arguments("Ace-G-Nme")).outcome()
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    let system = try MolecularSystem(folder: folder.appending(path: "system").path)
    #expect(system.description.temperature == 350)
    try expectConfigurationError(
      arguments("Ace-A-Nme"),
      "\(folder.path): is no run of what --sequence Ace-A-Nme builds: 19 atoms, not 22; choose")
    try expectConfigurationError(
      arguments("Ace-G-Nme", "--solvent", "obc2"), "the implicit solvent none, not obc2")
    let start = systemsFolder.appending(path: "AL2/start.ncrst").path
    try expectConfigurationError(
      arguments("Ace-G-Nme", "--start", start),
      "begins with another structure than \(start) holds now; leave --start out, or choose another")
    try expectConfigurationError(
      arguments("Ace-G-Nme", "--proposals", tiny.complete.path),
      "is without proposals of a flow, but the command line names those of")
  }

  @Test func `another energy or other weights to begin with are another run`() throws {
    let (run, system) = (try tiny.copy(), try alanineSystem())
    try edit(
      system.appending(path: "system.yaml"), replacing: "temperature: 310",
      with: "temperature: 311")
    try expectConfigurationError(
      ["train", system.path, "--output", run.path, "--resume-if-present"],
      "\(run.path): is a run of another AL3: its temperature_K is 310.0, that of \(system.path) is")
    try expectConfigurationError(
      [
        "train", "AL3", "--systems", systemsFolder.path, "--from", tiny.complete.path, "--output",
        run.path, "--resume-if-present",
      ], "begins with random weights, not with those of \(tiny.complete.path); choose another")
    try expectConfigurationError(
      [
        "train", "AL3", "--systems", systemsFolder.path, "--from", "energy", "--output", run.path,
        "--resume-if-present",
      ], "\(run.path): learns from frames, not from the energy alone; choose another --output")
  }

  @Test func `it needs the folder of the run and goes without resume`() throws {
    for (arguments, text) in [
      (["train", "AL3", "--resume-if-present"], "--resume-if-present needs --output"),
      (["train", "--resume", "run", "--resume-if-present"], "not both"),
      (["image", "train", "digits", "--resume-if-present"], "--resume-if-present needs --output"),
      (["simulate", "AL2", "--time", "1ps", "--resume-if-present"], "needs --output"),
    ] {
      let outcome = try Child(arguments).outcome()
      #expect(outcome.status == 64 && outcome.errors.contains(text), "\(outcome.errors)")
    }
  }
}
