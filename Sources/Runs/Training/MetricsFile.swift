import Foundation
import Reporting
import TensorFiles

/// `metrics.csv`: one row for each validation, appended as the training goes on.
struct MetricsFile {
  let path: String

  /// A new file, or an existing one without its rows after `step`, which a resumed training writes
  /// again.
  ///
  /// - Parameter columns: The names of the first three columns: step, training and validation loss.
  init(path: String, columns: String, resumingAt step: Int) throws(FileError) {
    self.path = path
    let old = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    let rows = old.split(whereSeparator: \.isNewline).dropFirst().filter { row in
      row.split(separator: ",").first.flatMap { Int($0) }.map { $0 <= step } ?? false
    }
    let lines = ["\(columns),learning_rate,samples_per_second"] + rows.map(String.init)
    try writeText(lines.map { $0 + "\n" }.joined(), path: path)
  }

  /// Appends one row; a validation loss that there is not leaves its field empty.
  func append(
    step: Int, train: Double, validation: Double?, learningRate: Double, rate: Double
  ) throws(FileError) {
    let fields = [
      "\(step)", train.fixed(6), validation?.fixed(6) ?? "", "\(learningRate)", rate.fixed(1),
    ]
    var file = try GrowingFile(path: path)
    try file.append(fields.joined(separator: ",") + "\n")
  }
}
