import Boltzmann
import Foundation
import Kernels
import Molecules
import TestSupport
import Testing
import Trajectories

/// `simulate`, and `train --simulate`.
@Suite struct SimulateCommandTests {
  private func newFolder() throws -> URL { try temporaryFolder().appending(path: "md") }

  /// 250 steps of AL2 in two ladders of three temperatures, after 50 that are not kept.
  private func arguments(_ output: URL, _ more: String...) -> [String] {
    [
      "simulate", "AL2", "--systems", systemsFolder.path, "--time", "0.5ps", "--equilibration",
      "0.1ps", "--chains", "2", "--temperatures", "300,400,550", "--save-every", "0.1ps",
      "--exchange-every", "20fs", "--timestep", "2fs", "--output", output.path,
    ] + more
  }

  private static let files = ["trajectory.nc", "energies.csv", "summary.json"]

  private func expectEqual(
    _ a: URL, _ b: URL, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    for name in Self.files {
      #expect(
        try a.bytes(name) == b.bytes(name), "\(name) differs", sourceLocation: sourceLocation)
    }
  }

  @Test func `frames, energies and summary belong together`() throws {
    let folder = try newFolder()
    let outcome = try Child(arguments(folder)).outcome()
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      outcome.output.hasPrefix("AL2, 2 chains of 500fs: 10 frames at 300.0 K in \(folder.path)"))
    #expect(outcome.errors.contains("ns/day together"))
    let path = folder.appending(path: "trajectory.nc").path
    let (trajectory, notes) = try readAmberTrajectory(path: path, expectedAtoms: 22)
    #expect(notes.isEmpty && trajectory.frames == 10)
    expectClose(
      trajectory.times, (0..<10).map { 0.1 * Double($0 / 2 + 1) }, absolute: 1e-6, "times")
    #expect(
      try NetCDFFile(path: path).doubles("chain").values == (0..<10).map { Double($0 % 2) })
    // The table's energies are those of the frames, up to their rounding to single precision.
    let text = try String(contentsOf: folder.appending(path: "energies.csv"), encoding: .utf8)
    let rows = text.split(separator: "\n").map { $0.split(separator: ",") }
    #expect(
      rows[0] == [
        "frame", "time_ps", "chain", "walker", "potential_kJ_mol", "kinetic_kJ_mol",
        "temperature_K",
      ]
    )
    let system = try MolecularSystem(folder: systemsFolder.appending(path: "AL2").path)
    let energies = system.energy.terms(coordinates: trajectory.coordinates, execution: .serial)
    expectClose(
      rows.dropFirst().compactMap { Double($0[4]) }, energies.map(\.total), absolute: 0.02)
    #expect(rows.dropFirst().map { $0[0] } == (0..<10).map { "\($0)" })
    // 300 steps of two ladders of three walkers; the frames are their own reference.
    let costs = try tarflowMol("export", folder.path, "--reference", path)
    let lines = costs.output.split(whereSeparator: \.isNewline)
    #expect(costs.status == 0 && lines.count == 2 && lines[0].hasPrefix("evaluations,chains,"))
    #expect(lines.last?.hasPrefix("1800,2,1,10,") == true, "\(costs.output)\(costs.errors)")
    for option in ["--bins", "--models"] {
      let refused = try tarflowMol("export", folder.path, "--reference", path, option, "5")
      #expect(refused.status == 64 && refused.errors.contains(option), "\(refused.errors)")
    }
    #expect(rows.dropFirst().map { $0[2] } == (0..<10).map { "\($0 % 2)" })
    let summary = try JSONDecoder().decode(
      SimulationSummary.self, from: try folder.bytes("summary.json"))
    #expect(summary.frames == 10 && summary.rungs.map(\.temperature) == [300, 400, 550])
    let mean = energies.reduce(0) { $0 + $1.total } / 10
    expectClose([summary.rungs[0].meanPotential], [mean], absolute: 0.01)
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/trajectory.partial.nc"))
    // A complete simulation that is resumed only tells its summary.
    let again = try tarflowMol("simulate", "--resume", folder.path)
    #expect(again.status == 0)
    #expect(again.output == outcome.output)
    let json = try tarflowMol("simulate", "--resume", folder.path, "--json").output
    let kept = String(decoding: try folder.bytes("summary.json"), as: UTF8.self)
    #expect(json == kept)
    #expect(try tarflowMol("simulate", "--resume", folder.path, "--seed", "3").status == 64)
    let facts = try tarflowMol("inspect", folder.path).output
    #expect(facts.contains("simulation") && facts.contains("300.0 400.0 550.0"))
  }

  @Test func `the number of threads changes nothing, another seed everything`() throws {
    let first = try newFolder()
    #expect(try Child(arguments(first, "--threads", "1")).outcome().status == 0)
    let second = try newFolder()
    #expect(try Child(arguments(second, "--threads", "3")).outcome().status == 0)
    try expectEqual(first, second)
    let other = try newFolder()
    #expect(try Child(arguments(other, "--seed", "2")).outcome().status == 0)
    for name in Self.files { #expect(try first.bytes(name) != other.bytes(name)) }
  }

  @Test(arguments: [SIGHUP, SIGXCPU, SIGUSR1, SIGUSR2])
  func `a terminal that closes and a scheduler's signals stop with a checkpoint`(
    signal: Int32
  ) throws {
    let folder = try newFolder()
    let child = try Child(arguments(folder) + ["--time", "20ps"])
    try child.wait(for: folder.appending(path: "energies.csv"))
    child.signal(signal)
    let outcome = try child.outcome()
    #expect(outcome.status == 75, "\(outcome.errors)")
    #expect(outcome.errors.contains("continue with: tarflow-mol simulate --resume"))
  }

  @Test(arguments: [["TERM": "dumb"], ["NO_COLOR": "1"]])
  func `a terminal that wants no escape codes gets none`(environment: [String: String]) throws {
    let folder = try newFolder()
    let terminal = try Terminal()
    let child = try Child(
      arguments(folder) + ["--time", "4ps"], on: terminal, environment: environment)
    try terminal.readToEnd()
    #expect(try child.outcome().status == 0)
    #expect(terminal.text.contains("simulating, steps: "))
    #expect(!terminal.text.contains("\u{1b}"))
  }

  @Test func `a ladder that is stopped and resumed equals the uninterrupted one`() throws {
    // Its temperatures have all the digits of a double.
    let ladder = ["--temperatures", "auto", "--chains", "2", "--time", "4ps"]
    let whole = try newFolder()
    #expect(try Child(arguments(whole) + ladder).outcome().status == 0)
    let folder = try newFolder()
    let stopped = try Child(arguments(folder) + ladder + ["--max-hours", "0.00001"]).outcome()
    #expect(stopped.status == 75)
    #expect(try tarflowMol("simulate", "--resume", folder.path).status == 0)
    try expectEqual(folder, whole)
  }

  @Test func `a simulation that ended between its last files is completed`() throws {
    let whole = try newFolder()
    #expect(try Child(arguments(whole)).outcome().status == 0)
    for missing in [["summary.json"], ["trajectory.nc"], ["report.html"]] {
      let folder = try newFolder()
      try FileManager.default.copyItem(at: whole, to: folder)
      for name in missing {
        let place = folder.appending(path: name)
        if name == "trajectory.nc" {
          let growing = folder.appending(path: "trajectory.partial.nc")
          try FileManager.default.moveItem(at: place, to: growing)
        } else {
          try FileManager.default.removeItem(at: place)
        }
      }
      let resumed = try tarflowMol("simulate", "--resume", folder.path)
      #expect(resumed.status == 0, "\(resumed.errors)")
      try expectEqual(folder, whole)
      #expect(FileManager.default.fileExists(atPath: folder.appending(path: "report.html").path))
    }
  }

  @Test func `a simulation that was killed before its record was written begins again`() throws {
    let folder = try newFolder()
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data("1\n".utf8).write(to: folder.appending(path: "lock"))
    try Data().write(to: folder.appending(path: ".simulation.yaml.2147483647.1.tmp"))
    #expect(try Child(arguments(folder)).outcome().status == 0)
  }

  @Test func `a simulation that is stopped or killed and resumed equals the uninterrupted one`()
    throws
  {
    // Some seconds: the progress shows after a fifth of one.
    let long = ["--time", "10ps"]
    let whole = try newFolder()
    #expect(try Child(arguments(whole) + long).outcome().status == 0)
    for (signal, status) in [(SIGTERM, Int32(75)), (SIGINT, 75), (SIGKILL, 128 + 9)] {
      let folder = try newFolder()
      let terminal = try Terminal()
      let child = try Child(arguments(folder) + long, on: terminal)
      let growing = folder.appending(path: "trajectory.partial.nc").path
      try terminal.wait(for: /simulating, steps: [1-9]\d* of/)
      child.signal(signal)
      try terminal.readToEnd()
      #expect(try child.outcome().status == status, "\(terminal.text)")
      #expect(!FileManager.default.fileExists(atPath: folder.path + "/trajectory.nc"))
      if signal != SIGKILL {
        #expect(
          terminal.text.hasSuffix(
            "continue with: tarflow-mol simulate --resume \(folder.path)\r\n"))
        #expect(terminal.text.contains("\r\nError: stopped after step "))
        // What is there so far can be read.
        #expect(try inspectAmberTrajectory(path: growing).atoms == 22)
      }
      let resumed = try tarflowMol("simulate", "--resume", folder.path)
      #expect(resumed.status == 0, "\(resumed.errors)")
      if signal != SIGKILL { #expect(resumed.errors.contains("resuming after ")) }
      try expectEqual(folder, whole)
    }
  }

  @Test func `a damaged checkpoint gives way to the one before, and none is 65`() throws {
    let folder = try newFolder()
    let long = ["--time", "3ps"]
    let stopped = try Child(arguments(folder) + long + ["--max-hours", "0.00001"]).outcome()
    #expect(stopped.status == 75)
    let again = try tarflowMol("simulate", "--resume", folder.path, "--max-hours", "0.00001")
    #expect(again.status == 75)
    let checkpoint = folder.appending(path: "checkpoint.json")
    try Data(contentsOf: checkpoint).dropLast(50).write(to: checkpoint)
    let third = try tarflowMol("simulate", "--resume", folder.path, "--max-hours", "0.00001")
    #expect(third.status == 75)
    #expect(
      third.errors.contains("warning: \(checkpoint.path): is damaged; trying the checkpoint before")
    )
    var flipped = try Data(contentsOf: checkpoint)
    flipped[flipped.count / 2] ^= 2
    try flipped.write(to: checkpoint)
    let fourth = try tarflowMol("simulate", "--resume", folder.path, "--max-hours", "0.00001")
    #expect(fourth.status == 75)
    #expect(fourth.errors.contains("is damaged; trying the checkpoint before"))
    for name in ["checkpoint.json", "checkpoint.previous.json"] {
      try Data("{}".utf8).write(to: folder.appending(path: name))
    }
    let last = try tarflowMol("simulate", "--resume", folder.path)
    #expect(last.status == 65)
    #expect(last.errorLines.first?.contains("is damaged, and there is no other checkpoint") == true)
  }

  private static let refusals: [([String], Int32, String)] = [
    (["--timestep", "20fs"], 78, "the time step is 0.02 ps, expected 1e-6 to 10 fs"),
    (["--hydrogen-mass", "6"], 78, "leave their partners too little"),
    (["--temperatures", "400,300"], 78, "expected ascending ones, each"),
    (["--chains", "0"], 78, "0 chains, expected 1 to 100000"),
    (["--friction=-1"], 78, "the friction is -1.0 per ps"),
    (["--time", "10fs"], 78, "expected at least the 0.1 ps between frames"),
    (["--start", "nowhere.ncrst"], 66, "nowhere.ncrst: no such input file"),
    (
      ["--start", systemsFolder.appending(path: "AL3/start.ncrst").path], 65,
      "has 33 atoms, but the topology has 22"
    ),
    (["--time", "ten"], 64, "--time"), (["--hydrogen-mass", "heavy"], 64, "a number or 'none'"),
    (["--temperatures", "300;400"], 64, "expected numbers or 'auto'"),
    (["--resume", "x"], 64, "--resume takes everything from the simulation"),
  ]

  @Test(arguments: refusals)
  func `what cannot be simulated is refused and leaves no folder`(
    more: [String], status: Int32, fragment: String
  ) throws {
    let folder = try newFolder()
    let outcome = try Child(arguments(folder) + more).outcome()
    #expect(outcome.status == status, "\(outcome.errors)")
    #expect(outcome.errorLines.count == 1 && outcome.errors.contains(fragment), "\(outcome.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.path))
  }

  @Test func `a simulation that explodes says so`() throws {
    let folder = try newFolder()
    let outcome = try Child(
      arguments(folder, "--timestep", "10fs", "--hydrogen-mass", "none", "--time", "2ps")
    ).outcome()
    #expect(outcome.status == 70)
    #expect(
      outcome.errors.contains("start a new simulation with a time step below 10fs"),
      "\(outcome.errors)")
  }

  @Test func `a folder that is there, a system without a start, and no simulation are refused`()
    throws
  {
    let folder = try newFolder()
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data().write(to: folder.appending(path: "x"))
    #expect(try Child(arguments(folder)).outcome().status == 73)
    #expect(try tarflowMol("simulate", "--resume", folder.path).status == 66)
    let system = try alanineSystem()
    try edit(system.appending(path: "system.yaml"), replacing: "start: start.ncrst\n", with: "")
    let outcome = try tarflowMol(
      "simulate", system.path, "--time", "1ps", "--output", folder.path + "-2")
    #expect(outcome.status == 66)
    #expect(outcome.errors.contains("pass --start FILE, an AMBER restart"))
  }

  @Test func `a start in another unit is 65 and leaves no folder`() throws {
    let system = try alanineSystem()
    let positions = try readAmberRestart(
      path: systemsFolder.appending(path: "AL3/start.ncrst").path)
    // Nanometres where the format has ångström.
    let numbers = positions.flatMap { [$0.x, $0.y, $0.z] }.map { String(format: "%12.7f", $0) }
    let lines = numbers.indices.map { numbers[$0] + ($0 % 6 == 5 ? "\n" : "") }
    try Data("made\n\(positions.count)\n\(lines.joined())\n".utf8)
      .write(to: system.appending(path: "start.rst7"))
    try edit(
      system.appending(path: "system.yaml"), replacing: "start: start.ncrst",
      with: "start: start.rst7")
    let output = try newFolder()
    for command in [["simulate", system.path, "--time"], ["train", system.path, "--simulate"]] {
      let outcome = try Child(command + ["40ps", "--output", output.path]).outcome()
      #expect(outcome.status == 65)
      #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
      #expect(
        outcome.errors.contains("start.rst7: bond ")
          && outcome.errors.contains("ten times too short: check the unit"), "\(outcome.errors)")
      #expect(!FileManager.default.fileExists(atPath: output.path))
    }
  }

  private func training(_ output: URL, _ more: String...) -> [String] {
    let settings = [
      "flow.width=32", "flow.layers=1", "flow.components=3", "training.steps=4",
      "training.batch=16", "training.validate_every=2", "sampling.count=32",
      "evaluation.torus_points=8",
    ]
    return [
      "train", "AL2", "--systems", systemsFolder.path, "--simulate", "10ps", "--output",
      output.path,
    ] + settings.flatMap { ["--set", $0] } + more
  }

  @Test func `training makes its frames, stops and goes on while it does`() throws {
    let run = try newFolder()
    let stopped = try Child(training(run, "--max-hours", "0.00001")).outcome()
    #expect(stopped.status == 75, "\(stopped.errors)")
    #expect(stopped.errors.contains("continue with: tarflow-mol train --resume \(run.path)"))
    let resumed = try tarflowMol("train", "--resume", run.path)
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(resumed.errors.contains("simulated 400 frames at 300 K"))
    let training = try inspectAmberTrajectory(path: run.path + "/training.nc")
    let reference = try inspectAmberTrajectory(path: run.path + "/reference.nc")
    // Eight chains, the last fifth held out.
    #expect(training.frames == 320 && reference.frames == 80)
    #expect(FileManager.default.fileExists(atPath: run.path + "/evaluation.json"))
    #expect(!FileManager.default.fileExists(atPath: run.path + "/config.pending.yaml"))
    let record = try MoleculeRecord.read(path: run.path + "/config.resolved.yaml")
    #expect(record.training.path.hasSuffix("/training.nc"))
    // From here on it is a run like any other.
    #expect(try tarflowMol("train", "--resume", run.path).status == 0)
    #expect(try tarflowMol("evaluate", run.path).status == 0)
  }

  @Test func `a system without a trajectory offers to make it`() throws {
    let outcome = try tarflowMol("train", "AL2", "--systems", systemsFolder.path)
    #expect(outcome.status == 66)
    #expect(outcome.errors.contains("simulate it: add --simulate 20ns; or pass --training FILE.nc"))
    let both = try tarflowMol("train", "AL2", "--simulate", "1ps", "--training", "x.nc")
    #expect(both.status == 64)
  }
}
