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
