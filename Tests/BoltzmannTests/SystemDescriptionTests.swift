import Boltzmann
import Foundation
import Molecules
import Runs
import TestSupport
import Testing

@Suite struct SystemDescriptionTests {
  private static let text = """
    name: X
    topology: x.prmtop
    temperature: 310
    implicit_solvent:
      model: obc1

    """

  private func read(_ text: String) throws -> SystemDescription {
    try withTemporaryFolder { folder in
      let path = "\(folder)/system.yaml"
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      do {
        return try SystemDescription.read(path: path)
      } catch RunError.configuration(path, let problem) {
        throw RunError.configuration(source: "system.yaml", problem: problem)
      }
    }
  }

  @Test func `a description needs four keys, and its solvent one`() throws {
    let description = try read(Self.text)
    #expect(description.name == "X" && description.topology == "x.prmtop")
    #expect(description.temperature == 310 && description.published == nil)
    #expect(
      try description.solvent(path: "")
        == ImplicitSolvent(
          model: .obc1, solventDielectric: 78.5, soluteDielectric: 1, surfaceArea: true))
    for key in ["name", "topology", "temperature", "implicit_solvent"] {
      let error = RunError.configuration(
        source: "system.yaml", problem: "the key '\(key)' is missing")
      #expect(throws: error) { try read(Self.text.replacing(key, with: "defaults")) }
    }
  }

  @Test func `everything else may be there, also the defaults of a training`() throws {
    let description = try read(
      Self.text + """
          solvent_dielectric: 80
          solute_dielectric: 2
          surface_area: false
        sequence: A
        force_field: ff14SB
        start: start.ncrst
        training: t.nc
        reference: r.nc
        published:
          - {method: M, energy_w2: 0.5, source: paper}
        defaults: {seed: 3}
        """)
    #expect(description.start == "start.ncrst" && description.training == "t.nc")
    #expect(description.published?.map(\.method) == ["M"])
    #expect(description.published?[0].energyW2 == 0.5 && description.published?[0].ess == nil)
    #expect(
      try description.solvent(path: "")
        == ImplicitSolvent(
          model: .obc1, solventDielectric: 80, soluteDielectric: 2, surfaceArea: false))
  }

  @Test func `salt is a concentration or κ`() throws {
    func kappa(_ text: String) throws -> Double {
      let description = try read(Self.text.replacing("obc1", with: text))
      return try description.solvent(path: "").inverseDebyeLength
    }
    #expect(try kappa("gbn2") == 0)
    #expect(try kappa("gbn2\n  kappa: 1.25") == 1.25)
    expectClose(
      [try kappa("gbn2\n  solvent_dielectric: 80\n  salt_concentration: 0.15")],
      [7.3 * 50.33355 * (0.15 / 80 / 310).squareRoot()], relative: 1e-14)
  }

  @Test func `at another temperature the energy of the salt stays`() throws {
    let salted = try read(Self.text.replacing("obc1", with: "gbn2\n  salt_concentration: 0.15"))
    let hot = salted.at(temperature: 500)
    #expect(hot.temperature == 500)
    #expect(try hot.solvent(path: "") == salted.solvent(path: ""))
    #expect(try read(Self.text).at(temperature: 310) == read(Self.text))
  }

  @Test func `without a solvent there is no surface term`() throws {
    let description = try read(Self.text.replacing("obc1", with: "none\n  kappa: 0"))
    #expect(try !description.solvent(path: "").surfaceArea)
  }

  @Test(arguments: [
    (
      "temperature: 310", "temprature: 310", "unknown key 'temprature'; did you mean 'temperature'?"
    ),
    ("  model", "  modell: obc1\n  model", "'implicit_solvent.modell'; did you mean 'model'?"),
    ("  model", "  qqqqqqqqqq: 1\n  model", "'implicit_solvent.qqqqqqqqqq'; known: model, solv"),
    ("temperature: 310", "temperature: 0", "temperature is 0.0, expected 0.001 to 100000"),
    ("temperature: 310", "temperature: -1", "temperature is -1.0, expected 0.001 to 100000"),
    ("temperature: 310", "temperature: .nan", "temperature is nan, expected 0.001 to 100000"),
    ("temperature: 310", "temperature: .inf", "temperature is inf, expected 0.001 to 100000"),
    ("temperature: 310", "temperature: warm", "'temperature' is no number"),
    (
      "obc1", "obc1\n  solvent_dielectric: 0.99", "implicit_solvent.solvent_dielectric is 0.99, exp"
    ),
    (
      "obc1", "obc1\n  solute_dielectric: .nan", "implicit_solvent.solute_dielectric is nan, expect"
    ),
    (
      "obc1", "obc1\n  salt_concentration: -0.1",
      "implicit_solvent.salt_concentration is -0.1, expected 0 to 100"
    ),
    ("obc1", "obc1\n  kappa: .inf", "implicit_solvent.kappa is inf, expected 0 to 1000"),
    (
      "obc1", "obc1\n  kappa: 1\n  salt_concentration: 0.1",
      "has both salt_concentration and kappa, which follows from it; leave one out"
    ),
    (
      "obc1", "none\n  salt_concentration: 0.15",
      "implicit_solvent.salt_concentration is 0.15, but salt needs a solvent, and the model is none"
    ),
    ("obc1", "none\n  kappa: 0.9", "implicit_solvent.kappa is 0.9, but salt needs a solvent"),
    (
      "temperature: 310", "temperature: 310\npublished: [{method: M, energy_w22: 0.5}]",
      "unknown key 'published.energy_w22'; did you mean 'energy_w2'?"
    ),
    ("obc1", "obc1\n  surface_area: 3", "'implicit_solvent.surface_area' is no true or false"),
    ("\n  model: obc1", " obc1", "'implicit_solvent' is no group of settings"),
  ])
  func `what does not fit is named`(old: String, new: String, problem: String) throws {
    let error = #expect(throws: RunError.self) { try read(Self.text.replacing(old, with: new)) }
    #expect(error?.description.hasPrefix("system.yaml: ") == true)
    #expect(error?.description.contains(problem) == true, "\(String(describing: error))")
  }

  @Test func `an unknown model is answered with those that there are`() throws {
    let description = try read(Self.text.replacing("obc1", with: "gbn3"))
    let error = #expect(throws: RunError.self) { try description.solvent(path: "x.yaml") }
    #expect(
      error?.description.hasPrefix("x.yaml: implicit_solvent.model is 'gbn3', expected ") == true)
    for model in ImplicitSolvent.Model.allCases {
      #expect(error?.description.contains(model.rawValue) == true)
    }
  }

  @Test func `an empty description lacks its first key`() {
    #expect(throws: RunError.self) { try read("") }
  }

  @Test func `the embedded systems are read, with their energy at the start`() throws {
    let al2 = try system("AL2")
    #expect(al2.topology.atoms == 22 && al2.description.temperature == 300)
    #expect(al2.topologyPath == "\(al2.folder)/topology.prmtop")
    #expect(al2.trainingPath == "\(al2.folder)/train.nc")
    #expect(try al2.startPath() == "\(al2.folder)/start.ncrst")
    #expect(try al2.startPath(given: "x") == "x")
    let energy = try #require(
      al2.energy.terms(coordinates: acetylFrame().coordinates, execution: .serial).first)
    let reduced = try al2.reducedEnergies(acetylFrame().coordinates, execution: .serial)
    #expect(reduced == [energy.total / (Constants.gas * 300)])
  }
}
