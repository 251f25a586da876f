import Evaluation
import Foundation
import Molecules
import Reporting
import Runs
import Trajectories

/// Frames that are looked at for the slow coordinates.
private let mostFrames = 20_000

/// The plane of the two slowest combinations of the torsions, learned from the training frames,
/// with the samples in it.
///
/// It says so where these frames are gone, or where their order says nothing: neighbours that are
/// no more alike than others, as in a file that was shuffled.
/// - Throws: `TrajectoryError`.
func slowPlaneSection(of run: ReportedRun, context: RunContext) throws -> Page.Section {
  let path = run.record.training.path
  guard FileManager.default.fileExists(atPath: path) else {
    return slowPlaneSection(none: "the training frames are no longer there")
  }
  let (chains, times) = try places(path: path)
  let (members, stride) = framesByChain(chains, times: times, atMost: mostFrames)
  let frames = members.flatMap(\.self)
  let angles = values(
    of: run.torsions.map(\.quantity),
    in: try selected(frames, path: path, atoms: run.system.topology.atoms),
    execution: context.execution)
  let groups = members.reduce(into: [Range<Int>]()) { groups, rows in
    let start = groups.last?.upperBound ?? 0
    groups.append(start..<start + rows.count)
  }
  let shortest = groups.map(\.count).min() ?? 0
  let lag = max(1, min(shortest / 20, 50 / stride))
  guard shortest >= 100,
    let slow = SlowCoordinates(
      of: slowFeatures(run.torsions, angles), chains: groups, lag: lag),
    slow.values.count == 2
  else { return slowPlaneSection(none: "the chains of the training frames are too short") }
  // The largest of several correlations of independent frames is about 3 of their standard errors.
  guard let largest = slow.correlations.first,
    largest > max(0.05, 5 / Double(frames.count).squareRoot())
  else { return slowPlaneSection(none: "the training frames are in no order of time") }
  let samples = slow.values(of: slowFeatures(run.torsions, run.samples.angles))
  let sample = run.samples.sample
  let correlations = slow.correlations.map { $0.fixed(2) }.joined(separator: " and ")
  return slowPlaneSection(
    "from \(frames.count.grouped) training frames; their correlations at a lag of "
      + "\(lag * stride) frames are \(correlations). What the proposal leaves empty the flow has "
      + "lost.",
    [
      ("training", slow.values, [Double](repeating: 1, count: frames.count)),
      ("proposal", samples, sample.evenWeights),
      ("reweighted", samples, sample.weights),
    ])
}

/// Which chain each frame is of and when, [frames]: as the file says, or else by the frames that share
/// a time, of which each is of another chain, in the order of the file.
private func places(path: String) throws -> (chains: [Int], times: [Double]) {
  if let chains = try frameChains(path: path), let times = try frameTimes(path: path) {
    return (chains, times)
  }
  let frames = try trajectoryFrames(path: path)
  let times = try readTrajectory(path: path, frames: 0..<min(frames, 10_000)).trajectory.times
  let count = max(1, times.prefix { $0 == times[0] }.count)
  return ((0..<frames).map { $0 % count }, (0..<frames).map(Double.init))
}

/// Some frames of a trajectory, in the order in which they are named; of the others one block at a
/// time is in the memory.
private func selected(_ frames: [Int], path: String, atoms: Int) throws -> Trajectory {
  let (rows, width) = (
    Dictionary(uniqueKeysWithValues: zip(frames, frames.indices)), 3 * atoms
  )
  var coordinates = [Double](repeating: 0, count: frames.count * width)
  var first = 0
  _ = try readTrajectory(path: path, blocksOf: Measurements.block, expectedAtoms: atoms) { block in
    for frame in 0..<block.frames {
      guard let row = rows[first + frame] else { continue }
      coordinates.replaceSubrange(
        row * width..<(row + 1) * width,
        with: block.coordinates[frame * width..<(frame + 1) * width])
    }
    first += block.frames
  }
  return Trajectory(atoms: atoms, coordinates: coordinates)
}
