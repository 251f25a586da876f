import Boltzmann
import Foundation
import Runs
import RunsTestSupport
import TestSupport
import Testing
import Trajectories

@Suite struct StartStructureTests {
  private let molecule: MolecularSystem
  private let frame: Trajectory

  init() throws {
    molecule = try system("AL2")
    frame = try acetylFrame()
  }

  /// What is wrong with the start after a change of its coordinates, nm; nil if it is accepted.
  private func problem(_ change: (inout [SIMD3<Double>]) -> Void) throws -> String? {
    try withTemporaryFolder { folder in
      let path = "\(folder)/start.rst7"
      var positions = frame[0]
      change(&positions)
      try writeTextRestart(positions, path: path)
      do {
        _ = try readStart(path, of: molecule)
        return nil
      } catch let error as RunError {
        guard case .badData(path, let problem) = error else { throw error }
        return problem
      }
    }
  }

  private func index(_ residue: Int, _ name: String) throws -> Int {
    try #require(
      molecule.topology.atomNames.indices.first {
        molecule.topology.atomNames[$0] == name && molecule.topology.residueOfAtom[$0] == residue
      })
  }

  @Test func `the starts of the embedded systems are read to the last bit`() throws {
    for name in ["AL2", "AL3", "AL4", "AL6", "CLN"] {
      let molecule = try system(name)
      let path = try molecule.startPath()
      let expected = try readAmberRestart(path: path)
      #expect(try readStart(path, of: molecule) == expected)
    }
  }

  @Test func `a strained start is accepted`() throws {
    #expect(try problem { _ in } == nil)
    #expect(try problem { $0 = $0.map { 1.2 * $0 } } == nil)
    #expect(try problem { $0 = $0.map { 0.8 * $0 } } == nil)
    let noisy = try problem { positions in
      for atom in positions.indices {
        for axis in 0..<3 {
          positions[atom][axis] += 0.008 * sin(Double(7 * atom + 3 * axis))
        }
      }
    }
    #expect(noisy == nil)
  }

  @Test func `another order, another unit, exchanged atoms and random numbers are refused`() throws
  {
    let heavy = molecule.topology.atomicNumbers.indices.filter {
      molecule.topology.atomicNumbers[$0] > 1
    }
    let light = molecule.topology.atomicNumbers.indices.filter {
      molecule.topology.atomicNumbers[$0] == 1
    }
    let reordered = try problem { positions in
      positions = (heavy + light).map { [positions] in positions[$0] }
    }
    #expect(reordered?.hasPrefix("bond ") == true)
    #expect(reordered?.hasSuffix("another order of its atoms?") == true)
    #expect(
      try problem { $0 = $0.map { $0 / 10 } }?.hasSuffix(
        "ten times too short: check the unit, ångström is expected") == true)
    #expect(
      try problem { $0 = $0.map { 10 * $0 } }?.hasSuffix(
        "ten times too long: check the unit, ångström is expected") == true)
    for (a, b) in [("CA", "CB"), ("N", "CA"), ("C", "O"), ("CB", "HB1"), ("CA", "HA")] {
      let (i, j) = (try index(1, a), try index(1, b))
      #expect(try problem { $0.swapAt(i, j) } != nil, "\(a) and \(b)")
    }
    #expect(
      try problem {
        $0 = $0.indices.map { SIMD3(sin(Double(3 * $0)), sin(Double(5 * $0)), 0.1) / 4 }
      }?.hasPrefix("bond ") == true)
    #expect(try problem { $0 = $0.map { _ in .zero } }?.hasPrefix("bond ") == true)
  }

  @Test func `two atoms in one place are refused, though every bond has its length`() throws {
    let (i, j) = (try index(1, "HB1"), try index(1, "HB2"))
    #expect(
      try problem { $0[j] = $0[i] }
        == "atoms HB1 and HB2 (atoms \(i + 1), \(j + 1)) are 0.0000 nm apart, nearer than any two "
        + "nuclei; do two atoms share a place?")
  }

  @Test func `a NetCDF restart in another order is refused too`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/start.ncrst"
      var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: try molecule.startPath())))
      let size = 3 * MemoryLayout<Double>.size
      // Classic NetCDF holds the positions as big-endian numbers, ångström, atom by atom.
      func position(_ offset: Int) -> SIMD3<Double> {
        let numbers = (0..<3).map { axis in
          Double(
            bitPattern: bytes[offset + 8 * axis..<offset + 8 * axis + 8].reduce(0) {
              $0 << 8 | UInt64($1)
            })
        }
        return SIMD3(numbers[0], numbers[1], numbers[2]) / 10
      }
      let begin = try #require(
        (0...bytes.count - 22 * size).first { offset in
          let apart = position(offset) - frame[0][0]
          return (apart * apart).sum() < 1e-20
        })
      let atoms = (0..<22).map { bytes[begin + size * $0..<begin + size * ($0 + 1)] }
      bytes.replaceSubrange(begin..<begin + 22 * size, with: atoms.reversed().joined())
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      #expect(try readAmberRestart(path: path) == frame[0].reversed())
      let error = #expect(throws: RunError.self) { try readStart(path, of: molecule) }
      #expect(error?.description.hasPrefix("\(path): bond ") == true)
    }
  }

  @Test func `a simulation does not begin with such a start`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/start.rst7"
      try writeTextRestart(frame[0].map { $0 / 10 }, path: path)
      let context = CapturedLog().context()
      let record = try SimulationRecord(
        SimulationSettings(time: 1, temperatures: [300]), system: molecule, start: path,
        context: context)
      let error = #expect(throws: RunError.self) {
        _ = try Simulation(record, system: molecule, context: context)
      }
      #expect(error?.description.hasPrefix("\(path): bond ") == true)
    }
  }
}

/// Writes an AMBER restart in its text form: nm → Å, six numbers a line.
func writeTextRestart(_ positions: [SIMD3<Double>], path: String) throws {
  let numbers = positions.flatMap { [$0.x, $0.y, $0.z] }.map {
    String(format: "%12.7f", 10 * $0)
  }
  let lines = stride(from: 0, to: numbers.count, by: 6).map { first in
    numbers[first..<min(first + 6, numbers.count)].joined()
  }
  let text = (["made", "\(positions.count)"] + lines).joined(separator: "\n") + "\n"
  try Data(text.utf8).write(to: URL(fileURLWithPath: path))
}
