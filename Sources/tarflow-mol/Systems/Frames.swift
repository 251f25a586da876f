import Foundation
import Logging
import Molecules
import Trajectories

/// Reads a trajectory of the system's molecule and checks its bonds, passing its notes on.
func readFrames(_ path: String, of system: MolecularSystem, log: Logger) throws -> Trajectory {
  let trajectory = try readConformations(path, of: system, log: log)
  if let strange = strangeBond(trajectory, system: system) {
    throw CommandError.badData(path: path, problem: strange)
  }
  return trajectory
}

/// Reads the proposals of a model, passing the file's notes on; what is broken among them comes back as NaN.
func readSamples(_ path: String, of system: MolecularSystem, log: Logger) throws -> Trajectory {
  try readConformations(path, of: system, keepingBroken: true, log: log)
}

/// Reads conformations however strained, passing the file's notes on.
func readConformations(
  _ path: String, of system: MolecularSystem, keepingBroken: Bool = false, log: Logger
) throws -> Trajectory {
  let (trajectory, notes) = try readAmberTrajectory(
    path: path, expectedAtoms: system.topology.atoms, keepingBroken: keepingBroken)
  for note in notes { log.warning("\(path): \(note)") }
  return trajectory
}

/// The first bond whose length is far from the force field's, in words; nil if there is none.
///
/// Thermal motion at room temperature changes a bond by 3 % (one standard deviation), 30 % is ten of them. Another molecule,
/// another order of its atoms, another unit, or a molecule cut by a periodic box shows here.
func strangeBond(_ trajectory: Trajectory, system: MolecularSystem) -> String? {
  let names = system.topology.atomNames
  for frame in 0..<trajectory.frames {
    for bond in system.prmtop.forceField.bonds {
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
      return "frame \(frame): bond \(names[i])–\(names[j]) (atoms \(i + 1), \(j + 1)) is "
        + "\(decimal(ratio * bond.length, 4)) nm long, the topology says \(decimal(bond.length, 4)); "
        + advice
    }
  }
  return nil
}

private func distance(_ trajectory: Trajectory, _ frame: Int, _ i: Int, _ j: Int) -> Double {
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
