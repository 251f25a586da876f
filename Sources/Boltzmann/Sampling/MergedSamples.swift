import Evaluation
import Foundation
import Kernels
import Reporting
import Runs
import TensorFiles
import Trajectories

/// Puts the shards of a draw together: afterwards the folder holds, byte for byte, what one process
/// would have drawn (`MergedSamplesTests`).
///
/// - Parameter folders: Those of all shards, in any order.
/// - Returns: The paths of the conformations and of the weights.
/// - Throws: `RunError` where one is missing, is there twice, is of another draw or does not hold
///   what was written; what reading and writing throw.
package func mergeSamples(
  _ folders: [String], to folder: String, context: RunContext
) throws -> [String] {
  let shards = try folders.map { try DrawnShard(folder: $0) }
  let all = try inOrder(shards)
  let (start, file) = (all[0], try NetCDFFile(path: all[0].samples))
  guard let atoms = file.dimension("atom")?.length else {
    throw RunError.badData(path: start.samples, problem: "has no dimension 'atom'")
  }
  let folder = DrawFolder(path: folder)
  var files = try SampleFiles(
    samples: folder.samples, weights: folder.weights, atoms: atoms, first: start.draw.first,
    programVersion: file.text("programVersion") ?? "", title: file.text("title") ?? "",
    header: WeightsTable.header(hasAncestors: false))
  let total = all.reduce(0) { $0 + $1.draw.count }
  let progress = context.counting("merging", of: total)
  var (energies, logDensities): ([Double], [Double]) = ([], [])
  for shard in all {
    let table = try WeightsTable.read(path: shard.weights)
    try checkRows(table.logDensities.count, of: shard.weights, frames: shard.draw.count)
    energies += (table.energies ?? []).map { $0 ?? .nan }
    logDensities += table.logDensities.map { $0 ?? .infinity }
    try append(shard, atoms: atoms, to: &files, progress: progress)
  }
  var options = SamplingOptions()
  (options.count, options.priorScale) = (total, start.draw.priorScale)
  options.precision = start.draw.precision
  let drawn = Draw(
    options, seed: start.draw.seed, from: start.draw.first, program: start.draw.program,
    model: start.record.model)
  let logWeights = try LogWeights(energies: energies, logDensities: logDensities)
  try files.commit { samples, _ in try sealedJSONText(drawn.of(samples)) }
  context.log.info("\(WeightsSummary(logWeights).text.dropLast())")
  return [folder.samples, folder.weights]
}

/// A shard in its folder.
private struct DrawnShard {
  let samples, weights, json: String
  let draw: Draw
  let record: ShardRecord

  /// - Throws: `RunError.missing` where there are no samples, `RunError.badData` where they are no
  ///   shard or not those that were written.
  init(folder: String) throws {
    completeFileSets(in: folder)
    let files = DrawFolder(path: folder)
    (samples, weights, json) = (files.samples, files.weights, files.record)
    guard FileManager.default.fileExists(atPath: json) else {
      throw RunError.missing(
        what: "shard", path: json,
        advice: "draw it: tarflow-mol sample … --shard i/n --output \(folder)")
    }
    guard let draw = Draw.read(beside: samples), draw.shard?.isPossible ?? true else {
      throw RunError.badData(path: json, problem: "cannot be read; draw the shard again")
    }
    guard let record = draw.shard else {
      throw RunError.badData(
        path: json, problem: "is of a whole draw; shards are what `sample --shard` draws")
    }
    guard try draw.isOf(samples: samples, weights: weights) else {
      throw RunError.badData(
        path: json,
        problem: "was not written with the samples.nc and weights.csv beside it; draw the shard "
          + "again")
    }
    (self.draw, self.record) = (draw, record)
  }

  /// What all shards of a draw have in common, by name.
  var draws: [(name: String, value: String)] {
    [
      ("program", draw.program), ("seed", "\(draw.seed)"), ("prior scale", "\(draw.priorScale)"),
      ("precision", draw.precision.rawValue), ("number of shards", "\(record.of)"),
      ("model", record.model),
    ] + record.energy.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}

/// The shards of a draw in order, each there once.
/// - Throws: `RunError.badData`, or `RunError.missing` naming those that are not there.
private func inOrder(_ shards: [DrawnShard]) throws(RunError) -> [DrawnShard] {
  let first = shards[0]
  for shard in shards.dropFirst() {
    for (own, other) in zip(shard.draws, first.draws) where own != other {
      throw .badData(
        path: shard.json,
        problem: "has the \(own.name) \(own.value), but \(first.json) has \(other.value); merge "
          + "shards of one draw")
    }
  }
  let sorted = shards.sorted { $0.record.number < $1.record.number }
  for (shard, next) in zip(sorted, sorted.dropFirst())
  where shard.record.number == next.record.number {
    throw .badData(
      path: next.json,
      problem: "is shard \(next.record.number), as is \(shard.json); name each once")
  }
  let missing = Set(1...first.record.of).subtracting(sorted.map(\.record.number)).sorted()
  guard missing.isEmpty else {
    let names = missing.prefix(10).map { "\($0)" }.joined(separator: ", ")
    throw .missing(
      what: missing.count == 1 ? "shard" : "shards",
      path: "\(names)\(missing.count > 10 ? ", …" : "") of \(first.record.of)",
      advice: "draw what is missing, or name its folder, too")
  }
  for (shard, next) in zip(sorted, sorted.dropFirst())
  where shard.draw.first + shard.draw.count != next.draw.first {
    throw .badData(
      path: next.json,
      problem: "begins at sample \(next.draw.first), but the shard before it ends at "
        + "\(shard.draw.first + shard.draw.count); merge shards of one draw, with one -n")
  }
  return sorted
}

/// Adds the conformations of a shard and the lines of its table.
private func append(
  _ shard: DrawnShard, atoms: Int, to files: inout SampleFiles, progress: @Sendable (Int) -> Void
) throws {
  let file = try NetCDFFile(path: shard.samples)
  guard file.variable("coordinates")?.shape == [shard.draw.count, atoms, 3] else {
    throw RunError.badData(
      path: shard.samples,
      problem: "has not \(shard.draw.count) conformations of \(atoms) atoms; draw the shard again")
  }
  var lines = try readText(path: shard.weights).utf8.split(separator: UInt8(ascii: "\n"))
    .dropFirst()
  for row in stride(from: 0, to: shard.draw.count, by: TrainedModel.blockSize) {
    let rows = row..<min(row + TrainedModel.blockSize, shard.draw.count)
    let first = files.frames
    let renumbered = lines.prefix(rows.count).enumerated().map { offset, line in
      // The number of the frame is the first field.
      "\(first + offset)\(Substring(line.drop { $0 != UInt8(ascii: ",") }))\n"
    }
    lines = lines.dropFirst(rows.count)
    try files.append(
      try storedCoordinates(of: file, frames: rows), lines: renumbered.joined())
    progress(rows.count)
  }
}
