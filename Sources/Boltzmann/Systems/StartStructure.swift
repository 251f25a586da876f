import Molecules
import Reporting
import Runs
import Trajectories

/// Two nuclei nearer than this, nm, are in no molecule: hydrogen's own bond has 0.074.
private let nearest = 0.05

/// Reads the structure that a simulation begins with, an AMBER restart: nm, [atoms].
///
/// Afterwards every bond is within 30 % of its equilibrium length, as in ``readFrames(_:of:log:)``,
/// which a structure that is yet to be minimised also keeps; and no two atoms are in one place,
/// which no minimisation could part (StartStructureTests).
/// - Throws: `TrajectoryError`, or `RunError.badData` naming the first bond or pair that is not so.
package func readStart(_ path: String, of system: MolecularSystem) throws -> [SIMD3<Double>] {
  let positions = try readAmberRestart(path: path, expectedAtoms: system.topology.atoms)
  if let strange = startProblem(positions, of: system.prmtop) {
    throw RunError.badData(path: path, problem: strange)
  }
  return positions
}

/// Reads the structures that the chains of a simulation begin with, an AMBER restart or the frames
/// of an AMBER trajectory: nm, [structures][atoms].
///
/// There is at least one, and each is as ``readStart(_:of:)`` would have it.
/// - Throws: As ``readStart(_:of:)``.
func readStarts(_ path: String, of system: MolecularSystem) throws -> [[SIMD3<Double>]] {
  let starts = try readAmberStructures(path: path, expectedAtoms: system.topology.atoms)
  if starts.isEmpty { throw RunError.badData(path: path, problem: "has no frame to begin with") }
  for (frame, positions) in starts.enumerated() {
    guard let strange = startProblem(positions, of: system.prmtop) else { continue }
    throw RunError.badData(
      path: path, problem: starts.count == 1 ? strange : "frame \(frame): \(strange)")
  }
  return starts
}

/// Why no simulation of a molecule can begin with a structure, in words; nil if one can.
///
/// - Parameter positions: nm, [atoms].
func startProblem(_ positions: [SIMD3<Double>], of prmtop: Prmtop) -> String? {
  let start = Trajectory(
    atoms: positions.count, coordinates: positions.flatMap { [$0.x, $0.y, $0.z] })
  return strangeBond(start, 0, of: prmtop) ?? coincidence(start, of: prmtop.topology)
}

/// The first two atoms of a structure that are nearly in one place, in words; nil if there are
/// none.
private func coincidence(_ start: Trajectory, of topology: Topology) -> String? {
  let names = topology.atomNames
  for j in 0..<start.atoms {
    for i in 0..<j {
      let apart = distance(start, 0, i, j)
      if apart >= nearest { continue }
      return "atoms \(names[i]) and \(names[j]) (atoms \(i + 1), \(j + 1)) are "
        + "\(apart.fixed(4)) nm apart, nearer than any two nuclei; do two atoms share a place?"
    }
  }
  return nil
}
