import Runs

/// One of the shards of a draw: conformations that follow each other, which a process of its own
/// draws, as in a job array.
package struct Shard: Equatable, Sendable {
  /// From 1.
  package let number: Int
  /// How many there are.
  package let count: Int

  /// - Returns: Nil for a number that is not from 1 to the count, or a count above a million.
  init?(number: Int, of count: Int) {
    guard number >= 1, number <= count, count <= 1_000_000 else { return nil }
    (self.number, self.count) = (number, count)
  }

  /// A shard as people write it, such as 3/8; nil for anything else.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let number = parts[0], let count = parts[1] else { return nil }
    self.init(number: number, of: count)
  }

  /// Which of all conformations are the shard's: shards follow each other, and their lengths differ by
  /// one at most.
  package func range(of total: Int) -> Range<Int> {
    // The quotient and the remainder apart, so that no product is too large.
    func start(after shards: Int) -> Int {
      total / count * shards + total % count * shards / count
    }
    return start(after: number - 1)..<start(after: number)
  }
}

/// What a shard's `samples.json` says besides the draw, so that shards of one draw are known by it.
package struct ShardRecord: Codable, Equatable, Sendable {
  /// From 1, of how many.
  let number, of: Int
  /// The checksum of the model's weights.
  let model: String
  /// Which energy the proposals were weighed for.
  let energy: [String: String]
  /// The checksum of the table of weights.
  var table: String

  /// Whether there is such a shard, as a damaged record may not say.
  var isPossible: Bool { Shard(number: number, of: of) != nil }

  private enum CodingKeys: String, CodingKey {
    case number, of, energy
    case model = "model_crc32"
    case table = "weights_crc32"
  }
}
