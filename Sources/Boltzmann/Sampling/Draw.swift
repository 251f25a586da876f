import Foundation
import Kernels
import Reporting
import Runs
import TensorFiles

/// Which numbers of a random stream proposals were made from: `samples.json`, beside `samples.nc`.
package struct Draw: Codable, Equatable, Sendable {
  /// The program with its version.
  package let program: String
  package let seed: UInt64
  /// The index of the first conformation in the seed's stream.
  package let first: Int
  package let count: Int
  package let priorScale: Double
  package let precision: Precision
  /// The checksum of the weights of the model that drew; nil in records of programs that wrote none.
  let model: String?
  /// Which piece of a larger draw it is; nil for a whole one.
  private(set) var shard: ShardRecord?
  /// The checksum of the file of the conformations; nil in records of programs that wrote none, and
  /// where it has been compared.
  private(set) var samples: String?

  private enum CodingKeys: String, CodingKey {
    case program, seed, first, count, precision, shard
    case model = "model_crc32"
    case priorScale = "prior_scale"
    case samples = "samples_crc32"
  }

  /// - Parameter model: The checksum of the model's weights.
  package init(
    _ options: SamplingOptions, seed: UInt64, from first: Int = 0, program: String,
    model: String? = nil, shard: ShardRecord? = nil
  ) {
    (self.seed, self.first, self.program) = (seed, first, program)
    (self.model, self.shard) = (model, shard)
    (count, priorScale, precision) = (options.count, options.priorScale, options.precision)
  }

  /// Where the draw of a file of samples is written down.
  package static func path(beside samples: String) -> String {
    (samples.hasSuffix(".nc") ? String(samples.dropLast(3)) : samples) + ".json"
  }

  /// The draw of a file of so many samples; nil where there is no record that fits it.
  package init?(beside samples: String, count: Int) {
    guard let draw = Self.read(beside: samples), draw.count == count,
      draw.samples == nil || draw.samples == (try? checksum(path: samples))
    else { return nil }
    self = draw
    self.samples = nil
  }

  /// The record beside a file of samples; nil where there is none, or one of indices that no stream
  /// has.
  static func read(beside samples: String) -> Draw? {
    readRecord(Draw.self, path: path(beside: samples)).flatMap { draw in
      [draw.first, draw.count].allSatisfy(DrawnStream.indices.contains) ? draw : nil
    }
  }

  /// Checks that a file of samples is the one that the record beside it is of, if there is one.
  /// - Throws: `RunError.badData` with both checksums (`SampleMutationTests`), or for a record that
  ///   is damaged.
  static func check(_ samples: String) throws(RunError) {
    let record = path(beside: samples)
    guard !isDamagedRecord(path: record) else {
      throw .badData(
        path: record, problem: "is damaged; use a copy, draw again, or remove that file")
    }
    guard let expected = read(beside: samples)?.samples,
      let found = try? checksum(path: samples), found != expected
    else { return }
    throw .badData(
      path: samples,
      problem:
        "is not what \(URL(fileURLWithPath: record).lastPathComponent) was written with: its "
        + "bytes have the checksum \(found), expected \(expected); use a copy, or remove that file"
    )
  }

  /// Whether a model may be the one that drew: not where the record says that it was another.
  func mayBe(of model: TrainedModel) -> Bool {
    self.model.map { $0 == model.weightsChecksum } ?? true
  }

  /// The draw with the checksums of the files of its conformations and, of a shard, its weights.
  func of(_ samples: String, weights: String? = nil) -> Draw {
    var draw = self
    draw.samples = samples
    if let weights { draw.shard?.table = weights }
    return draw
  }

  /// Whether the files beside the record are those that it was written with.
  func isOf(samples: String, weights: String) throws(FileError) -> Bool {
    let found = (try checksum(path: samples), try checksum(path: weights))
    return self.samples == found.0 && shard?.table == found.1
  }
}

/// How far the random stream of a run is used up: `drawn.json` in its folder.
package struct DrawnStream: Codable, Equatable, Sendable {
  package let seed: UInt64
  /// The first index that nothing has been drawn from.
  package let next: Int

  /// What can be counted on from without an overflow.
  static let indices = 0...1 << 60

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

/// What `reweight` was asked for: `weights.json`, beside `weights.csv`.
package struct Weighting: Codable, Equatable, Sendable {
  package let program: String
  /// The share of the largest weights that the benchmark's figures leave out.
  package let clip: Double
  /// Which energy the proposals were weighed for, as a model's file says it, and the checksum of the
  /// table; nil in records of programs that wrote neither.
  let energy: [String: String]?
  let table: String?

  private enum CodingKeys: String, CodingKey {
    case program, clip, energy
    case table = "weights_crc32"
  }

  package init(
    program: String, clip: Double, energy: [String: String]? = nil, table: String? = nil
  ) {
    (self.program, self.clip) = (program, clip)
    (self.energy, self.table) = (energy, table)
  }

  /// Where the weighting of a table is written down.
  static func path(beside table: String) -> String {
    (table.hasSuffix(".csv") ? String(table.dropLast(4)) : table) + ".json"
  }

  /// Which energy a table was weighed for, if the record beside it is of this very table.
  static func energy(ofTable path: String) -> [String: String]? {
    guard let found = readRecord(Weighting.self, path: Self.path(beside: path)),
      let table = found.table, table == (try? checksum(path: path))
    else { return nil }
    return found.energy
  }

  /// What is remembered; nil where there is nothing.
  /// - Throws: `RunError.badData`.
  package static func read(path: String) throws -> Weighting? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    guard let found = readRecord(Weighting.self, path: path), (0..<1).contains(found.clip) else {
      throw RunError.badData(
        path: path, problem: "holds no clip from 0 to 1; `tarflow-mol reweight` writes it")
    }
    return found
  }
}
