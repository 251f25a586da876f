import Foundation
import Kernels
import Molecules
import TestSupport
import Testing
import Trajectories

/// A molecule of one residue from "a b" bonds between named atoms.
private func molecule(_ residue: String, _ bonds: [String]) -> Topology {
  let pairs = bonds.map { $0.split(separator: " ").map(String.init) }
  var names: [String] = []
  for name in pairs.joined() where !names.contains(name) { names.append(name) }
  return madeTopology(
    [(residue, names)],
    bonds: pairs.map { (names.firstIndex(of: $0[0]) ?? 0, names.firstIndex(of: $0[1]) ?? 0) })
}

private let backbone = ["N H", "N H2", "CA N", "CA HA", "CA CB", "CA C", "C O", "C OXT"]

@Suite struct StereochemistryTests {
  private func centres(_ topology: Topology) -> [String] {
    let found = Stereochemistry(topology)
    return found.centres.map { topology.atomNames[$0.atom] }
  }

  @Test func `α-carbons are centres, glycine's and methyl groups are none`() {
    let found = Stereochemistry(madePeptide("AL3"))
    #expect(found.centres.map(\.atom) == [4, 14, 24])
    #expect(
      found.centres.map(\.neighbours) == [[0, 10, 6, 5], [12, 20, 16, 15], [22, 30, 26, 25]])
    #expect(Stereochemistry(madePeptide("AL2")).centres.map(\.atom) == [8])
    #expect(centres(molecule("GLY", ["N H", "CA N", "CA HA2", "CA HA3", "CA C", "C O"])).isEmpty)
  }

  @Test func `side chains have centres too`() {
    let threonine = molecule(
      "THR", backbone + ["CB HB", "CB OG1", "CB CG2", "OG1 HG1", "CG2 H21", "CG2 H22", "CG2 H23"])
    #expect(centres(threonine) == ["CA", "CB"])
    let isoleucine = molecule(
      "ILE",
      backbone + [
        "CB HB", "CB CG1", "CB CG2", "CG2 H21", "CG2 H22", "CG2 H23", "CG1 H12", "CG1 H13",
        "CG1 CD", "CD HD1", "CD HD2", "CD HD3",
      ])
    #expect(centres(isoleucine) == ["CA", "CB"])
    let valine = molecule(
      "VAL",
      backbone + [
        "CB HB", "CB CG1", "CB CG2", "CG2 H21", "CG2 H22", "CG2 H23", "CG1 H11", "CG1 H12",
        "CG1 H13",
      ])
    #expect(centres(valine) == ["CA"])
  }

  @Test func `substituents are compared to their ends`() {
    // Two equal chains but for an element at their ends, and in a ring.
    let chain = [
      "C0 H0", "C0 O0", "O0 HO", "C0 C1", "C0 C2", "C1 H11", "C1 H12", "C2 H21", "C2 H22", "C1 C3",
      "C2 C4", "C3 H31", "C3 H32", "C4 H41", "C4 H42",
    ]
    #expect(centres(molecule("X", chain + ["C3 H33", "C4 H43"])).isEmpty)
    #expect(centres(molecule("X", chain + ["C3 H33", "C4 O4", "O4 H43"])) == ["C0"])
    #expect(centres(molecule("X", chain + ["C3 C4"])).isEmpty)
    #expect(
      centres(molecule("X", chain + ["C3 O3", "O3 C5", "C5 C4", "C5 H51", "C5 H52"])) == ["C0"])
  }

  @Test func `a mirror changes the handedness of every centre and no amide`() {
    let found = Stereochemistry(madePeptide("AL6"))
    var source = SeededGenerator(state: 32)
    let coordinates = source.points(63).flatMap { [$0.x, $0.y, $0.z] }
    let mirrored = coordinates.enumerated().map { $0.offset % 3 == 1 ? -$0.element : $0.element }
    let execution = Execution(workers: 2)
    let signs = found.handedness(of: coordinates + mirrored, atoms: 63, execution: execution)
    #expect(signs.count == 12 && signs.allSatisfy { abs($0) == 1 })
    #expect(signs.suffix(6).map { -$0 } == signs.prefix(6).map { $0 })
    let isomers = found.isomers(of: coordinates + mirrored, atoms: 63, execution: execution)
    #expect(isomers.count == 10 && isomers.suffix(5) == isomers.prefix(5))
    let lost = [Double](repeating: .nan, count: 189)
    #expect(found.handedness(of: lost, atoms: 63, execution: .serial) == [0, 0, 0, 0, 0, 0])
    #expect(found.isomers(of: lost, atoms: 63, execution: .serial) == [0, 0, 0, 0, 0])
  }

  @Test func `amides are the peptide bonds`() {
    #expect(
      Stereochemistry(madePeptide("AL3")).amides.map(\.atoms)
        == [SIMD4(4, 10, 12, 14), SIMD4(14, 20, 22, 24)])
    #expect(
      Stereochemistry(madePeptide("AL2")).amides.map(\.atoms)
        == [SIMD4(1, 4, 6, 8), SIMD4(8, 14, 16, 18)])
    #expect(Stereochemistry(madePeptide("AL4")).amides.allSatisfy { $0.isSecondary })
    #expect(
      Stereochemistry(madePeptide("AL3")).amideNames(madePeptide("AL3"))[0] == "ALA1 C–ALA2 N")
    // A proline's nitrogen turns towards the carbon that bears the carbonyl group; a urea, an amide
    // without a substituent and a lactam have no cis and trans.
    let acetyl = ["C0 H1", "C0 H2", "C0 H3", "C0 C1", "C1 O1"]
    let proline = molecule(
      "PRO", acetyl + ["C1 N", "N CA", "N CD", "CD CG", "CG CB", "CB CA", "CA C", "C O", "C OXT"])
    let atoms = Stereochemistry(proline).amides.map(\.atoms)
    #expect(
      atoms.map { place in (0..<4).map { proline.atomNames[Int(place[$0])] } }
        == [["C0", "C1", "N", "CA"]])
    #expect(!Stereochemistry(proline).amides.contains { $0.isSecondary })
    #expect(Stereochemistry(molecule("X", acetyl + ["C1 N", "N HA", "N HB"])).amides.isEmpty)
    let urea = ["C1 O1", "C1 N1", "C1 N2", "N1 C2", "N1 HA", "N2 HB", "N2 HC"]
    #expect(Stereochemistry(molecule("X", urea)).amides.isEmpty)
    let lactam = ["C1 O1", "C1 N", "C1 C2", "C2 C3", "C3 C4", "C4 N", "N HA"]
    #expect(Stereochemistry(molecule("X", lactam)).amides.isEmpty)
  }

  @Test(arguments: GoldenSystem.all)
  func `conformations of molecular dynamics are what their residues' names say`(
    golden: GoldenSystem
  ) throws {
    let topology = try golden.prmtop().topology
    let found = Stereochemistry(topology)
    let positions = try NetCDFFile(path: golden.energies.path).doubles("positions", rows: 0..<1)
    let x = vectors(positions.values)
    #expect(found.notes(from: x, to: x, topology: topology).isEmpty)
    // Threonine's second centre is expected on one side too, as is every α-carbon.
    let mirrored = x.map { SIMD3(-$0.x, $0.y, $0.z) }
    #expect(
      found.notes(from: mirrored, to: mirrored, topology: topology).count == found.centres.count)
    #expect(found.amides.count >= topology.residueNames.count { $0.count == 3 } - 1)
  }

  @Test(arguments: ["AL2", "AL3", "AL4", "AL6"])
  func `the starts of the embedded systems are L and trans`(name: String) throws {
    let folder = systemsFolder.appending(path: name)
    let topology = try readPrmtop(path: folder.appending(path: "topology.prmtop").path).topology
    let x = try readAmberRestart(path: folder.appending(path: "start.ncrst").path)
    let found = Stereochemistry(topology)
    #expect(found.handedness(x).allSatisfy { $0 == 1 })
    #expect(found.isomers(x).allSatisfy { $0 == -1 })
    #expect(found.notes(from: x, to: x, topology: topology).isEmpty)

    // Chirality follows from bonds and not from names.
    var renamed = topology
    renamed.atomNames = topology.atomNames.indices.map { "X\($0)" }
    #expect(Stereochemistry(renamed) == found)

    let mirrored = x.map { SIMD3($0.x, $0.y, -$0.z) }
    let named = found.centreNames(topology)
    #expect(
      found.notes(from: mirrored, to: mirrored, topology: topology)
        == named.map {
          "the stereocentre \($0) is the mirror image of what the name ALA stands for"
        })
    #expect(
      found.notes(from: x, to: mirrored, topology: topology)
        == named.map {
          "the stereocentre \($0) is the mirror image of what the name ALA stands for; "
            + "minimisation turned it"
        })
    renamed.residueNames = topology.residueNames.map { _ in "UNK" }
    #expect(found.notes(from: mirrored, to: mirrored, topology: renamed).isEmpty)
    #expect(
      found.notes(from: mirrored, to: x, topology: renamed)
        == found.centreNames(renamed).map {
          "minimisation turned the stereocentre \($0) into its mirror image"
        })
  }

  @Test func `an amide that is cis or turns is named`() throws {
    let folder = systemsFolder.appending(path: "AL2")
    let topology = try readPrmtop(path: folder.appending(path: "topology.prmtop").path).topology
    let x = try readAmberRestart(path: folder.appending(path: "start.ncrst").path)
    let found = Stereochemistry(topology)
    // Half a turn about C–N of all that lies behind it.
    let (c, n) = (Int(found.amides[0].atoms.y), Int(found.amides[0].atoms.z))
    let axis = (x[n] - x[c]) / dot(x[n] - x[c], x[n] - x[c]).squareRoot()
    let turned = x.indices.map { atom in
      let arm = x[atom] - x[n]
      return atom > n ? x[n] + 2 * dot(arm, axis) * axis - arm : x[atom]
    }
    #expect(found.isomers(turned) == [1, -1])
    #expect(
      found.notes(from: x, to: turned, topology: topology)
        == ["minimisation turned the amide ACE1 C–ALA2 N from trans to cis"])
    #expect(
      found.notes(from: turned, to: turned, topology: topology)
        == ["the amide ACE1 C–ALA2 N is cis"])
  }
}
