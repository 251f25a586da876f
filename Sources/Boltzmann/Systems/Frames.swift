import Logging
import Molecules
import Reporting
import Runs
import TensorFiles
import Trajectories

/// Reads a trajectory of the system's molecule, passing the file's notes on.
///
/// Every bond of every frame is within 30 % of its equilibrium length, and every frame counts alike.
/// - Throws: `TrajectoryError`, or `RunError.badData` naming the first bond that is not, or for
///   proposals, which have weights.
package func readFrames(
  _ path: String, of system: MolecularSystem, log: Logger
) throws -> Trajectory {
  // A file that cannot be read is refused below.
  if (try? holdsSamples(path: path)) == true {
    throw RunError.badData(
      path: path,
      problem: "holds proposals, which count by their weights, where frames of a simulation are "
        + "expected; name such frames (`analyze` takes proposals by their folder, or with "
        + "--weights)")
  }
  let trajectory = try readConformations(path, of: system, log: log)
  if let strange = strangeBond(trajectory, of: system) {
    throw RunError.badData(path: path, problem: strange)
  }
  return trajectory
}

/// Reads conformations however strained, passing the file's notes on.
///
/// - Parameter keepingBroken: Whether frames that are not finite come back as NaN.
/// - Throws: `TrajectoryError`.
package func readConformations(
  _ path: String, of system: MolecularSystem, keepingBroken: Bool = false, log: Logger
) throws -> Trajectory {
  let (trajectory, notes) = try readTrajectory(
    path: path, expectedAtoms: system.topology.atoms, keepingBroken: keepingBroken)
  for note in notes { log.warning("\(path): \(note)") }
  return trajectory
}

/// Reads a single structure however strained: an AMBER restart, NetCDF or text, or the first model of
/// a PDB file, whose rounding to 0.001 Å a warning speaks of.
///
/// - Returns: A trajectory of one frame.
/// - Throws: `TrajectoryError` or `PDBError`.
package func readStructure(
  _ path: String, of system: MolecularSystem, log: Logger
) throws -> Trajectory {
  let positions: [SIMD3<Double>]
  if try FileKind(path: path) == .pdb {
    let found = try pdbPositions(path: path, topology: system.topology)
    for note in found.notes { log.warning("\(note)") }
    log.warning(
      """
      \(path): is rounded to 0.001 Å, which changes energies by up to a few kJ/mol; a restart \
      (.ncrst) has all digits
      """)
    positions = found.positions
  } else {
    positions = try readAmberRestart(path: path, expectedAtoms: system.topology.atoms)
  }
  return Trajectory(
    atoms: positions.count, coordinates: positions.flatMap { [$0.x, $0.y, $0.z] })
}

/// The first bond whose length is far from the force field's, in words; nil if there is none.
///
/// Thermal motion at room temperature changes a bond by 3 % (one standard deviation), 30 % is ten
/// of them. Another molecule, another order of its atoms, another unit, or a molecule cut by a
/// periodic box shows here.
package func strangeBond(_ trajectory: Trajectory, of system: MolecularSystem) -> String? {
  for frame in 0..<trajectory.frames {
    if let strange = strangeBond(trajectory, frame, of: system.prmtop) {
      return "frame \(frame): \(strange)"
    }
  }
  return nil
}

/// The first strange bond of one frame, in words; nil if there is none.
func strangeBond(_ trajectory: Trajectory, _ frame: Int, of prmtop: Prmtop) -> String? {
  let names = prmtop.topology.atomNames
  for bond in prmtop.forceField.bonds {
    let (i, j) = (Int(bond.atoms.x), Int(bond.atoms.y))
    let ratio = distance(trajectory, frame, i, j) / bond.length
    if ratio > 0.7, ratio < 1.3 { continue }
    let advice =
      switch ratio {
      case 8...12 where frame == 0: "ten times too long: check the unit, ångström is expected"
      case 0.08...0.12 where frame == 0:
        "ten times too short: check the unit, ångström is expected"
      case 5...: "does a periodic box cut the molecule? make it whole first"
      default: "is this another molecule, or another order of its atoms?"
      }
    return "bond \(names[i])–\(names[j]) (atoms \(i + 1), \(j + 1)) is "
      + "\((ratio * bond.length).fixed(4)) nm long, the topology says \(bond.length.fixed(4)); "
      + advice
  }
  return nil
}

/// The distance of two atoms in a frame, nm.
func distance(_ trajectory: Trajectory, _ frame: Int, _ i: Int, _ j: Int) -> Double {
  let start = frame * trajectory.atoms
  var sum = 0.0
  for axis in 0..<3 {
    let d =
      trajectory.coordinates[3 * (start + i) + axis]
      - trajectory.coordinates[3 * (start + j) + axis]
    sum += d * d
  }
  return sum.squareRoot()
}
