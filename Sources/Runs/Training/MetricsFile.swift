import Foundation
import Reporting
import TensorFiles

/// `metrics.csv`: one row for each validation, appended as the training goes on.
///
/// Its last column is the time in seconds that all steps and validations up to the row took, those
/// before the training was stopped included; of what follows the last row before a stop it knows
/// nothing. Rows of a file that was begun without the column have none, nor those that follow.
struct MetricsFile {
  let path: String
  /// Whether rows hold the ESS of the proposals that the training draws for itself.
  private let showsESS: Bool
  /// When the rows that are appended began, and the seconds before them; nil where that is not
  /// known.
  private let start = ContinuousClock.now
  private let secondsBefore: Double?

  /// A new file, or an existing one without its rows after `step`, which a resumed training writes
  /// again.
  ///
  /// - Parameter columns: The names of the first three columns: step, training and validation loss.
  init(
    path: String, columns: String, showsESS: Bool, resumingAt step: Int
  ) throws(FileError) {
    self.path = path
    self.showsESS = showsESS
    let old = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    let lines = old.split(whereSeparator: \.isNewline)
    let isTimed = lines.first?.hasSuffix(",seconds") ?? true
    let rows = lines.dropFirst().filter { row in
      row.split(separator: ",").first.flatMap { Int($0) }.map { $0 <= step } ?? false
    }.map { isTimed ? String($0) : "\($0)," }
    let last = rows.last?.split(separator: ",", omittingEmptySubsequences: false).last
    secondsBefore = last.map { Double($0) } ?? (isTimed || rows.isEmpty ? 0 : nil)
    let header = "\(columns),learning_rate\(showsESS ? ",ess" : ""),samples_per_second,seconds"
    try writeText(([header] + rows).map { $0 + "\n" }.joined(), path: path)
  }

  /// Appends one row; a validation loss that there is not leaves its field empty.
  ///
  /// - Parameter effectiveSampleSize: Of the proposals that the training last drew for itself, as a
  ///   share of their number; nil before there are any.
  func append(
    step: Int, train: Double, validation: Double?, learningRate: Double, rate: Double,
    effectiveSampleSize: Double?
  ) throws(FileError) {
    let size = showsESS ? [effectiveSampleSize?.fixed(6) ?? ""] : []
    let seconds = secondsBefore.map { $0 + (ContinuousClock.now - start) / .seconds(1) }
    let fields =
      ["\(step)", train.fixed(6), validation?.fixed(6) ?? "", "\(learningRate)"] + size
      + [rate.fixed(1), seconds?.fixed(1) ?? ""]
    var file = try GrowingFile(path: path)
    try file.append(fields.joined(separator: ",") + "\n")
  }
}
