import Boltzmann
import Flow
import Foundation
import Kernels
import Molecules
import RunsTestSupport
import TestSupport
import Trajectories

/// An embedded system.
func system(_ name: String) throws -> MolecularSystem {
  try MolecularSystem(folder: systemsFolder.appending(path: name).path)
}

/// Frames of AL3's reference trajectory, 33 atoms.
func alanineFrames(_ frames: Range<Int>) throws -> Trajectory {
  try readAmberTrajectory(
    path: systemsFolder.appending(path: "AL3/reference.nc").path, frames: frames
  ).trajectory
}

/// AL2's start, 22 atoms, as one frame.
func acetylFrame() throws -> Trajectory {
  let path = systemsFolder.appending(path: "AL2/start.ncrst").path
  let positions = try readAmberRestart(path: path, expectedAtoms: 22)
  return Trajectory(atoms: 22, coordinates: positions.flatMap { [$0.x, $0.y, $0.z] })
}

/// A small flow of AL3's internal coordinates with random weights; a periodic one has one block.
///
/// - Parameter frames: What its scales are those of; frames of the reference by default.
func untrainedModel(periodic: Bool = false, scaledBy frames: [Double]? = nil) throws -> TrainedModel
{
  try loadBLAS()
  let representation = try Representation(
    .internal, order: .topology, periodicTorsions: periodic, topology: try system("AL3").topology,
    coordinates: try frames ?? alanineFrames(0..<200).coordinates, execution: .serial)
  var shape = FlowConfiguration(
    tokens: representation.tokens, features: representation.features)
  (shape.blocks, shape.layers, shape.width, shape.components) = (periodic ? 1 : 2, 1, 32, 3)
  shape.periodic = periodic
  shape.windows = representation.periodicWindows.map {
    PeriodicWindows(lows: $0.lows, periods: $0.periods)
  }
  let flow = try TarFlow(shape)
  // As they begin, the weights give every sample the same transform.
  var generator = RandomGenerator(seed: 4, stream: .initialization)
  let weights = flow.layout.initialValues(seed: 3).map { $0 + 0.02 * Float(generator.normal()) }
  return TrainedModel(flow: flow, weights: weights, representation: representation)
}
