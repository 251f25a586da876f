import Evaluation
import Foundation
import Kernels
import Molecules
import Reporting
import Trajectories

/// How much the frames of a trajectory that follow each other are alike.
///
/// The integrated autocorrelation time is `τ = g/2` frames, g the statistical inefficiency
/// (``statisticalInefficiency(_:)``); n frames are worth n/g independent ones. That of a torsion θ
/// is the larger one of `cos θ` and `sin θ`.
package struct FrameCorrelation: Equatable, Sendable {
  package let frames: Int
  /// How many frames of the trajectory each one stands for that is looked at.
  private let stride: Int
  /// `g` of the potential energy.
  package let energy: Double
  /// The torsion with the largest `g`; nil where nothing can turn.
  package let slowest: Torsion?

  package struct Torsion: Equatable, Sendable {
    package let name: String
    package let inefficiency: Double
  }

  /// The number of independent frames below which a training has little to learn from.
  private static let fewest = 1_000.0
  /// Frames that are looked at; of more, every second, third, ….
  private static let mostFrames = 20_000

  /// Measures frames in order of time (`HeldOutFramesTests`).
  ///
  /// - Parameter chains: Which chain each frame is of, [frames]; nil for one chain in the order of the
  ///   frames.
  package init(
    _ trajectory: Trajectory, chains: [Int]? = nil, of system: MolecularSystem,
    execution: Execution
  ) {
    precondition(
      chains.map { $0.count == trajectory.frames } ?? true,
      "\(chains?.count ?? 0) chains, \(trajectory.frames) frames")
    let (members, stride) = framesByChain(
      chains ?? [Int](repeating: 0, count: trajectory.frames),
      times: chains == nil ? (0..<trajectory.frames).map(Double.init) : trajectory.times,
      atMost: Self.mostFrames)
    let seen = trajectory.selected(members.flatMap(\.self))
    self.stride = stride
    /// g in frames of the trajectory: a frame that is looked at stands for `stride` of them. What these
    /// no longer remember has at most this g.
    func inefficiency(_ values: [Double]) -> Double {
      var start = 0
      let divided = members.map { frames in
        defer { start += frames.count }
        return Array(values[start..<start + frames.count])
      }
      return statisticalInefficiency(divided) * Double(stride)
    }
    frames = trajectory.frames
    energy = inefficiency(system.reducedEnergies(seen.coordinates, execution: execution))
    let torsions = RotatableTorsion.all(of: system.topology)
    let angles = torsionAngles(
      torsions.map(\.atoms), of: seen.coordinates, atoms: seen.atoms, execution: execution)
    slowest = torsions.indices.map { index in
      let own = (0..<seen.frames).map { angles[$0 * torsions.count + index] }
      return Torsion(
        name: torsions[index].name,
        inefficiency: max(inefficiency(own.map { cos($0) }), inefficiency(own.map { sin($0) })))
    }.max { $0.inefficiency < $1.inefficiency }
  }

  /// How many independent frames they are worth.
  package var effectiveFrames: Double {
    Double(frames) / max(energy, slowest?.inefficiency ?? 1)
  }

  package var areFew: Bool { effectiveFrames < Self.fewest }

  /// Times and effective number in words.
  package var text: String {
    /// Whether g is a bound alone: the frames that are looked at are independent of each other.
    func isBound(_ inefficiency: Double) -> Bool {
      stride > 1 && inefficiency < leastDependentInefficiency * Double(stride)
    }
    func time(_ inefficiency: Double) -> String {
      (isBound(inefficiency) ? "at most " : "") + (inefficiency / 2).fixed(1)
    }
    let areAtLeast = isBound(max(energy, slowest?.inefficiency ?? 1))
    let torsion = slowest.map { ", of the slowest torsion (\($0.name)) \(time($0.inefficiency))" }
    return "\(frames) frames are worth \(areAtLeast ? "at least" : "about") "
      + "\(effectiveFrames.fixed(0)) independent ones: the "
      + "integrated autocorrelation time of the energy is \(time(energy)) frames\(torsion ?? "")"
  }
}
