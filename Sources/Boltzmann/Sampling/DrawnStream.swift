import Foundation
import Runs
import TensorFiles

/// How far the random stream of a run is used up: `drawn.json` in its folder.
package struct DrawnStream: Codable, Equatable, Sendable {
  package let seed: UInt64
  /// The first index that nothing has been drawn from.
  package let next: Int

  /// What can be counted on from before a stream repeats itself (`RandomGenerator`).
  static let indices = 0...1 << 55

  /// Takes the next indices of a run's stream, and writes down that they are taken.
  ///
  /// Afterwards no later call gives any of them again (`DrawTests`). The caller holds the lock of
  /// the run.
  ///
  /// - Parameters:
  ///   - path: The record of the stream.
  ///   - samples: The run's own samples, which count as taken, and their weights, whose rows count
  ///     when the samples have no record.
  ///   - trained: How many the training of the run draws.
  /// - Returns: The first of the indices.
  /// - Throws: `RunError.badData` when the record cannot be read, `FileError.unwritable`.
  package static func take(
    _ count: Int, seed: UInt64, path: String, samples: String, weights: String, trained: Int
  ) throws -> Int {
    var first = trained
    let record = Draw.path(beside: samples)
    guard !isDamagedRecord(path: record) else {
      throw RunError.badData(
        path: record, problem: "does not say which samples were drawn; pass another seed")
    }
    if let draw = Draw.read(beside: samples) {
      if draw.seed == seed { first = max(first, draw.first + draw.count) }
    } else if let table = try? readText(path: weights) {
      first = max(first, table.utf8.count { $0 == 0x0A } - 1)
    }
    if FileManager.default.fileExists(atPath: path) {
      guard let drawn = readRecord(DrawnStream.self, path: path), indices.contains(drawn.next)
      else {
        throw RunError.badData(
          path: path, problem: "does not say which samples were drawn; pass another seed")
      }
      first = max(first, drawn.next)
    }
    try writeText(sealedJSONText(DrawnStream(seed: seed, next: first + count)), path: path)
    return first
  }
}
