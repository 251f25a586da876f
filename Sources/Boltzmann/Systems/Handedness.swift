import Foundation
import Kernels
import Molecules
import Trajectories

/// How often a stereocentre of a trajectory is on the wrong side.
struct Handedness: Equatable {
  /// "ALA2 CA".
  let centre: String
  /// The residue whose name says which side is right; nil where the first frame stands for it.
  let residue: String?
  /// Frames with the other handedness.
  let mirrored: Int
  let frames: Int

  /// Of every stereocentre that has frames with the other handedness than its residue's name stands
  /// for, or than the first frame.
  static func unexpected(
    _ trajectory: Trajectory, topology: Topology, execution: Execution
  ) -> [Handedness] {
    let stereochemistry = Stereochemistry(topology)
    let signs = stereochemistry.handedness(
      of: trajectory.coordinates, atoms: trajectory.atoms, execution: execution)
    let names = stereochemistry.centreNames(topology)
    let expected = stereochemistry.expectedHandedness(topology)
    return names.indices.compactMap { index in
      let own = stride(from: index, to: signs.count, by: names.count).map { signs[$0] }
      guard let wanted = expected[index] ?? own.first else { return nil }
      let mirrored = own.count { $0 == -wanted }
      guard mirrored > 0 else { return nil }
      let atom = stereochemistry.centres[index].atom
      return Handedness(
        centre: names[index],
        residue: expected[index].map { _ in topology.residueNames[topology.residueOfAtom[atom]] },
        mirrored: mirrored, frames: own.count)
    }
  }
}
