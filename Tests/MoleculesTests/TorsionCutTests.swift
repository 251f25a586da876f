import Foundation
import Molecules
import TestSupport
import Testing

@Suite struct TorsionCutTests {
  private static let bin = 2 * Double.pi / 360

  /// A histogram of angles drawn around `modes` in turn, ± `width`.
  private func counts(around modes: [Double], width: Double, draws: Int = 20_000) -> [Int] {
    var source = SeededGenerator(state: 7)
    var counts = [Int](repeating: 0, count: 360)
    for draw in 0..<draws {
      let angle = unwrappedTorsion(modes[draw % modes.count] + width * source.normal(), cut: -.pi)
      counts[min(Int((angle + .pi) / Self.bin), 359)] += 1
    }
    return counts
  }

  private func distance(_ a: Double, _ b: Double) -> Double {
    abs(unwrappedTorsion(a - b, cut: -.pi))
  }

  @Test(arguments: [0, 1.2, -2.5, 3.1, -3.1, Double.pi])
  func `a narrow angle is cut opposite to its mode, also across ±π`(mode: Double) {
    let cut = emptiestTorsion(counts: counts(around: [mode], width: 0.05))
    #expect(distance(cut, mode + .pi) < 4 * Self.bin, "\(cut)")
    #expect(cut >= -.pi && cut <= .pi)
  }

  @Test(arguments: [0.0, 0.9, 2.0, 3.0])
  func `two modes are cut in the middle of the wider gap`(turn: Double) {
    // Modes 2 rad apart: the wide gap's middle is 1 + π from the first.
    let cut = emptiestTorsion(counts: counts(around: [turn, turn + 2], width: 0.1))
    #expect(distance(cut, turn + 1 + .pi) < 0.1, "\(cut)")
  }

  @Test(arguments: [0.0, 0.3, 1.0, 1.05])
  func `three wide modes are cut in one of the valleys`(turn: Double) {
    let modes = [turn, turn + 2 * .pi / 3, turn - 2 * .pi / 3]
    let cut = emptiestTorsion(counts: counts(around: modes, width: 0.3))
    #expect(modes.allSatisfy { distance(cut, $0) > 0.9 }, "\(cut)")
  }

  @Test func `a flat histogram has the same cut every time`() {
    #expect(emptiestTorsion(counts: [Int](repeating: 3, count: 360)) == 0)
  }

  @Test func `unwrapped angles lie in the window`() {
    var source = SeededGenerator(state: 8)
    for _ in 0..<2_000 {
      let (angle, cut) = (source.uniform(-20..<20), source.uniform(-4..<4))
      let found = unwrappedTorsion(angle, cut: cut)
      #expect(found >= cut && found < cut + 2 * .pi)
      #expect(abs(sin(found) - sin(angle)) < 1e-12 && abs(cos(found) - cos(angle)) < 1e-12)
    }
    for cut in [-3.0, 0.1, 3.0] {
      for angle in [cut, cut.nextDown, cut.nextUp, cut + 2 * .pi, (cut + 2 * .pi).nextDown] {
        let found = unwrappedTorsion(angle, cut: cut)
        #expect(found >= cut && found < cut + 2 * .pi)
      }
    }
  }
}
