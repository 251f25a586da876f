import Kernels
import Molecules
import TestSupport
import Testing
import Trajectories

@Suite struct ExchangeableLabelsTests {
  @Test(arguments: [("AL2", 3), ("AL3", 4), ("AL4", 5), ("AL6", 7)])
  func `every methyl and ammonium group is found`(name: String, count: Int) throws {
    let prmtop = try readPrmtop(path: systemsFolder.appending(path: "\(name)/topology.prmtop").path)
    let labels = ExchangeableLabels(topology: prmtop.topology, forceField: prmtop.forceField)
    #expect(labels.count == count)
  }

  @Test func `methylene groups are found too`() throws {
    let prmtop = try readPrmtop(path: systemsFolder.appending(path: "CLN/topology.prmtop").path)
    let labels = ExchangeableLabels(topology: prmtop.topology, forceField: prmtop.forceField)
    // Ammonium, three Cα of glycine, Cβ of Tyr, Asp and Trp, Cβ and Cγ of Glu, three of Pro, two
    // methyl groups.
    #expect(labels.count == 1 + 3 + 3 + 2 + 3 + 2)
  }

  @Test(arguments: ["AL3", "CLN"])
  func `exchanged labels change no energy, and are exchanged back`(name: String) throws {
    let folder = systemsFolder.appending(path: name)
    let prmtop = try readPrmtop(path: folder.appending(path: "topology.prmtop").path)
    let labels = ExchangeableLabels(topology: prmtop.topology, forceField: prmtop.forceField)
    let energy = Energy(prmtop.forceField, solvent: ImplicitSolvent(model: .obc1))
    let start = try readAmberRestart(
      path: folder.appending(path: "start.ncrst").path, expectedAtoms: prmtop.topology.atoms)
    let original = start.flatMap { [$0.x, $0.y, $0.z] }
    let handedness = labels.handedness(original)
    #expect(handedness.allSatisfy { abs($0) == 1 })
    // Two frames, of which the second alone is to change.
    var frames = original + original
    labels.match(&frames, to: handedness)
    #expect(frames == original + original)
    labels.match(&frames, to: handedness.map { -$0 })
    let mirrored = Array(frames[..<original.count])
    #expect(labels.handedness(mirrored) == handedness.map { -$0 })
    #expect(Array(frames[original.count...]) == mirrored)
    #expect(zip(mirrored, original).count { $0 != $1 } == 6 * labels.count)
    func positions(_ x: [Double]) -> [SIMD3<Double>] {
      stride(from: 0, to: x.count, by: 3).map { SIMD3(x[$0], x[$0 + 1], x[$0 + 2]) }
    }
    expectClose(
      [energy.terms(positions(mirrored)).total], [energy.terms(start).total], absolute: 1e-8)
    labels.match(&frames, to: handedness)
    #expect(frames == original + original)
    labels.match(&frames, to: [Int](repeating: 0, count: labels.count))
    #expect(frames == original + original)
  }
}
