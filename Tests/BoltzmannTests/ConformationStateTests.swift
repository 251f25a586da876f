import Boltzmann
import Foundation
import Molecules
import Runs
import TestSupport
import Testing
import Trajectories

@Suite struct ConformationStateTests {
  private let temporary: TemporaryFolder

  init() throws { temporary = try TemporaryFolder() }

  /// A file of states with this text.
  private func statesFile(_ text: String) throws -> String {
    let path = temporary.url.appending(path: "\(UUID().uuidString).yaml")
    try Data(text.utf8).write(to: path)
    return path.path
  }

  private func definitions(_ text: String, _ name: String = "AL3") throws -> StateDefinitions {
    try StateDefinitions(path: try statesFile(text), topology: try system(name).topology)
  }

  @Test func `built-in states of a residue are all conformations, each in one`() throws {
    let (molecule, frames) = (try system("AL3"), try alanineFrames(0..<300))
    let built = try StateDefinitions(builtInFor: molecule.topology)
    #expect(
      built.states.map(\.name) == [
        "alpha ALA2", "beta ALA2", "PPII ALA2", "left ALA2", "left ALA3", "cis ALA1-ALA2",
        "cis ALA2-ALA3",
      ])
    #expect(built.observables.map(\.name) == ["rg", "end_to_end"])
    let members = built.memberships(in: frames, execution: .serial)
    for frame in 0..<300 {
      #expect(members[..<4].reduce(0) { $0 + $1[frame] } == 1)
    }
    let angles = Backbone(molecule.topology).angles(
      of: frames.coordinates, atoms: 33, execution: .serial)
    #expect(members[4] == (0..<300).map { angles[4 * $0 + 1] >= 0 ? 1 : 0 })
    // All peptide bonds of the trajectory are trans.
    #expect(members[5].allSatisfy { $0 == 0 } && members[0].contains(1) && members[2].contains(1))
    // Caps lend their atoms and have no states of their own.
    let capped = try StateDefinitions(builtInFor: try system("AL2").topology)
    #expect(capped.states.map(\.name).contains("left ALA2"))
    #expect(capped.states.map(\.name).contains("cis ACE1-ALA2"))
    #expect(capped.observables.map(\.name) == ["rg"])
  }

  @Test func `quantities are measured from the atoms that they name`() throws {
    let frames = try alanineFrames(0..<5)
    let topology = try system("AL3").topology
    let found = try definitions(
      """
      observables:
        phi: phi 2
        ends: end_to_end
        same: distance 1:CA ALA3:CA
        size: rg
      """)
    #expect(found.observables.map(\.name) == ["phi", "ends", "same", "size"])
    #expect(found.observables.map(\.quantity.unit) == ["degrees", "nm", "nm", "nm"])
    let measured = values(
      of: found.observables.map(\.quantity), in: frames, execution: .serial)
    let angles = Backbone(topology).angles(of: frames.coordinates, atoms: 33, execution: .serial)
    #expect(measured[0] == (0..<5).map { angles[4 * $0] })
    #expect(measured[1] == measured[2])
    let alphas = (0..<33).filter { topology.atomNames[$0] == "CA" }
    for frame in 0..<5 {
      let x = frames[frame]
      let apart = x[alphas[0]] - x[alphas[2]]
      expectClose([measured[1][frame]], [(apart * apart).sum().squareRoot()], relative: 1e-12)
      let masses = topology.masses
      let total = masses.reduce(0, +)
      let centre = zip(masses, x).reduce(SIMD3<Double>()) { $0 + $1.0 * $1.1 } / total
      let moment = zip(masses, x).reduce(0) { sum, atom in
        let d = atom.1 - centre
        return sum + atom.0 * (d * d).sum()
      }
      expectClose([measured[3][frame]], [(moment / total).squareRoot()], relative: 1e-9)
    }
  }

  @Test func `side chains and hydrogen bonds of chignolin are found`() throws {
    let molecule = try system("CLN")
    let found = try definitions(
      """
      states:
        bonded: hbond 3:N 8:O
        open: no hbond 3:N 8:O and rg > 0
      observables: {chi: chi1 2, second: chi2 TYR2}
      """, "CLN")
    let positions = try readAmberRestart(
      path: systemsFolder.appending(path: "CLN/start.ncrst").path, expectedAtoms: nil)
    let frame = Trajectory(
      atoms: positions.count, coordinates: positions.flatMap { [$0.x, $0.y, $0.z] })
    let members = found.memberships(in: frame, execution: .serial)
    #expect(members[0][0] + members[1][0] == 1)
    let angles = values(
      of: found.observables.map(\.quantity), in: frame, execution: .serial)
    func atom(_ name: String) throws -> Int32 {
      let topology = molecule.topology
      let atoms = topology.atomNames.indices.filter {
        topology.residueOfAtom[$0] == 1 && topology.atomNames[$0] == name
      }
      return Int32(try #require(atoms.first))
    }
    let expected = torsionAngles(
      [
        SIMD4(try atom("N"), try atom("CA"), try atom("CB"), try atom("CG")),
        SIMD4(try atom("CA"), try atom("CB"), try atom("CG"), try atom("CD1")),
      ], of: frame.coordinates, atoms: positions.count, execution: .serial)
    #expect(angles.map { $0[0] } == expected)
  }

  @Test func `intervals of angles count modulo a turn, with their ends as they are written`() throws
  {
    let names = try definitions(
      """
      states:
        low: phi 2 in [-180, -60)
        same: phi 2 in [180, 300)
        across: phi 2 in [120, 240] and psi 2 in [-180, 180)
        below: phi 2 < -60
        rest: phi 2 >= -60
      """
    )
    let members = names.memberships(in: try alanineFrames(0..<200), execution: .serial)
    #expect(members[0] == members[1] && members[0] == members[3])
    #expect(zip(members[0], members[4]).allSatisfy { $0 + $1 == 1 })
    #expect(members[0].contains(1) && members[4].contains(1) && members[2].contains(1))
  }

  @Test(arguments: [
    ("left: phi 9 in [0, 180)", "state 'left': there is no residue 9, only 1 to 3"),
    ("left: phi GLY2 in [0, 180)", "residue 2 is ALA, not GLY"),
    ("left: phi 1 in [0, 180)", "ALA1 has no phi"),
    ("x: chi1 2 in [0, 180)", "ALA2 has no chi1"),
    ("x: distance 1:CX 2:CA < 0.5", "ALA1 has no atom 'CX'; did you mean 'C'?"),
    ("x: distance 1CA 2:CA < 0.5", "'1CA' is no atom, expected a residue and a name such as 2:CA"),
    ("x: distance 1:CA 1:CA < 0.5", "a distance needs two different atoms"),
    ("x: hbond 1:C 3:O", "1:C has no hydrogen"),
    ("left:", "state 'left': is empty, expected such as"),
    ("left: phi 2 in [180, 0)", "the interval [180, 0) goes the wrong way round"),
    ("left: phi 2 in [150, -150)", "across 180 degrees write [150, 210)"),
    ("left: phi 2 in [10, 10)", "the interval [10, 10) is empty"),
    ("left: phi 2 in [-400, 0)", "goes beyond a turn of 360 degrees"),
    ("left: phi 2 in 0..180", "'0..180' is no interval, expected such as [0, 180)"),
    ("left: phi 2 in [a, 180)", "'[a, 180)' is no interval"),
    (
      "x: phi 2 in [0, 90) and phi ALA2 in [100, 200)",
      "state 'x': is empty: phi ALA2 cannot be in [0, 90) and in [100, 200)"
    ),
    ("x: rg < 0.3 and rg > 0.4", "state 'x': is empty: rg cannot be in"),
    ("x: phi 2 < -180", "'phi 2 < -180' never holds"),
    ("x: phi 2 < wide", "'wide' is no number"),
    ("x: phi 2", "'phi 2' is no condition"),
    ("x: phi 2 in [0, 9) and", "has an empty condition"),
    ("x: phy 2 in [0, 180)", "'phy 2' is no quantity; did you mean 'phi'?"),
    ("x: rg 2 < 1", "'rg 2' is not of the form 'rg'"),
    ("x: [1, 2]", "states has a definition that is no text"),
  ])
  func `a state that cannot be meant is one line`(line: String, problem: String) throws {
    let path = try statesFile("states:\n  \(line)\n")
    let topology = try system("AL3").topology
    let error = #expect(throws: RunError.self) {
      try StateDefinitions(path: path, topology: topology)
    }
    guard case .configuration(path, let found) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(found.contains(problem), "\(found)")
    #expect(!found.contains("\n"))
  }

  @Test func `a file says what it is, and a system's description may define states too`() throws {
    #expect(throws: RunError.self) { try definitions("state: {x: phi 2 > 0}") }
    #expect(throws: RunError.self) { try definitions("") }
    #expect(throws: RunError.self) { try definitions("states: [1]") }
    let folder = temporary.url.appending(path: "AL3")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for file in ["system.yaml", "topology.prmtop"] {
      try FileManager.default.copyItem(
        at: systemsFolder.appending(path: "AL3/\(file)"), to: folder.appending(path: file))
    }
    let description = folder.appending(path: "system.yaml")
    let text = try String(contentsOf: description, encoding: .utf8)
    try Data((text + "\nstates: {left ALA2: phi 2 > 10, own: rg < 0.4}\n").utf8)
      .write(to: description)
    let molecule = try MolecularSystem(folder: folder.path)
    let found = try StateDefinitions(
      of: molecule, file: try statesFile("observables: {rg: end_to_end}"))
    #expect(found.states.map(\.name).suffix(2) == ["left ALA2", "own"])
    #expect(found.states.count { $0.name == "left ALA2" } == 1)
    #expect(found.observables.map(\.quantity.text) == ["end_to_end", "end_to_end"])
  }
}
