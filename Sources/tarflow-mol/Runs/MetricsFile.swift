import Foundation

/// `metrics.csv`: one row for each validation, appended as the training goes on.
struct MetricsFile {
  let path: String

  /// A new file, or an existing one without its rows after `step`, which a resumed training writes again.
  ///
  /// - Parameter columns: The names of the first three columns: step, training and validation loss.
  init(path: String, columns: String, resumingAt step: Int) throws {
    self.path = path
    let old = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    let rows = old.split(whereSeparator: \.isNewline).dropFirst().filter { row in
      row.split(separator: ",").first.flatMap { Int($0) }.map { $0 <= step } ?? false
    }
    try writeText(
      (["\(columns),learning_rate,samples_per_second"] + rows.map(String.init)).joined(
        separator: "\n") + "\n", path: path)
  }

  /// Appends one row; a validation loss that there is not leaves its field empty.
  func append(step: Int, train: Double, validation: Double?, learningRate: Double, rate: Double)
    throws
  {
    let validation = validation.map { decimal($0, 6) } ?? ""
    let row =
      "\(step),\(decimal(train, 6)),\(validation),\(learningRate),\(decimal(rate, 1))\n"
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
