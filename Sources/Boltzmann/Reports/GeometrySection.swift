import Evaluation
import Foundation
import Kernels
import Molecules
import Reporting
import Trajectories

/// Frames of each set that geometry is measured in; more would not change the pictures.
private let mostFrames = 20_000

/// Bond lengths, bond angles and the closest distance between atoms that are not bonded.
func geometrySection(
  _ sets: [(name: String, mark: Chart.Mark, tint: Int, geometry: Geometry, weights: [Double])]
) -> Page.Section {
  func figure(
    _ name: String, _ title: String, _ caption: String, _ axis: String, _ unit: String,
    _ range: ClosedRange<Double>, _ values: (Geometry) -> (numbers: [Double], perFrame: Int)
  ) -> Figure {
    let edges = edges(from: range.lowerBound, to: range.upperBound, 80)
    return Figure(
      name, title: title, caption: caption,
      .chart(
        Chart(
          x: Axis(axis, unit: unit, range: range),
          y: Axis("probability density", unit: "1/\(unit)"),
          .bins(edges),
          sets.map { name, mark, tint, geometry, weights in
            let (numbers, perFrame) = values(geometry)
            let repeated =
              perFrame == 1
              ? geometry.rows.map { weights[$0] }
              : geometry.rows.flatMap { [Double](repeating: weights[$0], count: perFrame) }
            let (densities, beyond) = histogram(numbers, weights: repeated, edges: edges)
            return .init(name, mark, colour: tint, densities, beyond: beyond)
          })))
  }
  let some = "of every frame, or of \(mostFrames) frames spread over each set."
  return Page.Section(
    "Geometry",
    [
      .figures([
        figure(
          "bond-lengths", "Bond lengths",
          "How much longer each bond is than its equilibrium length in the force field, all "
            + "bonds \(some)",
          "r − r₀", "pm", -20...20
        ) { ($0.bonds, $0.bondCount) },
        figure(
          "bond-angles", "Bond angles",
          "How much wider each bond angle is than its equilibrium angle in the force field, all "
            + "angles \(some)",
          "θ − θ₀", "°", -30...30
        ) { ($0.angles, $0.angleCount) },
        figure(
          "closest-distance", "Closest distance",
          "The shortest distance between two atoms that are more than three bonds apart, \(some) "
            + "Clashes lie on the left.",
          "distance", "nm", 0.08...0.36
        ) { ($0.closest, 1) },
      ])
    ])
}

/// Deviations of bonds and angles from equilibrium, and the closest contact, frame after frame: of
/// all, or of ``mostFrames`` that are spread over them.
struct Geometry: Sendable {
  let bondCount, angleCount: Int
  /// pm, degrees and nm; NaN in broken frames.
  private(set) var bonds: [Double] = []
  private(set) var angles: [Double] = []
  private(set) var closest: [Double] = []
  /// Which rows of the set these are of, in ascending order.
  private(set) var rows: [Int] = []
  /// All rows that are measured, those still to come among them.
  private let chosen: [Int]
  private var seen = 0
  private let forceField: ForceField
  private let pairs: [(Int, Int)]

  /// - Parameter frames: How many frames will be added.
  init(of system: MolecularSystem, frames: Int) {
    chosen = stratifiedIndices(count: frames, points: mostFrames)
    forceField = system.prmtop.forceField
    (bondCount, angleCount) = (forceField.bonds.count, forceField.angles.count)
    pairs = distantPairs(system.topology)
  }

  /// The geometry of a whole trajectory.
  init(_ trajectory: Trajectory, of system: MolecularSystem, execution: Execution) {
    self.init(of: system, frames: trajectory.frames)
    add(trajectory, execution: execution)
  }

  /// Adds further frames.
  mutating func add(_ trajectory: Trajectory, execution: Execution) {
    let (bonds, angles, pairs) = (forceField.bonds, forceField.angles, pairs)
    let (first, end) = (seen, seen + trajectory.frames)
    let wanted = chosen[rows.count...].prefix { $0 < end }
    let measured = parallelMap(wanted.count, workers: execution.workers) { place, _ in
      let x = trajectory[wanted[wanted.startIndex + place] - first]
      let lengths = bonds.map { bond in
        1_000 * (length(x[Int(bond.atoms.x)] - x[Int(bond.atoms.y)]) - bond.length)
      }
      let turns = angles.map { angle in
        let middle = x[Int(angle.atoms.y)]
        let (a, b) = (x[Int(angle.atoms.x)] - middle, x[Int(angle.atoms.z)] - middle)
        let cosine = (a * b).sum() / (length(a) * length(b))
        return 180 / .pi * (acos(min(1, max(-1, cosine))) - angle.angle)
      }
      let nearest = pairs.reduce(Double.infinity) { least, pair in
        let d = x[pair.0] - x[pair.1]
        return min(least, (d * d).sum())
      }
      return (lengths, turns, nearest.squareRoot())
    }
    self.bonds += measured.flatMap(\.0)
    self.angles += measured.flatMap(\.1)
    closest += measured.map(\.2)
    rows += wanted
    seen = end
  }
}

private func length(_ vector: SIMD3<Double>) -> Double { (vector * vector).sum().squareRoot() }

/// Pairs of atoms more than three bonds apart.
private func distantPairs(_ topology: Topology) -> [(Int, Int)] {
  let neighbours = topology.neighbours
  return (0..<topology.atoms).flatMap { atom in
    var near: Set<Int> = [atom]
    for _ in 0..<3 { near.formUnion(near.flatMap { neighbours[$0] }) }
    return (atom + 1..<max(atom + 1, topology.atoms)).filter { !near.contains($0) }.map {
      (atom, $0)
    }
  }
}
