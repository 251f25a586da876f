import Foundation
import Kernels
import Molecules
import TestSupport
import Testing

/// The indices that mdtraj 1.11.1's `compute_phi` and `compute_psi` find in the same molecules.
private let expectedTorsions: [String: (phi: [SIMD4<Int32>], psi: [SIMD4<Int32>])] = [
  "AL2": ([SIMD4(4, 6, 8, 14)], [SIMD4(6, 8, 14, 16)]),
  "AL3": (
    [SIMD4(10, 12, 14, 20), SIMD4(20, 22, 24, 30)],
    [SIMD4(0, 4, 10, 12), SIMD4(12, 14, 20, 22)]
  ),
  "AL4": (
    [SIMD4(4, 6, 8, 14), SIMD4(14, 16, 18, 24), SIMD4(24, 26, 28, 34)],
    [SIMD4(6, 8, 14, 16), SIMD4(16, 18, 24, 26), SIMD4(26, 28, 34, 36)]
  ),
  "AL6": (
    [
      SIMD4(10, 12, 14, 20), SIMD4(20, 22, 24, 30), SIMD4(30, 32, 34, 40), SIMD4(40, 42, 44, 50),
      SIMD4(50, 52, 54, 60),
    ],
    [
      SIMD4(0, 4, 10, 12), SIMD4(12, 14, 20, 22), SIMD4(22, 24, 30, 32), SIMD4(32, 34, 40, 42),
      SIMD4(42, 44, 50, 52),
    ]
  ),
]

@Suite struct BackboneTests {
  @Test(arguments: ["AL2", "AL3", "AL4", "AL6"])
  func `torsions are those that mdtraj finds`(name: String) throws {
    let expected = try #require(expectedTorsions[name])
    let backbone = Backbone(madePeptide(name))
    #expect(backbone.phi == expected.phi && backbone.psi == expected.psi)
    #expect(backbone.torsions == expected.phi + expected.psi)
  }

  @Test func `a single residue has no torsions`() {
    let glycine = madeTopology(
      [("GLY", ["N", "CA", "HA2", "HA3", "C", "O"])],
      bonds: [(0, 1), (1, 2), (1, 3), (1, 4), (4, 5)])
    #expect(Backbone(glycine).torsions.isEmpty)
  }

  @Test func `an angle is the torsion of its four atoms`() throws {
    let chain = try BondTree(
      topology: madeTopology(
        [("BUT", ["C1", "C2", "C3", "C4"])], bonds: [(0, 1), (1, 2), (2, 3)]), order: .topology)
    let backbone = Backbone(madePeptide("AL4"))
    var source = SeededGenerator(state: 31)
    let frames = (0..<10).map { _ in source.points(42) }
    let angles = backbone.angles(
      of: frames.joined().flatMap { [$0.x, $0.y, $0.z] }, atoms: 42,
      execution: Execution(workers: 2))
    let expected = frames.flatMap { x in
      backbone.torsions.map { torsion in
        chain.internalCoordinates(from: (0..<4).map { x[Int(torsion[$0])] })[5]
      }
    }
    expectClose(angles, expected, absolute: 1e-11)
  }
}
