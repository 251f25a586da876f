import Foundation
import Kernels
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
  /// Which shard of a larger draw it is; nil for a whole one.
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
