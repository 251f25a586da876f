import Foundation
import Logging
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
  /// A row that is not whole, as a process leaves it that was killed while it wrote, is dropped with
  /// a warning; all others stay.
  ///
  /// - Parameter columns: The names of the first three columns: step, training and validation loss.
  init(
    path: String, columns: String, showsESS: Bool, resumingAt step: Int, log: Logger
  ) throws(FileError) {
    self.path = path
    self.showsESS = showsESS
    let header = "\(columns),learning_rate\(showsESS ? ",ess" : ""),samples_per_second,seconds"
    let stored = StoredMetrics(try? readBytes(path: path), columns: header.count { $0 == "," } + 1)
    for line in stored.damaged {
      log.warning("\(path): line \(line) is not a whole row; it is dropped")
    }
    let rows = stored.rows.filter { $0.step <= step }.map(\.text)
    let last = rows.last?.split(separator: ",", omittingEmptySubsequences: false).last
    secondsBefore = last.map { Double($0) } ?? (stored.isTimed || rows.isEmpty ? 0 : nil)
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

/// The rows of a `metrics.csv` that can be read.
struct StoredMetrics {
  /// With as many fields as there are columns; those that there were not are empty.
  private(set) var rows: [(step: Int, text: String)] = []
  /// The numbers of the lines that are no whole rows, from 1.
  private(set) var damaged: [Int] = []
  /// Whether the file has the column of the times.
  private(set) var isTimed = true

  /// Reads the bytes of a file; nil where there is none.
  init(_ data: Data?, columns: Int) {
    guard let data else { return }
    // Bytes that are no text are looked for row by row: one of them must not cost all rows.
    var lines = data.split(separator: 0x0A, omittingEmptySubsequences: false)
      .map { String(decoding: $0.last == 0x0D ? $0.dropLast() : $0, as: UTF8.self) }
    // A whole line ends with a line feed.
    let rest = lines.removeLast()
    guard let header = lines.first else { return }
    isTimed = header.hasSuffix(",seconds") || lines.dropFirst().contains { width($0) == columns }
    for (index, line) in lines.enumerated().dropFirst() where !line.isEmpty {
      if let row = row(line, columns: isTimed ? columns : columns - 1) {
        rows.append(row)
      } else {
        damaged.append(index + 1)
      }
    }
    if !rest.isEmpty { damaged.append(lines.count + 1) }
  }

  private func width(_ line: String) -> Int { line.count { $0 == "," } + 1 }

  private func row(_ line: String, columns: Int) -> (step: Int, text: String)? {
    let fields = line.split(separator: ",", omittingEmptySubsequences: false)
    guard fields.count == columns, let step = Int(fields[0]),
      fields.dropFirst().allSatisfy({ $0.isEmpty || Double($0) != nil })
    else { return nil }
    return (step, isTimed ? line : line + ",")
  }
}
