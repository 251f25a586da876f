import Molecules
import Testing

struct AcyclicBondTests {
  /// A ring of three with a tail of two.
  private let topology = Topology(
    atomNames: ["A", "B", "C", "D", "E"], atomicNumbers: [6, 6, 6, 6, 6],
    masses: [12, 12, 12, 12, 12], residueNames: ["X"], residueOfAtom: [0, 0, 0, 0, 0],
    bonds: [SIMD2(0, 1), SIMD2(0, 2), SIMD2(1, 2), SIMD2(2, 3), SIMD2(3, 4)])

  @Test func `bonds of a ring are left out, and the smaller part is behind a bond`() {
    let found = topology.bondsInNoRing
    #expect(found.map(\.near) == [2, 3] && found.map(\.far) == [3, 4])
    #expect(found.map(\.behind) == [[3, 4], [4]])
  }

  @Test(arguments: ["AL3", "CLN"])
  func `behind a bond is what the other end does not reach`(name: String) throws {
    let topology = try GoldenSystem.named(name).prmtop().topology
    let found = topology.bondsInNoRing
    // Chignolin has the rings of Tyr, of Pro, and the two of Trp.
    #expect(found.count == topology.bonds.count - (name == "CLN" ? 6 + 5 + 10 : 0))
    for bond in found {
      let behind = Set(bond.behind)
      #expect(behind.contains(bond.far) && !behind.contains(bond.near))
      #expect(2 * behind.count <= topology.atoms)
      let crossing = topology.bonds.filter {
        behind.contains(Int($0.x)) != behind.contains(Int($0.y))
      }
      #expect(crossing.count == 1)
    }
  }
}
