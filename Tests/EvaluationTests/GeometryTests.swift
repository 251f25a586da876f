import Evaluation
import Foundation
import TestSupport
import Testing

@Suite struct GeometryTests {
  @Test func `dihedrals equal mdtraj's`() throws {
    let golden = try Golden.load()
    let found = dihedrals(golden.positions, atoms: 8, quadruples: golden.atomQuadruples)
    #expect(found.points == 6)
    // mdtraj computes in single precision.
    expectClose(found.values, golden.dihedrals, absolute: 3e-6)
  }

  @Test(arguments: [-170, -90, -1, 0, 45, 90, 180])
  func `a dihedral is positive when the far bond is turned clockwise`(degrees: Int) {
    // Seen from the first atom of the axis z, clockwise is from x towards y.
    let angle = Double(degrees) * .pi / 180
    let coordinates = [1, 0, 0, 0, 0, 0, 0, 0, 1, cos(angle), sin(angle), 1]
    let found = dihedrals(coordinates, atoms: 4, quadruples: [SIMD4(0, 1, 2, 3)])
    expectClose(found.values, [angle], absolute: 1e-14)
    let backwards = dihedrals(coordinates, atoms: 4, quadruples: [SIMD4(3, 2, 1, 0)])
    expectClose(backwards.values, [angle], absolute: 1e-14)
  }

  @Test func `a broken coordinate makes its torsion undefined`() {
    let found = dihedrals(
      [1, 0, 0, 0, 0, 0, 0, 0, 1, .nan, 0, 1], atoms: 4, quadruples: [SIMD4(0, 1, 2, 3)])
    #expect(found.values.count == 1 && found.values[0].isNaN)
  }

  @Test func `handedness equals NumPy's triple product`() throws {
    let golden = try Golden.load()
    #expect(
      chiralitySigns(golden.positions, atoms: 8, centers: golden.atomQuadruples) == golden.signs)
  }

  @Test func `a mirror image has every sign turned round`() throws {
    let golden = try Golden.load()
    let mirrored = golden.positions.map { -$0 }
    let signs = chiralitySigns(mirrored, atoms: 8, centers: golden.atomQuadruples)
    #expect(signs == golden.signs.map { -$0 })
    let expected = Array(golden.signs.prefix(3))
    #expect(correctChirality(signs, expected: expected, frames: 6) < 1)
    #expect(correctChirality(expected + signs.prefix(3), expected: expected, frames: 2) == 0.5)
  }

  @Test func `broken frames are wrong, and a molecule without centres is right`() {
    let frame = [1.0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, -1]
    let centers = [SIMD4<Int32>(0, 1, 2, 3)]
    let expected = chiralitySigns(frame, atoms: 4, centers: centers)
    #expect(expected == [-1])
    for broken in [Double.nan, .infinity] {
      let coordinates = Array(repeating: broken, count: 12)
      #expect(chiralitySigns(coordinates, atoms: 4, centers: centers) == [0])
    }
    #expect(correctChirality([], expected: [], frames: 3) == 1)
  }
}
