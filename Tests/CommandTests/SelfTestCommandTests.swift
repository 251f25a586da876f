import Foundation
import TestSupport
import Testing

@Suite struct SelfTestCommandTests {
  @Test func `every check of the quick groups passes, with a line each and a summary`() throws {
    let outcome = try tarflowMol(
      "selftest", "energies", "lanes", "products", "files", "--systems", systemsFolder.path)
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count > 18 && lines.dropLast().allSatisfy { $0.hasPrefix("ok     ") })
    #expect(lines.last?.wholeMatch(of: /all \d+ checks passed in .*/) != nil)
    #expect(outcome.output.contains("energies of AL3: ") && outcome.output.contains("kJ/mol"))
  }

  @Test func `a system that is another fails with 70, and names the check`() throws {
    let systems = try temporaryFolder()
    for name in ["AL2", "AL3", "AL4", "AL6", "CLN"] {
      let folder = systems.appending(path: name)
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      for file in ["system.yaml", "topology.prmtop", "start.ncrst"] {
        try FileManager.default.copyItem(
          at: systemsFolder.appending(path: "\(name)/\(file)"), to: folder.appending(path: file))
      }
    }
    try edit(
      systems.appending(path: "AL3/system.yaml"), replacing: "solvent_dielectric: 78.5",
      with: "solvent_dielectric: 78.4")
    let outcome = try tarflowMol("selftest", "energies", "--systems", systems.path)
    #expect(outcome.status == 70)
    #expect(outcome.output.contains("FAILED energies of AL3: "))
    #expect(
      outcome.errorLines == [
        "Error: 1 of 10 checks failed: energies of AL3; do not trust results of this machine, and "
          + "report it with the output of doctor"
      ])
    #expect(try tarflowMol("selftest", "energy").status == 64)
  }
}
