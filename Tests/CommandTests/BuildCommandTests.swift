import Boltzmann
import Foundation
import Molecules
import TestSupport
import Testing

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

  private func text(_ file: URL) throws -> String { try String(contentsOf: file, encoding: .utf8) }

  @Test(arguments: [
    (["AXK"], 65, "Error: 'AXK': position 2: 'X' is no amino acid"),
    (["ASH-A"], 65, "Error: ff14SB has no residue ASH with a charged N-terminal end"),
    (["Ace-C-Nme", "--disulfide", "1"], 64, "expected two numbers, such as 1-4"),
    (
      ["Ace-CC-Nme", "--disulfide", "1-3"], 65, "Error: amino acid 3 is no cysteine; those are 1, 2"
    ),
    (["AA", "--radii", "amber99-obc"], 78, "these radii belong to ff99SB-ILDN, not to ff14SB"),
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
