import Flow
import Foundation
import Kernels
import Molecules
import Trajectories

/// Conformations that a flow proposes.
struct Proposals {
  /// nm, rounded to what `samples.nc` holds, so that energies can be repeated from the file.
  let trajectory: Trajectory
  /// log-density over Cartesian coordinates modulo rigid motion, nats, [samples]; +∞ outside the support.
  let logDensities: [Double]
}

/// Checks that so many conformations fit into this machine's memory: coordinates, tokens and their copies, 100 bytes for
/// each coordinate.
/// - Throws: `CommandError.configuration`.
func checkMemory(count: Int, atoms: Int) throws {
  let needed = 100 * 3 * Double(count) * Double(atoms)
  let available = Double(ProcessInfo.processInfo.physicalMemory)
  guard needed < available else {
    throw CommandError.configuration(
      source: "\(count) samples",
      problem: "need about \(decimal(needed / 1e9, 0)) GB of memory, this machine has "
        + "\(decimal(available / 1e9, 0)); draw them in parts with different seeds")
  }
}

/// Draws independent conformations: `log q(x) = log p(tokens) − log|dx/dtokens|`.
///
/// The same seed gives the same conformations for any number of workers.
///
/// - Parameter sampling: The standard deviation of the prior that they are drawn from, and the precision.
/// - Throws: `CommandError.configuration` when this CPU has no unit for the precision.
func drawProposals(
  _ model: TrainedModel, count: Int, seed: UInt64, sampling: RunConfiguration.Sampling,
  options: SharedOptions
) throws -> Proposals {
  let unit = MatrixUnit.best(for: sampling.precision)
  if sampling.precision == .bf16, unit == nil {
    throw CommandError.configuration(
      source: "sampling.precision",
      problem: "is bf16, which this CPU has no unit for (AMX or AVX-512 BF16); use fp32")
  }
  let progress = Progress("sampling", total: count, quiet: options.quiet)
  let (tokens, logDensity) = model.flow.sample(
    count, seed: seed, priorScale: sampling.priorScale, weights: model.weights,
    execution: Execution(workers: options.workers, unit: unit),
    onProgress: { progress.advance(by: $0) })
  progress.finish()
  let rebuilt = model.representation.coordinates(from: tokens, execution: options.execution)
  let logDensities = (0..<count).map { frame in
    let value = logDensity[frame] - rebuilt.logJacobian[frame]
    let size = 3 * model.representation.atoms
    let isWritable = rebuilt.coordinates[frame * size..<(frame + 1) * size]
      .allSatisfy { Float($0 * 10).isFinite }
    return rebuilt.inSupport[frame] && value.isFinite && isWritable ? value : .infinity
  }
  // An exploded conformation has weight zero, and the file holds no infinities.
  let rounded = rebuilt.coordinates.map { coordinate in
    let written = Float(coordinate * 10)
    return written.isFinite ? Double(written) / 10 : 0
  }
  return Proposals(
    trajectory: Trajectory(atoms: model.representation.atoms, coordinates: rounded),
    logDensities: logDensities)
}

/// Writes proposals and their weights; returns the energies over kT, [samples].
func writeProposals(
  _ proposals: Proposals, system: MolecularSystem, samples: String, weights: String, clip: Double,
  options: SharedOptions
) throws -> [Double] {
  try writeAmberTrajectory(
    proposals.trajectory, path: samples, programVersion: TarflowMol.version,
    title: "\(system.description.name): independent proposals, weights in weights.csv")
  let energies = system.reducedEnergies(
    proposals.trajectory.coordinates, execution: options.execution)
  let table = WeightsTable(logDensities: proposals.logDensities, energies: energies)
  try writeText(try table.text(clip: clip), path: weights)
  return energies
}
