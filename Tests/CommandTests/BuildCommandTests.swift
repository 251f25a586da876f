import Boltzmann
import Foundation
import Molecules
import TestSupport
import Testing
import Trajectories

/// `build`, and what can be done with what it writes.
@Suite struct BuildCommandTests {
  private func run(_ arguments: String...) throws -> Outcome {
    try Child(["build"] + arguments).outcome()
  }

  @Test func `a system is built, and simulated`() throws {
    let folder = try temporaryFolder().appending(path: "system")
    let outcome = try run(
      "Ace-aC-NH2", "--output", folder.path, "--temperature", "310", "--solvent", "obc2",
      "--force-field", "ff99SB-ILDN")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("ACE DAL CYS NHE"))
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(
      names == ["README.md", "start.ncrst", "system.yaml", "topology.pdb", "topology.prmtop"])
    let system = try MolecularSystem(folder: folder.path)
    #expect(system.description.name == "Ace-aC-NH2" && system.description.temperature == 310)
    #expect(try system.description.solvent(path: "").model == .obc2)
    #expect(system.prmtop.notes.isEmpty)
    #expect(system.prmtop.forceField.radii.allSatisfy { $0 > 0.1 })
    let simulated = try Child([
      "simulate", folder.path, "--time", "0.2ps", "--save-every", "0.1ps", "--chains", "1",
      "--output", folder.appending(path: "md").path,
    ]).outcome()
    #expect(simulated.status == 0, "\(simulated.errors)")
  }

  @Test func `radii of another solvent are warned of, wherever the system is used`() throws {
    let folder = try temporaryFolder().appending(path: "system")
    let message = "the radius set bondi is meant for GBn (igb=7); obc1 expects mbondi2"
    let outcome = try run("Ace-G-Nme", "--output", folder.path, "--radii", "bondi")
    #expect(outcome.status == 0 && outcome.errors.contains(message), "\(outcome.errors)")
    let inspected = try tarflowMol("inspect", folder.path)
    #expect(inspected.output.contains(message), "\(inspected.output)")
    let simulated = try tarflowMol(
      "simulate", folder.path, "--time", "0.2ps", "--save-every", "0.1ps", "--chains", "1",
      "--output", folder.appending(path: "md").path)
    #expect(simulated.errors.contains("topology.prmtop: \(message)"), "\(simulated.errors)")
  }

  @Test func `the bond before a proline is cis where that is asked for`() throws {
    let parent = try temporaryFolder()
    let cases: [([String], [Int])] = [([], [-1, -1, -1, -1]), (["--cis", "2"], [-1, 1, -1, -1])]
    for (more, isomers) in cases {
      let folder = parent.appending(path: "\(more.count)").path
      let outcome = try Child(["build", "Ace-APA-Nme", "--output", folder] + more).outcome()
      #expect(outcome.status == 0, "\(outcome.errors)")
      let start = try readAmberRestart(path: "\(folder)/start.ncrst")
      let topology = try MolecularSystem(folder: folder).topology
      #expect(Stereochemistry(topology).isomers(start) == isomers)
    }
  }

  @Test func `a simulation builds its system, and keeps it`() throws {
    let folder = try temporaryFolder().appending(path: "md")
    let outcome = try tarflowMol(
      "simulate", "--sequence", "Ace-G-Nme", "--solvent", "none", "--time", "0.2ps",
      "--save-every", "0.1ps", "--chains", "1", "--temperature", "350", "--output", folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let system = try MolecularSystem(folder: folder.appending(path: "system").path)
    #expect(system.description.temperature == 350)
    #expect(outcome.output.hasPrefix("Ace-G-Nme, 1 chain of 200fs: 2 frames at 350.0 K"))
    #expect(
      FileManager.default.fileExists(atPath: folder.appending(path: "system/starts.nc").path))
    let again = try tarflowMol(
      "simulate", "--sequence", "GG", "--time", "1ps", "--output", folder.path)
    #expect(again.status == 73)
  }

  @Test func `a training builds its system, stops and goes on`() throws {
    let folder = try temporaryFolder().appending(path: "run")
    let settings = [
      "flow.width=32", "flow.layers=1", "flow.components=3", "training.steps=4",
      "training.batch=16", "training.validate_every=2", "sampling.count=32",
      "evaluation.torus_points=8",
    ]
    let stopped = try Child(
      [
        "train", "--sequence", "Ace-G-Nme", "--simulate", "10ps", "--output", folder.path,
        "--max-hours", "0.00001",
      ] + settings.flatMap { ["--set", $0] }
    ).outcome()
    #expect(stopped.status == 75, "\(stopped.errors)")
    let resumed = try tarflowMol("train", "--resume", folder.path)
    #expect(resumed.status == 0, "\(resumed.errors)")
    let files = ["system/system.yaml", "evaluation.json", "config.resolved.yaml"]
    for file in files {
      #expect(FileManager.default.fileExists(atPath: folder.appending(path: file).path))
    }
  }

  @Test func `a run is sampled by its sequence`() throws {
    let folder = try temporaryFolder()
    let settings = [
      "flow.width=32", "flow.layers=1", "flow.components=3", "training.steps=4",
      "training.batch=16", "training.validate_every=2", "sampling.count=32",
      "evaluation.torus_points=8",
    ]
    let trained = try Child(
      ["train", "--sequence", "Ace-G-Nme", "--solvent", "obc2", "--simulate", "4ps"]
        + settings.flatMap { ["--set", $0] }, folder: folder
    ).outcome()
    #expect(trained.status == 0, "\(trained.errors)")
    func sample(_ more: String...) throws -> Outcome {
      try Child(["sample", "-n", "8", "--output", "drawn"] + more, folder: folder).outcome()
    }
    let drawn = try sample("--sequence", "Ace-G-Nme", "--solvent", "obc2")
    #expect(drawn.status == 0, "\(drawn.errors)")
    #expect(drawn.errors.contains("the model of runs/Ace-G-Nme"))
    let other = try sample("--sequence", "Ace-G-Nme")
    #expect(other.status == 66 && other.errors.split(separator: "\n").count == 1)
    #expect(other.errors.contains("train one: tarflow-mol train --sequence Ace-G-Nme --simulate"))
  }

  @Test(arguments: [
    (["sample", "AL3", "--sequence", "AA"], 64, "name a run, a system with a model, or a"),
    (["sample", "AL3", "--solvent", "obc1"], 64, "belong to --sequence"),
    (["simulate", "--sequence", "AXA", "--time", "1ps"], 65, "position 2: 'X'"),
    (["simulate", "AL2", "--sequence", "AA", "--time", "1ps"], 64, "not both"),
    (["simulate", "AL2", "--solvent", "obc1", "--time", "1ps"], 64, "belong to --sequence"),
    (["train", "--sequence", "AA"], 64, "add --simulate 10ns"),
    (
      ["train", "--sequence", "AA", "--simulate", "1ns", "--chains", "4"], 64,
      "'4' is taken for a system"
    ),
    (["train", "AL3", "--temperature", "350"], 64, "--temperature belongs to --sequence"),
    (
      ["train", "--sequence", "AA", "--simulate", "1ns", "--temperature", "nan"], 64,
      "--temperature is nan, expected 0.001 to 100000"
    ),
    (
      ["simulate", "--sequence", "AA", "--time", "1ps", "--temperature", "0"], 64,
      "--temperature is 0.0, expected 0.001 to 100000"
    ),
    (
      ["simulate", "--sequence", "AA", "--time", "1ps", "--temperatures", "1e300,2e300"], 64,
      "--temperatures is 1e+300, expected 0.001 to 100000"
    ),
    (["train", "--resume", "run", "--sequence", "AA"], 64, "leave out --sequence"),
  ])
  func `a sequence is not mixed with a system`(
    arguments: [String], status: Int, message: String
  ) throws {
    let outcome = try Child(arguments).outcome()
    #expect(outcome.status == Int32(status))
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
  }

  @Test func `the same command writes the same bytes, another seed another start`() throws {
    let parent = try temporaryFolder()
    func bytes(_ name: String, seed: String) throws -> [Data] {
      let folder = parent.appending(path: name)
      let outcome = try run("Ace-KA-Nme", "--output", folder.path, "--seed", seed)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return try ["topology.prmtop", "start.ncrst"].map {
        try Data(contentsOf: folder.appending(path: $0))
      }
    }
    let first = try bytes("a", seed: "3")
    #expect(try bytes("b", seed: "3") == first)
    let other = try bytes("c", seed: "4")
    #expect(other[0] == first[0] && other[1] != first[1])
  }

  @Test func `a PDB file is built with its coordinates`() throws {
    let parent = try temporaryFolder()
    let (first, second) = (parent.appending(path: "a"), parent.appending(path: "b"))
    #expect(try run("AEK", "--output", first.path).status == 0)
    let pdb = first.appending(path: "topology.pdb")
    let outcome = try run("--from", pdb.path, "--output", second.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let (a, b) = (try text(pdb), try text(second.appending(path: "topology.pdb")))
    #expect(a == b)
  }

  @Test func `a PDB file that no simulation can begin with is refused by its name`() throws {
    let parent = try temporaryFolder()
    let (first, second) = (parent.appending(path: "a"), parent.appending(path: "b"))
    #expect(try run("AEK", "--output", first.path).status == 0)
    let torn = parent.appending(path: "torn.pdb")
    let lines = try text(first.appending(path: "topology.pdb")).split(separator: "\n").map { line in
      line.contains(" NZ ") ? "\(line.prefix(30))  99.000\(line.dropFirst(38))" : "\(line)"
    }
    try Data(lines.joined(separator: "\n").utf8).write(to: torn)
    let outcome = try run("--from", torn.path, "--output", second.path)
    #expect(outcome.status == 65, "\(outcome.errors)")
    #expect(outcome.errors.contains("Error: \(torn.path): bond "), "\(outcome.errors)")
    #expect(!FileManager.default.fileExists(atPath: second.path))
  }

  private func text(_ file: URL) throws -> String { try String(contentsOf: file, encoding: .utf8) }

  @Test(arguments: [
    (["AXK"], 65, "Error: 'AXK': position 2: 'X' is no amino acid"),
    (["ASH-A"], 65, "Error: ff14SB has no residue ASH with a charged N-terminal end"),
    (["Ace-C-Nme", "--disulfide", "1"], 64, "expected two numbers, such as 1-4"),
    (
      ["Ace-CC-Nme", "--disulfide", "1-3"], 65, "Error: amino acid 3 is no cysteine; those are 1, 2"
    ),
    (
      ["Ace-P-Nme", "--cis=-9223372036854775808"], 65,
      "Error: amino acid -9223372036854775808 is no proline"
    ),
    (["AA", "--salt", "0.1", "--solvent", "none"], 64, "--salt needs a solvent, but --solvent is"),
    (
      ["Ace-S-Nme", "--radii", "mbondi", "--solvent", "gbn2"], 78,
      "Error: mbondi: these radii give HG of SER2 0.8 Å, but gbn2 is made for 1 to 2 Å"
    ),
    (["AA", "--radii", "amber99-obc"], 78, "these radii belong to ff99SB-ILDN, not to ff14SB"),
    (["--from", "m.pdb", "--cis", "2"], 64, "say which bonds are cis; leave out --cis"),
    (["--from", "m.pdb", "--seed", "2"], 64, "leave out --seed"),
    ([], 64, "name a sequence, such as Ace-AEK-Nme"),
    (["--from", "none.pdb"], 66, "Error: none.pdb: cannot be read: no such file"),
  ])
  func `mistakes are one line`(arguments: [String], status: Int, message: String) throws {
    let folder = try temporaryFolder().appending(path: "system")
    let outcome = try Child(["build"] + arguments + ["--output", folder.path]).outcome()
    #expect(outcome.status == Int32(status))
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.path))
  }

  @Test func `a folder that is there is left alone`() throws {
    let folder = try temporaryFolder()
    try Data().write(to: folder.appending(path: "mine"))
    #expect(try run("AA", "--output", folder.path).status == 73)
  }
}
