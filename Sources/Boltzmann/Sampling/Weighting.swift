import Foundation
import Runs
import TensorFiles

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
