import Foundation

/// `metrics.csv`: one row for each validation, appended as the training goes on.
struct MetricsFile {
  static let header = "step,train_nll,validation_nll,learning_rate,samples_per_second"
  let path: String

  /// A new file, or an existing one without its rows after `step`, which a resumed training writes again.
  init(path: String, resumingAt step: Int) throws {
    self.path = path
    let old = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    let rows = old.split(whereSeparator: \.isNewline).dropFirst().filter { row in
      row.split(separator: ",").first.flatMap { Int($0) }.map { $0 <= step } ?? false
    }
    try writeText(
      ([Self.header] + rows.map(String.init)).joined(separator: "\n") + "\n", path: path)
  }

  /// Appends one row; NLL in nats per sample.
  func append(step: Int, train: Double, validation: Double, learningRate: Double, rate: Double)
    throws
  {
    let row =
      "\(step),\(decimal(train, 6)),\(decimal(validation, 6)),\(learningRate),\(decimal(rate, 1))\n"
    guard let handle = FileHandle(forWritingAtPath: path) else {
      throw CommandError.unwritable(path: path, reason: "it cannot be opened for appending")
    }
    defer { try? handle.close() }
    do {
      try handle.seekToEnd()
      try handle.write(contentsOf: Data(row.utf8))
    } catch {
      throw CommandError.unwritable(path: path, reason: systemReason(error))
    }
  }
}

/// A number with a fixed count of decimals, a point in every locale.
func decimal(_ value: Double, _ places: Int) -> String { String(format: "%.\(places)f", value) }
