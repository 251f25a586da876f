import Kernels
import Molecules
import Trajectories

/// The labels of equal hydrogens as a flow knows them.
///
/// A flow that was trained on frames whose hydrogens are numbered in one sense gives no density to
/// those that have them in the other, though both are the same conformation with the same energy:
/// its density of a conformation is that of the labels it knows.
package struct FlowLabels: Sendable {
  private let labels: ExchangeableLabels
  let handedness: [Int]

  /// Learns the labels from the conformation of the mean tokens.
  ///
  /// That of a Cartesian flow has no shape, and frames then stay as they are.
  package init(_ representation: Representation, of system: MolecularSystem) {
    labels = ExchangeableLabels(
      topology: system.topology, forceField: system.prmtop.forceField)
    guard case .internal = representation else {
      handedness = [Int](repeating: 0, count: labels.count)
      return
    }
    let tokens = [Float](repeating: 0, count: representation.tokens * representation.features)
    handedness = labels.handedness(
      representation.coordinates(from: tokens, execution: .serial).coordinates)
  }

  /// The same conformations with these labels.
  package func match(_ frames: Trajectory) -> Trajectory {
    Trajectory(atoms: frames.atoms, coordinates: match(frames.coordinates))
  }

  /// The same conformations with these labels, nm, [frames, atoms, 3].
  func match(_ coordinates: [Double]) -> [Double] {
    var coordinates = coordinates
    labels.match(&coordinates, to: handedness)
    return coordinates
  }
}
