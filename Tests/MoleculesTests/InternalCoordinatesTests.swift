import Foundation
import Molecules
import TestSupport
import Testing

@Suite struct InternalCoordinatesTests {
  @Test(arguments: madeCases)
  func `positions come back from internal coordinates up to rigid motion`(
    name: String, order: AtomOrder
  ) throws {
    let topology = try #require(madeMolecules[name])
    let tree = try BondTree(topology: topology, order: order)
    var source = SeededGenerator(state: 1)
    for _ in 0..<20 {
      let x = source.points(topology.atoms)
      let q = tree.internalCoordinates(from: x)
      #expect(q.count == 3 * tree.placements)
      let back = tree.positions(from: q)
      let (found, expected) = (shape(back), shape(x))
      expectClose(found.distances, expected.distances, absolute: 1e-9, "distances")
      expectClose(found.volumes, expected.volumes, absolute: 1e-9, "volumes")
      #expect(back[tree.order[0]] == .zero)
      #expect(back[tree.order[1]].y == 0 && back[tree.order[1]].z == 0)
      #expect(back[tree.order[2]].z == 0)
    }
  }

  @Test(arguments: madeCases)
  func `internal coordinates come back from positions`(name: String, order: AtomOrder) throws {
    let topology = try #require(madeMolecules[name])
    let tree = try BondTree(topology: topology, order: order)
    var source = SeededGenerator(state: 2)
    let q = (0..<tree.placements).flatMap { token in
      [
        source.uniform(0.09..<0.16),
        token == 0 ? source.uniform(0.09..<0.16) : source.uniform(1.6..<2.2),
        token == 0 ? source.uniform(1.6..<2.2) : source.uniform(-.pi..<(.pi)),
      ]
    }
    let back = tree.internalCoordinates(from: tree.positions(from: q))
    // In a ring the closing atom is placed like any other, so this holds there too.
    expectClose(back, q, absolute: 1e-9)
  }

  @Test func `a torsion has the sign that the convention gives it`() throws {
    let chain = madeTopology([("BUT", ["C1", "C2", "C3", "C4"])], bonds: [(0, 1), (1, 2), (2, 3)])
    let tree = try BondTree(topology: chain, order: .topology)
    for angle in [-3.0, -1.2, 0.7, 2.9] {
      // Seen from the second atom towards the third (+z), the fourth is turned clockwise by
      // `angle`.
      let q = tree.internalCoordinates(from: [
        SIMD3(1, 0, 0), SIMD3(0, 0, 0), SIMD3(0, 0, 1), SIMD3(cos(angle), sin(angle), 1),
      ])
      expectClose(q, [1, 1, .pi / 2, 1, .pi / 2, angle], absolute: 1e-12)
    }
  }

  @Test(arguments: madeCases)
  func `the log-Jacobian is that of the numeric map and the rotations`(
    name: String, order: AtomOrder
  ) throws {
    let topology = try #require(madeMolecules[name])
    let tree = try BondTree(topology: topology, order: order)
    var source = SeededGenerator(state: 3)
    let q = (0..<tree.placements).flatMap { token in
      [
        source.uniform(0.09..<0.16),
        token == 0 ? source.uniform(0.09..<0.16) : source.uniform(0.8..<2.4),
        token == 0 ? source.uniform(0.8..<2.4) : source.uniform(-.pi..<(.pi)),
      ]
    }
    let matrix = numericJacobian(at: q, step: 1e-6) {
      freeCoordinates(tree.positions(from: $0), tree)
    }
    let rotations = 2 * log(q[0]) + log(q[1]) + log(sin(q[2]))
    expectClose(
      [tree.logJacobian(at: q)], [logAbsoluteDeterminant(matrix) + rotations], absolute: 1e-6)
  }

  @Test func `internal coordinates do not see rigid motion but see a mirror`() throws {
    let tree = try BondTree(topology: madePeptide("AL3"), order: .topology)
    var source = SeededGenerator(state: 4)
    let x = source.points(33)
    let (cosine, sine) = (cos(1.1), sin(1.1))
    let moved = x.map {
      SIMD3(cosine * $0.x - sine * $0.z, $0.y, sine * $0.x + cosine * $0.z) + SIMD3(3, -2, 5)
    }
    let q = tree.internalCoordinates(from: x)
    expectClose(tree.internalCoordinates(from: moved), q, absolute: 1e-11)
    let mirrored = tree.internalCoordinates(from: x.map { SIMD3(-$0.x, $0.y, $0.z) })
    let flipped = q.indices.map { $0 > 3 && $0 % 3 == 2 ? -q[$0] : q[$0] }
    expectClose(mirrored, flipped, absolute: 1e-11)
  }

  @Test(arguments: madeCases)
  func `positions are finite for every finite input`(name: String, order: AtomOrder) throws {
    let topology = try #require(madeMolecules[name])
    let tree = try BondTree(topology: topology, order: order)
    var source = SeededGenerator(state: 5)
    for scale in [0, 1e-300, 1e-160, 1, 1e8, 1e150, 1e308] {
      for _ in 0..<5 {
        let q = (0..<3 * tree.placements).map { _ in scale * source.uniform(-1..<1) }
        #expect(
          tree.positions(from: q).allSatisfy { $0.x.isFinite && $0.y.isFinite && $0.z.isFinite })
        #expect(tree.logJacobian(at: q).isFinite)
      }
    }
    let straight = (0..<3 * tree.placements).map { $0 % 3 == 0 ? 0.1 : .pi }
    #expect(
      tree.positions(from: straight).allSatisfy { $0.x.isFinite && $0.y.isFinite && $0.z.isFinite })
  }
}
