import Evaluation
import Foundation

/// `weights.csv`: log-density, energy and weight of every proposal, in the order of the frames of `samples.nc`.
struct WeightsTable: Equatable {
  static let header = "frame,log_q,reduced_energy,log_weight,kept"

  /// log-density over Cartesian coordinates modulo rigid motion, nats, [samples]; +∞ outside the support.
  var logDensities: [Double]
  /// Potential energy over kT, [samples].
  var energies: [Double]

  /// The file's text; `log_weight = −reduced_energy − log_q`, `kept` 1 where the benchmark's clip keeps the row.
  func text(clip: Double) throws -> String {
    let weights = try LogWeights(
      energies: energies, logDensities: logDensities, clippedFraction: clip)
    var lines = [Self.header]
    lines.reserveCapacity(energies.count + 1)
    for (frame, kept) in weights.kept.enumerated() {
      lines.append(
        "\(frame),\(logDensities[frame]),\(energies[frame]),\(weights.values[frame]),\(kept ? 1 : 0)"
      )
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Reads the log-densities of a table; an empty field or one that is no finite number means weight zero.
  /// - Throws: `CommandError`, naming the line.
  static func readLogDensities(path: String) throws -> [Double] {
    let text = try readText(
      path: path, what: "weights table", advice: "`tarflow-mol sample` writes it")
    let lines = text.split(omittingEmptySubsequences: true, whereSeparator: \.isNewline)
    let names =
      lines.first?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } ?? []
    guard let column = names.firstIndex(of: "log_q") else {
      throw CommandError.badData(
        path: path, problem: "line 1: has no column log_q; expected \(header)")
    }
    let frameColumn = names.firstIndex(of: "frame")
    return try lines.dropFirst().enumerated().map { index, line in
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      guard fields.count == names.count else {
        throw CommandError.badData(
          path: path,
          problem: "line \(index + 2): expected \(names.count) fields, found \(fields.count)")
      }
      if let frameColumn, Int(fields[frameColumn]) != index {
        throw CommandError.badData(
          path: path,
          problem:
            "line \(index + 2): frame is '\(fields[frameColumn])', expected \(index): rows go in the order of the frames"
        )
      }
      let field = fields[column].trimmingCharacters(in: .whitespaces)
      if field.isEmpty { return .infinity }
      guard let value = Double(field) else {
        throw CommandError.badData(
          path: path, problem: "line \(index + 2): log_q is '\(field)', no number")
      }
      return value.isFinite ? value : .infinity
    }
  }
}
