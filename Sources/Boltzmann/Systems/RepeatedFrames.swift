import Foundation
import Molecules
import Trajectories

/// How many frames of a trajectory differ from all others in a coordinate.
///
/// - Returns: Exact but for one chance in 2⁶⁴ for each pair.
func distinctFrames(_ trajectory: Trajectory) -> Int { Set(frameHashes(trajectory)).count }

/// A hash of the coordinates of each frame, [frames].
func frameHashes(_ trajectory: Trajectory) -> [UInt64] {
  let width = 3 * trajectory.atoms
  return trajectory.coordinates.withUnsafeBufferPointer { coordinates in
    (0..<trajectory.frames).map { frame in
      // FNV-1a over whole numbers.
      var hash: UInt64 = 0xcbf2_9ce4_8422_2325
      for index in frame * width..<(frame + 1) * width {
        hash = (hash ^ coordinates[index].bitPattern) &* 0x0000_0100_0000_01b3
        hash ^= hash >> 29
      }
      return hash
    }
  }
}

/// The step that all coordinates are multiples of, nm, as a format that rounds makes them; nil
/// where there is none of 0.0001 nm or more.
func roundingStep(_ trajectory: Trajectory) -> Double? {
  let frames = min(trajectory.frames, 10)
  let coordinates = trajectory.coordinates[..<(3 * trajectory.atoms * frames)]
  // Single precision leaves 1e-7 of a coordinate of some nm.
  return [0.01, 0.001, 0.0001].first { step in
    coordinates.allSatisfy { abs(($0 / step).rounded() - $0 / step) * step < 1e-6 }
  }
}

extension ForceField {
  /// What rounding to multiples of a step, nm, adds to the energy of a bond on average, kJ/mol: the
  /// variance of a coordinate grows by `h²/12`, that of a length by twice that.
  func bondEnergy(ofRounding step: Double) -> Double {
    guard !bonds.isEmpty else { return 0 }
    let stiffness = bonds.reduce(0) { $0 + $1.stiffness } / Double(bonds.count)
    return stiffness * step * step / 12
  }
}
