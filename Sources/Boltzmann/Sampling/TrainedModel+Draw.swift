import Evaluation
import Foundation
import Kernels
import Reporting
import Runs
import TensorFiles

extension TrainedModel {
  /// Draws conformations and writes them with their weights and how they were drawn into a folder,
  /// a block at a time, so that the memory does not grow with their number.
  ///
  /// - Parameters:
  ///   - first: The index of the first in the seed's stream.
  ///   - shard: Which of them are drawn; nil for all. What all shards hold is what one draw of all
  ///     holds (`MergedSamplesTests`).
  ///   - size: How many a block has, which is in the memory at a time; the last may have fewer.
  /// - Returns: The paths of the conformations and of the weights.
  /// - Throws: What drawing, weighing and writing throw.
  package func draw(
    _ options: SamplingOptions, seed: UInt64, first: Int, shard: Shard? = nil,
    of system: MolecularSystem, clip: Double, to folder: String, blocksOf size: Int = blockSize,
    context: RunContext
  ) throws -> [String] {
    let folder = DrawFolder(path: folder)
    let range = shard?.range(of: options.count) ?? 0..<options.count
    let first = first + range.lowerBound
    var (options, blockOptions) = (options, options)
    options.count = range.count
    var files = try SampleFiles(
      samples: folder.samples, weights: folder.weights, of: system, first: first, context: context)
    let progress = context.counting("sampling", of: range.count)
    var (energies, logDensities): ([Double], [Double]) = ([], [])
    while energies.count < range.count {
      blockOptions.count = min(size, range.count - energies.count)
      let proposals = try drawProposals(
        blockOptions, seed: seed, from: first + energies.count, context: context,
        onProgress: progress)
      let found = system.reducedEnergies(
        proposals.conformations.coordinates, execution: context.execution)
      try files.append(proposals, energies: found)
      energies += found
      logDensities += proposals.supportedLogDensities
    }
    let logWeights = try LogWeights(
      energies: energies, logDensities: logDensities, clippedFraction: clip)
    let model = weightsChecksum
    let record = try shard.map {
      ShardRecord(
        number: $0.number, of: $0.count, model: model,
        energy: try ModelTarget(of: system).notes, table: "")
    }
    let drawn = Draw(
      options, seed: seed, from: first, program: context.program, model: model, shard: record)
    try files.commit { try sealedJSONText(drawn.of($0, weights: $1)) }
    context.log.info("\(WeightsSummary(logWeights).text.dropLast())")
    return [folder.samples, folder.weights]
  }

  /// The checksum of the weights of all its flows, by which `samples.json` knows the model.
  var weightsChecksum: String {
    var checksum = Checksum()
    for member in members { checksum.add(member.weights) }
    return "\(checksum)"
  }

  /// Checks that there is memory for a draw that is written a block at a time: 100 bytes for each
  /// conformation, and the block itself.
  /// - Throws: `RunError.configuration`.
  package static func checkMemory(drawn count: Int, atoms: Int) throws(RunError) {
    try checkMemory(conformations: min(count, blockSize), atoms: atoms)
    try requireMemory(
      100 * Double(count), for: "\(count) samples", advice: "draw them in several calls")
  }
}
