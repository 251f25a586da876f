import Kernels
import Logging
import Reporting
import Runs
import Trajectories

/// Reads a trajectory that is to have the Boltzmann distribution of the system: see
/// ``readFrames(_:of:log:)``.
///
/// Where the file names temperatures, there is one, within 0.5 K of the system's. The temperature
/// along the bonds (``ConfigurationalTemperature``) is not known to differ from the system's by
/// more than 10 %. A warning says where it differs by more than 2 %, where the mean force along a
/// bond is not that of the energy, and where bonds are rigid.
///
/// - Throws: `TrajectoryError`, or `RunError.badData`.
package func readEquilibriumFrames(
  _ path: String, of system: MolecularSystem, execution: Execution, log: Logger
) throws -> Trajectory {
  let trajectory = try readFrames(path, of: system, log: log)
  let wanted = system.description.temperature
  let stated = try readAmberTemperatures(path: path)
  if let problem = temperatureProblem(stated: stated, wanted: wanted, path: path) {
    throw RunError.badData(path: path, problem: problem)
  }
  let measured = ConfigurationalTemperature(
    trajectory, topology: system.topology, energy: system.energy, execution: execution)
  guard let measured else { return trajectory }
  if measured.rigidBonds > 0 {
    log.warning(
      """
      \(path): the lengths of \(measured.rigidBonds) bonds never change, as if constrained \
      (SHAKE); the energy lets them vibrate
      """)
  }
  switch measured.verdict(wanted: wanted) {
  case .agrees:
    if let problem = measured.strangestForce.problem(of: system) {
      log.warning("\(path): \(problem)")
    }
  case .differs: log.warning("\(path): \(measured.problem(wanted: wanted))")
  case .contradicts:
    throw RunError.badData(path: path, problem: measured.problem(wanted: wanted))
  }
  return trajectory
}

/// What is wrong with the temperatures that a file states, in words; nil if it states none, or the
/// one that is wanted.
package func temperatureProblem(stated: [Double], wanted: Double, path: String) -> String? {
  guard stated.contains(where: { abs($0 - wanted) > 0.5 }) else { return nil }
  let (target, found) = (kelvin(wanted), stated.map(kelvin))
  let first = "says that its system was at \(found.joined(separator: ", ")) K, but "
  // The file does not hold the wanted temperature at all.
  guard stated.contains(where: { abs($0 - wanted) <= 0.5 }) else {
    return first + "the system's temperature is \(target) K: is this another replica's file, or is "
      + "the system's temperature wrong?"
  }
  return first + "one temperature, \(target) K, is wanted; take its frames out of all replicas: "
    + "cpptraj -p TOPOLOGY -y \(path) -ya 'remdtraj remdtrajtemp \(target)' -x one.nc"
}

private func kelvin(_ value: Double) -> String {
  let rounded = value.fixed(1)
  return rounded.hasSuffix(".0") ? String(rounded.dropLast(2)) : rounded
}

extension ConfigurationalTemperature {
  /// What a measured temperature says of the one that is wanted.
  package enum Verdict: Equatable, Sendable {
    /// Within four standard errors, or within 2 %.
    case agrees
    /// Beyond that.
    case differs
    /// Beyond four standard errors and 10 %.
    case contradicts
  }

  /// Compares with the temperature of the system, K.
  package func verdict(wanted: Double) -> Verdict {
    let difference = abs(kelvin - wanted)
    guard difference > 4 * error else { return .agrees }
    if difference > 0.1 * wanted { return .contradicts }
    return difference > 0.02 * wanted ? .differs : .agrees
  }

  /// The difference in words.
  package func problem(wanted: Double) -> String {
    "judging by the forces along its \(bonds) bonds, its frames are at \(kelvin.fixed(1)) ± "
      + "\(error.fixed(1)) K, but the system's temperature is \(Boltzmann.kelvin(wanted)) K: was "
      + "it simulated at that temperature, with this force field and solvent?"
  }
}

extension BondForce {
  /// What is strange about the force, in words; nil up to six standard errors.
  fileprivate func problem(of system: MolecularSystem) -> String? {
    guard abs(deviation) > 6 else { return nil }
    let (i, j) = (Int(atoms.x), Int(atoms.y))
    let names = system.topology.atomNames
    return "the mean force that stretches bond \(names[i])–\(names[j]) (atoms \(i + 1), \(j + 1)) "
      + "is \(mean.fixed(0)) kJ/mol/nm, where \(expected.fixed(0)) ± \(error.fixed(0)) is right for "
      + "samples of this energy; was it simulated with this force field and solvent?"
  }
}
