import Kernels
import Logging
import Molecules
import Reporting
import Runs
import Trajectories

/// Reads a trajectory that is to have the Boltzmann distribution of the system: see
/// ``readFrames(_:of:log:)``.
///
/// Where the file names temperatures, there is one, within 0.5 K of the system's. At least
/// ``HypervirialTest/fewestFrames`` frames are distinct, if there are twice as many, and no
/// temperature of ``HypervirialTest`` is known to differ from the system's by more than 10 %.
/// Warnings speak of smaller differences, of mean forces that are not those of the energy, of
/// repeated and rounded frames, mirror images, and of rigid bonds.
///
/// - Throws: `TrajectoryError`, or `RunError.badData`.
package func readEquilibriumFrames(
  _ path: String, of system: MolecularSystem, execution: Execution, log: Logger
) throws -> Trajectory {
  let trajectory = try readFrames(path, of: system, log: log)
  let stated = try readAmberTemperatures(path: path)
  if let problem = temperatureProblem(
    stated: stated, wanted: system.description.temperature, path: path)
  {
    throw RunError.badData(path: path, problem: problem)
  }
  for finding in equilibriumFindings(trajectory, of: system, execution: execution) {
    switch finding {
    case .contradiction(let problem): throw RunError.badData(path: path, problem: problem)
    case .doubt(let problem): log.warning("\(path): \(problem)")
    }
  }
  return trajectory
}

/// What speaks against frames as samples of a system's Boltzmann distribution, in words.
package enum EquilibriumFinding: Equatable, Sendable {
  /// They are none.
  case contradiction(String)
  case doubt(String)
}

/// All that speaks against frames as samples of a system's Boltzmann distribution; nothing after
/// the first contradiction.
///
/// Each names the quantity, its value, and what is expected with its standard error
/// (`EquilibriumFramesTests`).
package func equilibriumFindings(
  _ trajectory: Trajectory, of system: MolecularSystem, execution: Execution
) -> [EquilibriumFinding] {
  var findings: [EquilibriumFinding] = []
  findings += repetition(trajectory).map { [$0] } ?? []
  findings += mirrorImages(trajectory, of: system, execution: execution).map { [$0] } ?? []
  findings += rounding(trajectory, of: system).map { [$0] } ?? []
  let test = HypervirialTest(
    trajectory, topology: system.topology, energy: system.energy, execution: execution)
  if let test { findings += test.findings(of: system) }
  let end = findings.firstIndex { if case .contradiction = $0 { true } else { false } }
  return end.map { [findings[$0]] } ?? findings
}

/// Frames that are there more than once.
private func repetition(_ trajectory: Trajectory) -> EquilibriumFinding? {
  let (frames, distinct) = (trajectory.frames, distinctFrames(trajectory))
  guard frames >= 2 * HypervirialTest.fewestFrames, Double(distinct) < 0.9 * Double(frames) else {
    return nil
  }
  let problem =
    "only \(distinct) of its \(frames) frames \(distinct == 1 ? "is" : "are") distinct, where "
    + "dynamics give \(frames): "
    + "were they repeated, or drawn with weights? use every frame once"
  return distinct < HypervirialTest.fewestFrames ? .contradiction(problem) : .doubt(problem)
}

/// Stereocentres that are mirrored in all or some of the frames.
private func mirrorImages(
  _ trajectory: Trajectory, of system: MolecularSystem, execution: Execution
) -> EquilibriumFinding? {
  let unexpected = Handedness.unexpected(
    trajectory, topology: system.topology, execution: execution)
  guard let worst = unexpected.max(by: { $0.mirrored < $1.mirrored }) else { return nil }
  let others = unexpected.count == 1 ? "" : " (and \(unexpected.count - 1) more)"
  let what =
    "the stereocentre \(worst.centre)\(others) is the mirror image of what "
    + (worst.residue.map { "the name \($0) stands for" } ?? "it is in the first")
  if worst.mirrored == worst.frames {
    return .doubt("in all \(worst.frames) frames \(what): is the molecule mirrored?")
  }
  return .doubt(
    "in \(worst.mirrored) of its \(worst.frames) frames \(what), which no dynamics turn over: are "
      + "they of two molecules, or were some mirrored?")
}

/// Coordinates of so few digits that the bonds feel it.
private func rounding(
  _ trajectory: Trajectory, of system: MolecularSystem
) -> EquilibriumFinding? {
  guard let step = roundingStep(trajectory) else { return nil }
  let added = system.prmtop.forceField.bondEnergy(ofRounding: step)
  let expected = system.thermalEnergy / 2
  guard added > HypervirialTest.allowedTemperatureBias * expected else { return nil }
  return .doubt(
    "its coordinates are rounded to \((10 * step).fixed(2)) Å, which adds \(added.fixed(3)) kJ/mol "
      + "on average to the energy of each bond, to the \(expected.fixed(3)) kJ/mol that it has: "
      + "energies of such frames are wrong; write them again with all digits")
}
