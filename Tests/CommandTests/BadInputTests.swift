import Foundation
import TestSupport
import Testing
import Trajectories

/// Every bad input ends with its exit code and one line on stderr, and leaves no run folder.
@Suite struct BadInputTests {
  private let tiny: TinyRun
  private let output: URL

  init() throws {
    tiny = try TinyRun.shared()
    output = try temporaryFolder().appending(path: "run")
  }

  private func expectRefusal(
    _ arguments: [String], _ status: Int32, _ fragments: [String],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let outcome = try Child(arguments).outcome()
    let lines = outcome.errors.split(separator: "\n").filter { !$0.hasPrefix("warning: ") }
    #expect(outcome.status == status, "\(outcome.errors)", sourceLocation: sourceLocation)
    #expect(lines.count == 1, "\(outcome.errors)", sourceLocation: sourceLocation)
    for fragment in fragments {
      #expect(
        outcome.errors.contains(fragment), "\(outcome.errors)", sourceLocation: sourceLocation)
    }
    #expect(outcome.output.isEmpty, sourceLocation: sourceLocation)
    #expect(
      !FileManager.default.fileExists(atPath: output.path), "a run folder was left",
      sourceLocation: sourceLocation)
  }

  /// All settings that are wrong: `RunConfigurationTests`.
  @Test(arguments: [
    ("flow.with=32", "--set flow.with=32: unknown key 'flow.with'; did you mean 'width'?"),
    ("flow.width", "--set flow.width: expected key=value"),
    ("flow.width=-32", "flow.width is -32, expected 1 to 16384"),
    ("training.batch=301", "training.batch is 301, more than the 300 samples"),
    ("sampling.count=1000000000000", "1000000000000 samples: need about"),
  ])
  func `a wrong setting is 78 and named`(setting: String, fragment: String) throws {
    try expectRefusal(tiny.arguments(output: output, "--set", setting), 78, [fragment])
  }

  @Test(arguments: [
    ("flow:\n  with: 32\n", "unknown key 'flow.with'; did you mean 'width'?"),
    ("flow: [1\n", "no valid YAML"),
  ])
  func `a wrong configuration file is 78 and named`(text: String, fragment: String) throws {
    let file = try temporaryFolder().appending(path: "settings.yaml")
    try Data(text.utf8).write(to: file)
    try expectRefusal(
      tiny.arguments(output: output, "--config", file.path), 78, ["settings.yaml", fragment])
  }

  @Test func `what is not there is 66 with what to do`() throws {
    let systems = ["--systems", systemsFolder.path]
    try expectRefusal(
      ["train", "AL33"] + systems, 66,
      ["AL33: no such system", "AL2, AL3, AL4, AL6", "did you mean"])
    try expectRefusal(
      ["train", "AL2"] + systems, 66, ["AL2/train.nc", "--training FILE.nc", "README.md"])
    try expectRefusal(["train", "./nowhere"], 66, ["a system is a folder with system.yaml"])
    try expectRefusal(["sample", "/nowhere"], 66, ["no such run folder", "tarflow-mol train"])
    try expectRefusal(["inspect", "/nowhere"], 66, ["/nowhere: no such file"])
    let below = systemsFolder.path + "/AL2/system.yaml/x"
    try expectRefusal(["inspect", below], 66, ["\(below): no such file"])
    try expectRefusal(
      tiny.arguments(output: output, "--config", "/nowhere.yaml"), 66, ["/nowhere.yaml"])
    try expectRefusal(
      tiny.arguments(output: output, training: URL(fileURLWithPath: "/nowhere.nc")), 66,
      ["/nowhere.nc", "--training FILE.nc"])
  }

  @Test func `an output that is there is 73, one that cannot be made 74`() throws {
    let taken = try temporaryFolder()
    try Data("x".utf8).write(to: taken.appending(path: "x"))
    try expectRefusal(tiny.arguments(output: taken), 73, ["exists already; choose another"])
    try expectRefusal(tiny.arguments(output: tiny.complete), 73, ["--resume \(tiny.complete.path)"])
    try expectRefusal(
      tiny.arguments(output: URL(fileURLWithPath: "/proc/run")), 74, ["cannot be written"])
    try expectRefusal(["sample", tiny.complete.path], 73, ["samples.nc", "--overwrite"])
  }

  @Test func `frames of another molecule, order or unit are 65`() throws {
    let frames = try alanineFrames(0..<300)
    func expect(_ trajectory: Trajectory, _ fragments: [String]) throws {
      let file = try file(of: trajectory)
      try expectRefusal(
        tiny.arguments(output: output, training: file), 65, [file.path] + fragments)
    }
    try expect(try goldenFrames("AL2"), ["has 22 atoms, but the topology has 33"])
    for factor in [10, 0.1] {
      try expect(
        Trajectory(atoms: 33, coordinates: frames.coordinates.map { $0 * factor }),
        ["frame 0: bond", "check the unit"])
    }
    let names = try alanineNames()
    let carbon = try #require(names.firstIndex(of: "C"))
    let oxygen = try #require(names.firstIndex(of: "O"))
    try expect(swapped(frames, carbon, oxygen), ["frame 0: bond", "another order of its atoms?"])
    let first = Array(frames.coordinates.prefix(99))
    try expect(Trajectory(atoms: 33, coordinates: first), ["1 different frames"])
    let equal = Array(repeating: first, count: 300).flatMap(\.self)
    try expect(
      Trajectory(atoms: 33, coordinates: equal), ["only 1 of its 300 frames is distinct"])
  }

  @Test func `files that are none are 65`() throws {
    let folder = try temporaryFolder()
    let (cut, fifo, text) = (
      folder.appending(path: "cut.nc"), folder.appending(path: "fifo.nc"),
      folder.appending(path: "text.nc")
    )
    try Data(contentsOf: tiny.training).dropLast(1_000).write(to: cut)
    try Data("no trajectory".utf8).write(to: text)
    #expect(mkfifo(fifo.path, 0o600) == 0)
    for (path, fragment) in [
      (cut, "the copy is incomplete"), (text, "is not a NetCDF file"), (fifo, "no plain file"),
      (folder, "is a folder"),
    ] {
      try expectRefusal(
        tiny.arguments(output: output, training: path), 65, [path.path, fragment])
      try expectRefusal(["inspect", path.path], 65, [path.path])
      try expectRefusal(
        ["energy", "--system", "AL3", "--systems", systemsFolder.path, "--trajectory", path.path],
        65, [path.path, fragment])
    }
    try expectRefusal(
      tiny.arguments(output: output, "--config", fifo.path), 65, [fifo.path, "no plain file"])
  }

  @Test(arguments: [
    ("temperature: 310 ", "temperature: 0 ", 78, "temperature is 0.0, expected 0.001 to 100000"),
    ("model: obc1 ", "model: gbn3 ", 78, "implicit_solvent.model is 'gbn3', expected"),
    ("topology: topology.prmtop", "topology: gone.prmtop", 66, "gone.prmtop"),
  ])
  func `a wrong system description is named`(
    old: String, new: String, status: Int32, fragment: String
  ) throws {
    let system = try alanineSystem()
    try edit(system.appending(path: "system.yaml"), replacing: old, with: new)
    var arguments = tiny.arguments(output: output)
    arguments[1] = system.path
    try expectRefusal(arguments, status, [system.path, fragment])
  }

  @Test(arguments: ["31 ", "3100 "])
  func `frames of another temperature are 65`(kelvin: String) throws {
    let system = try alanineSystem()
    try edit(
      system.appending(path: "system.yaml"), replacing: "temperature: 310 ",
      with: "temperature: \(kelvin)")
    var arguments = tiny.arguments(output: output)
    arguments[1] = system.path
    let fragments = ["the system's temperature is \(kelvin)K: was it simulated at that"]
    try expectRefusal(arguments, 65, [tiny.training.path] + fragments)
    let run = tiny.complete
    try expectRefusal(
      [
        "evaluate", "--samples", run.appending(path: "samples.nc").path, "--weights",
        run.appending(path: "weights.csv").path, "--reference", tiny.reference.path, "--system",
        system.path,
      ], 65, [tiny.reference.path] + fragments)
  }

  @Test func `a training that diverges is 70`() throws {
    let wild = ["learning_rate=1e30", "warm_up=0", "clip=1e30"].flatMap {
      ["--set", "training.\($0)"]
    }
    let outcome = try Child(tiny.arguments(output: output, "--quiet") + wild).outcome()
    #expect(outcome.status == 70)
    #expect(outcome.errors.split(separator: "\n").count == 1)
    #expect(outcome.errors.contains("a lower learning rate"))
  }

  @Test func `a force field of CHARMM is 69`() throws {
    let system = try alanineSystem()
    let topology = system.appending(path: "topology.prmtop")
    try edit(
      topology, replacing: "%FLAG RADIUS_SET",
      with: "%FLAG CHARMM_CMAP_COUNT\n%FORMAT(2I8)\n       1       1\n%FLAG RADIUS_SET")
    var arguments = tiny.arguments(output: output)
    arguments[1] = system.path
    try expectRefusal(arguments, 69, [topology.path, "CHARMM"])
  }

  @Test func `an unknown radius set is a warning`() throws {
    let system = try alanineSystem()
    try edit(
      system.appending(path: "topology.prmtop"), replacing: "H(N)-modified Bondi radii (mbondi2)",
      with: "radii of my own")
    for (name, molecule) in [(system.path, "AL3"), ("AL2", "AL2")] {
      let outcome = try tarflowMol(
        "energy", "--system", name, "--systems", systemsFolder.path, "--csv", "--trajectory",
        try file(of: try goldenFrames(molecule)).path)
      #expect(outcome.status == 0)
      #expect(outcome.errors.contains("the radius set ") == (molecule == "AL3"))
      #expect(outcome.errors.contains("the radius set 'radii of my own") == (molecule == "AL3"))
    }
  }

  /// Other tables that do not fit: `ProposalsTests`.
  @Test func `weights that do not belong to the samples are 65`() throws {
    let run = try tiny.copy()
    let weights = run.appending(path: "weights.csv")
    let text = try String(contentsOf: weights, encoding: .utf8)
    let lines = text.split(separator: "\n")
    try Data((lines.dropLast().joined(separator: "\n") + "\n").utf8).write(to: weights)
    for command in ["reweight", "evaluate"] {
      try expectRefusal([command, run.path], 65, [weights.path, "has 63 rows for 64 frames"])
    }
  }
}

/// The trajectory with two atoms in each other's place.
private func swapped(_ trajectory: Trajectory, _ first: Int, _ second: Int) -> Trajectory {
  var coordinates = trajectory.coordinates
  for frame in 0..<trajectory.frames {
    let start = 3 * frame * trajectory.atoms
    for axis in 0..<3 { coordinates.swapAt(start + 3 * first + axis, start + 3 * second + axis) }
  }
  return Trajectory(atoms: trajectory.atoms, coordinates: coordinates)
}
