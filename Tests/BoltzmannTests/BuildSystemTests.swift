import Boltzmann
import Foundation
import Molecules
import Runs
import TestSupport
import Testing

/// What settings build, and what they refuse before they write anything.
@Suite struct BuildSystemTests {
  private func settings(_ text: String) throws -> BuildSettings {
    var settings = BuildSettings(sequence: try PeptideSequence(text))
    settings.solvent = .none
    return settings
  }

  @Test func `a long sequence has a short name of its own`() throws {
    let long = String(repeating: "ACDEFGHIKL", count: 12)
    let names = try [long + "A", long + "C", "Ace-AEK-Nme"].map { try settings($0).name }
    #expect(Set(names).count == 3 && names[2] == "Ace-AEK-Nme")
    for name in names {
      #expect(throws: Never.self) { try checkSystemName(name, path: "system.yaml") }
    }
  }

  @Test func `a peptide whose sequence is no name is built`() throws {
    try withTemporaryFolder { folder in
      let glycines = [String](repeating: "GLY", count: 25).joined(separator: "-")
      let settings = try settings("Ace-HIP-\(glycines)-Nme")
      let system = try buildSystem(settings, in: "\(folder)/system", version: "1")
      #expect(system.topology.residueNames.count == 28)
      #expect(system.description.name == settings.name)
      let sequence = try #require(system.description.sequence)
      #expect(try PeptideSequence(sequence) == settings.sequence)
      #expect(system.prmtop.forceField.netCharge == 1)
    }
  }

  @Test(arguments: [ImplicitSolvent.Model.gbn, .gbn2])
  func `a model with necks refuses radii that it is not made for`(
    solvent: ImplicitSolvent.Model
  ) throws {
    try withTemporaryFolder { folder in
      var settings = try settings("Ace-S-Nme")
      (settings.solvent, settings.radii) = (solvent, .mbondi)
      let problem =
        "mbondi: these radii give HG of SER2 0.8 Å, but \(solvent.rawValue) is made for 1 to 2 Å; "
      let built = #expect(throws: RunError.self) {
        try buildSystem(settings, in: "\(folder)/system", version: "1")
      }
      #expect(built?.description.hasPrefix(problem) == true, "\(built?.description ?? "")")
      let found = #expect(throws: RunError.self) {
        try settings.model(systems: [], runs: "nowhere", advice: "")
      }
      #expect(found == built)
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/system"))
    }
  }

  @Test func `a model is not looked for with radii that the force field has not`() throws {
    var settings = try settings("AA")
    settings.radii = .amber99OBC
    let error = #expect(throws: RunError.self) {
      try settings.model(systems: [], runs: "nowhere", advice: "")
    }
    #expect(error?.description.contains("belong to ff99SB-ILDN, not to ff14SB") == true)
  }

  @Test func `what makes a system another one is said`() throws {
    try withTemporaryFolder { folder in
      let own = try settings("Ace-PC-Nme")
      let system = try buildSystem(own, in: folder, version: "1")
      #expect(try own.difference(of: system) == nil)
      let changes: [(problem: String, change: (inout BuildSettings) throws -> Void)] = [
        (
          "atom 21 is N of CYS3, not N of SER3",
          { $0.sequence = try PeptideSequence("Ace-PS-Nme") }
        ),
        ("37 atoms, not 23", { $0.sequence = try PeptideSequence("AA") }),
        ("300 K, not 350 K", { $0.temperature = 350 }),
        ("the implicit solvent none, not obc2", { $0.solvent = .obc2 }),
        ("the energies of ff14SB, mbondi2 radii, not of ", { $0.forceField = .ff99SBILDN }),
        ("other amides are cis", { try $0.sequence.makeCis(1) }),
      ]
      for (problem, change) in changes {
        var other = own
        try change(&other)
        let found = try other.difference(of: system) ?? "nothing"
        #expect(found.hasPrefix(problem), "\(found)")
      }
    }
  }

  @Test func `another salt is another system`() throws {
    try withTemporaryFolder { folder in
      var salted = try settings("Ace-G-Nme")
      (salted.solvent, salted.saltConcentration) = (.obc1, 0.1)
      let system = try buildSystem(salted, in: folder, version: "1")
      #expect(try salted.difference(of: system) == nil)
      salted.saltConcentration = 0.2
      #expect(try salted.difference(of: system)?.hasPrefix("salt with a κ of ") == true)
    }
  }
}
