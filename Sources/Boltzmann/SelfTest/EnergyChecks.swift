import Kernels
import Molecules

/// A molecule and conformations to measure with.
struct CheckedMolecule {
  let name: String
  let system: MolecularSystem
  /// nm, [frames, atoms, 3].
  let coordinates: [Double]

  /// Frames of ``displaced(_:frame:)`` of a system's start structure.
  /// - Throws: `RunError`, `PrmtopError` or `TrajectoryError`.
  init(_ name: String, folder: String, frames: Int) throws {
    self.name = name
    system = try MolecularSystem(folder: folder)
    let start = try readStart(try system.startPath(), of: system)
    coordinates = (0..<frames).flatMap { displaced(start, frame: $0) }
  }
}

/// Energies against those of another program, kJ/mol.
func energyDeviation(_ energy: Energy, of coordinates: [Double], from expected: [Double]) -> Double
{
  largestDifference(
    energy.terms(coordinates: coordinates, execution: .serial).map(\.total), expected)
}

/// Forces against fourth-order differences of the energy along random directions, one for each
/// frame, as a share of `Σ |F · d|`, or of 100 kJ/mol where that is less, as at a minimum.
///
/// - Parameter forces: What gives the forces; the energy itself but in tests.
func forceDeviation(_ energy: Energy, forces: Energy, at coordinates: [Double]) -> Double {
  let (width, step) = (3 * energy.atoms, 2e-5)
  let found = forces.termsAndForces(coordinates: coordinates, execution: .serial).forces
  var worst = 0.0
  for first in stride(from: 0, to: coordinates.count, by: width) {
    var generator = RandomGenerator(seed: 1, stream: .testing, index: first)
    let direction = (0..<width).map { _ in generator.normal() }
    let moved = [-2.0, -1, 1, 2].flatMap { multiple in
      (0..<width).map { coordinates[first + $0] + multiple * step * direction[$0] }
    }
    let u = energy.terms(coordinates: moved, execution: .serial).map(\.total)
    let slope = (8 * (u[2] - u[1]) - (u[3] - u[0])) / (12 * step)
    let products = (0..<width).map { -found[first + $0] * direction[$0] }
    let scale = max(100, products.reduce(0) { $0 + abs($1) })
    let deviation = abs(slope - products.reduce(0, +)) / scale
    worst = deviation.isNaN ? .infinity : max(worst, deviation)
  }
  return worst
}

/// Energies and forces by two kinds of lanes: forces as a share of the largest, energies as a share
/// of the largest, too.
func laneDeviation(_ a: Energy, _ b: Energy, at coordinates: [Double]) -> Double {
  let one = a.termsAndForces(coordinates: coordinates, execution: .serial)
  let two = b.termsAndForces(coordinates: coordinates, execution: .serial)
  func share(_ x: [Double], _ y: [Double]) -> Double {
    largestDifference(x, y) / (x.map { abs($0) }.max() ?? 1)
  }
  return max(
    share(one.terms.map(\.total), two.terms.map(\.total)), share(one.forces, two.forces))
}
