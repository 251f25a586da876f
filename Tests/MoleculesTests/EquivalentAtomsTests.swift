import Kernels
import Molecules
import TestSupport
import Testing
import Trajectories

@Suite struct EquivalentAtomsTests {
  @Test(arguments: [
    ("AL2", 3), ("AL3", 4), ("AL4", 5), ("AL6", 7), ("CLN", 3),
  ])
  func `methyl and ammonium hydrogens are found`(
    name: String, groups: Int
  ) throws {
    let prmtop = try readPrmtop(path: systemsFolder.appending(path: "\(name)/topology.prmtop").path)
    let equivalent = EquivalentAtoms(topology: prmtop.topology, forceField: prmtop.forceField)
    #expect(equivalent.groups.map(\.count) == [Int](repeating: 3, count: groups))
    #expect(
      equivalent.groups.allSatisfy { Set($0.map { prmtop.topology.atomicNumbers[$0] }).count == 1 })
  }

  @Test func `other labels change neither energy nor handedness`() throws {
    let prmtop = try readPrmtop(path: systemsFolder.appending(path: "AL3/topology.prmtop").path)
    let equivalent = EquivalentAtoms(topology: prmtop.topology, forceField: prmtop.forceField)
    let energy = Energy(prmtop.forceField, solvent: ImplicitSolvent(model: .obc1))
    let stereochemistry = Stereochemistry(prmtop.topology)
    let frames = try readAmberTrajectory(
      path: systemsFolder.appending(path: "AL3/reference.nc").path, frames: 0..<20
    ).trajectory
    for frame in 0..<frames.frames {
      var positions = frames[frame]
      let before = energy.terms(positions).total
      let original = positions
      equivalent.relabel(&positions) { ($0 + frame) % $0 == 0 ? 1 : $0 - 1 }
      #expect(positions != original)
      expectClose([energy.terms(positions).total], [before], absolute: 1e-9, "frame \(frame)")
      #expect(stereochemistry.handedness(positions) == [1, 1, 1])
    }
  }
}
