import Evaluation
import Foundation
import Molecules
import Reporting
import Runs
import TensorFiles
import Trajectories

/// Frames that are looked at for the slow coordinates; of more, every second, third, … of a chain.
private let mostFrames = 20_000

/// The plane of the two slowest combinations of the torsions, learned from the training frames,
/// with the samples in it.
///
/// There is none where these frames are gone, or where their order says nothing: neighbours that
/// are no more alike than others, as in a file that was shuffled.
func slowPlaneSection(of run: ReportedRun, context: RunContext) throws -> Page.Section? {
  func none(_ reason: String) -> Page.Section {
    Page.Section(
      "Slow coordinates",
      [.paragraph("There is no plane of slow coordinates (TICA): \(reason).")])
  }
  let path = run.record.training.path
  guard FileManager.default.fileExists(atPath: path) else {
    return none("the training frames are no longer there")
  }
  let frames = try readFrames(path, of: run.system, log: context.log)
  var members = try chains(of: frames, path: path)
  let stride = max(1, (frames.frames + mostFrames - 1) / mostFrames)
  members = members.map { rows in
    Swift.stride(from: 0, to: rows.count, by: stride).map { rows[$0] }
  }
  let seen = frames.selected(members.flatMap(\.self))
  let groups = members.reduce(into: [Range<Int>]()) { groups, rows in
    let start = groups.last?.upperBound ?? 0
    groups.append(start..<start + rows.count)
  }
  let angles = values(
    of: run.torsions.map(\.quantity), in: seen, execution: context.execution)
  let shortest = groups.map(\.count).min() ?? 0
  let lag = max(1, min(shortest / 20, 50 / stride))
  guard shortest >= 100,
    let slow = SlowCoordinates(
      of: slowFeatures(run.torsions, angles), chains: groups, lag: lag),
    slow.values.count == 2
  else { return none("the chains of the training frames are too short") }
  // The largest of several correlations of independent frames is about 3 of their standard errors.
  guard let largest = slow.correlations.first,
    largest > max(0.05, 5 / Double(seen.frames).squareRoot())
  else { return none("the training frames are in no order of time") }
  let samples = slow.values(of: slowFeatures(run.torsions, run.samples.angles))
  let weights = run.samples.sample.weights
  let correlations = slow.correlations.map { $0.fixed(2) }.joined(separator: " and ")
  return Page.Section(
    "Slow coordinates",
    [
      .figures([
        Figure(
          "slow-plane", title: "Plane of the two slowest coordinates (TICA)",
          caption:
            "Free energy in kT over the two slowest linear combinations of the cosines and sines of "
            + "φ, ψ and χ, from \(seen.frames.grouped) training frames; their correlations at a lag "
            + "of \(lag * stride) frames are \(correlations). What the proposal leaves empty the flow "
            + "has lost.",
          .maps(
            slowMaps([
              ("training", slow.values, [Double](repeating: 1, count: seen.frames)),
              ("proposal", samples, weights.map { $0 > 0 ? 1.0 : 0.0 }),
              ("reweighted", samples, weights),
            ])))
      ])
    ])
}

/// The rows of each chain, in order of time: by the file's chains, or by the frames that share a
/// time, of which each is of another chain.
private func chains(of frames: Trajectory, path: String) throws -> [[Int]] {
  if let chains = try frameChains(path: path) {
    return Dictionary(grouping: chains.indices) { chains[$0] }.sorted { $0.key < $1.key }
      .map(\.value)
  }
  let count = max(1, frames.times.prefix { $0 == frames.times[0] }.count)
  return (0..<count).map { Array(stride(from: $0, to: frames.frames, by: count)) }
}
