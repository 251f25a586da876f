import Boltzmann
import Reporting
import TestSupport
import Testing

@Suite struct SystemFactsTests {
  @Test(arguments: [
    ("AL3", "obc1", "0.8 0.0 2.909125", "not filled", "138.935485"),
    ("AL2", "obc2", "1.0 0.8 4.85", "filled", "138.93545764438"),
  ])
  func `a system says the conventions of its energy`(
    name: String, model: String, constants: String, spheres: String, coulomb: String
  ) throws {
    let system = try MolecularSystem(folder: systemsFolder.appending(path: name).path)
    let facts = Dictionary(
      try system.facts().map { ($0.name, $0.value.description) }, uniquingKeysWith: { a, _ in a })
    #expect(facts["implicit solvent"] == model)
    #expect(facts["Born α β γ"] == constants)
    #expect(facts["spheres inside others"] == spheres)
    #expect(facts["polarization constant kJ nm/mol/e²"]?.hasPrefix(coulomb) == true)
    #expect(facts["1–4 Coulomb divided by"] == "1.2")
    #expect(facts["1–4 Lennard-Jones divided by"] == "2.0")
    #expect(facts["Coulomb constant kJ nm/mol/e²"]?.hasPrefix("138.93545764438") == true)
  }
}
