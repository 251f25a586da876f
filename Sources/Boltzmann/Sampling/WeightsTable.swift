import Evaluation
import Foundation
import Logging
import Reporting
import Runs

/// `weights.csv`: log-density, energy and weight of every proposal, in the order of the frames of
/// `samples.nc`.
enum WeightsTable {
  static let columns = ["frame", "log_q", "reduced_energy", "log_weight"]

  /// The file's text.
  ///
  /// `log_weight = −reduced_energy − log_q`; outside the support log_q is "inf" and the weight
  /// zero. The benchmark's clip leaves no trace: averages are over all finite weights.
  /// Annealed proposals have a further column, `ancestor`.
  static func text(of weighted: WeightedProposals) -> String {
    header(hasAncestors: weighted.proposals.ancestors != nil)
      + rows(of: weighted.proposals, energies: weighted.energies)
  }

  /// The first line.
  static func header(hasAncestors: Bool) -> String {
    csvText(columns: columns + (hasAncestors ? ["ancestor"] : []), rows: [])
  }

  /// The lines of proposals with their reduced energies, from a frame on.
  static func rows(of proposals: Proposals, energies: [Double], from first: Int = 0) -> String {
    let logDensities = proposals.supportedLogDensities
    return (0..<proposals.count).map { row in
      let (logDensity, energy) = (logDensities[row], energies[row])
      let weight = logWeight(energy: energy, logDensity: logDensity)
      let ancestor = proposals.ancestors.map { ",\($0[row])" } ?? ""
      return "\(first + row),\(logDensity),\(energy),\(weight)\(ancestor)\n"
    }.joined()
  }

  /// What a table holds, row by row.
  struct Rows: Equatable {
    /// nil where the field is empty or no finite number, which means weight zero.
    var logDensities: [Double?] = []
    /// The reduced energies that were weighed with, kT; nil where the table has no such column, or
    /// the field is empty.
    var energies: [Double?]?
    var ancestors: [Int]?
  }

  /// Reads a table.
  ///
  /// One number of three that fit together must not change unseen (`SampleMutationTests`).
  /// - Throws: `RunError`, naming the line.
  static func read(path: String) throws(RunError) -> Rows {
    let text = try readInput(
      path: path, what: "weights table", advice: "`tarflow-mol sample` writes it")
    var lines = Lines(text.utf8)
    let header = lines.next().map(texts) ?? []
    var line = lines.next()
    let columns = try Columns(header: header, first: line.map(fields), path: path)
    var rows = Rows()
    if columns.energy != nil { rows.energies = [] }
    if columns.ancestor != nil { rows.ancestors = [] }
    while let bytes = line {
      let row = Row(index: rows.logDensities.count, fields: fields(bytes), path: path)
      try rows.append(row, columns)
      line = lines.next()
    }
    return rows
  }
}

/// Which columns of a table are which, by the names in its header.
private struct Columns {
  let width, logDensity: Int
  let frame, energy, ancestor, weight: Int?

  /// - Parameter first: The fields of the first row; nil for a table without rows.
  /// - Throws: `RunError.badData` for a header without `log_q`.
  init(header: [String], first: [Substring]?, path: String) throws(RunError) {
    // Writers of an index column give it an empty name, or none at all.
    let names = (first?.count == header.count + 1 ? [""] : []) + header
    guard let logDensity = names.firstIndex(of: "log_q") else {
      let expected = WeightsTable.columns.joined(separator: ",")
      throw .badData(path: path, problem: "line 1: has no column log_q; expected \(expected)")
    }
    (width, self.logDensity) = (names.count, logDensity)
    (frame, energy) = (names.firstIndex(of: "frame"), names.firstIndex(of: "reduced_energy"))
    (ancestor, weight) = (names.firstIndex(of: "ancestor"), names.firstIndex(of: "log_weight"))
  }
}

/// A row of a table, and where it is.
private struct Row {
  let index: Int
  let fields: [Substring]
  let path: String

  func error(_ problem: String) -> RunError {
    .badData(path: path, problem: "line \(index + 2): \(problem)")
  }

  /// The number in a field; nil for an empty one.
  /// - Throws: `RunError.badData`.
  func number(_ column: Int, _ name: String) throws(RunError) -> Double? {
    let field = fields[column]
    if field.isEmpty { return nil }
    guard let value = Double(field) else {
      throw error("\(name) is '\(field.prefix(40))', no number")
    }
    return value
  }
}

extension WeightsTable.Rows {
  /// - Throws: `RunError.badData` for a row of another width or at another place than its frame, and
  ///   for a field that is no number or does not fit the others.
  fileprivate mutating func append(_ row: Row, _ columns: Columns) throws(RunError) {
    let fields = row.fields
    guard fields.count == columns.width else {
      throw row.error("expected \(columns.width) fields, found \(fields.count)")
    }
    if let frame = columns.frame, Int(fields[frame]) != row.index {
      throw row.error(
        "frame is '\(fields[frame].prefix(40))', expected \(row.index): rows go in the order of the "
          + "frames")
    }
    if let column = columns.ancestor {
      guard let ancestor = Int(fields[column]) else {
        throw row.error("ancestor is '\(fields[column].prefix(40))', no whole number")
      }
      ancestors?.append(ancestor)
    }
    logDensities.append(
      try row.number(columns.logDensity, "log_q").flatMap { $0.isFinite ? $0 : nil })
    guard let column = columns.energy else { return }
    energies?.append(try row.number(column, "reduced_energy"))
    if let weight = columns.weight,
      let problem = damage(
        energy: fields[column], logDensity: fields[columns.logDensity], weight: fields[weight])
    {
      throw row.error(problem)
    }
  }
}

/// What is wrong with a row whose weight does not follow from its energy and density; nil where it
/// follows to within the digits that are written, or not all three are finite.
private func damage(energy: Substring, logDensity: Substring, weight: Substring) -> String? {
  guard let u = Double(energy), let q = Double(logDensity), let w = Double(weight),
    u.isFinite, q.isFinite, w.isFinite
  else { return nil }
  let places = [energy, logDensity, weight].map(lastPlace).sorted()
  // Two of three numbers whose sum is zero are of one size, so that one alone that was written with
  // few digits has zeros behind them.
  let written = places[0] + places[1] + min(10 * places[1], places[2])
  let rounding = 8 * (abs(u) + abs(q) + abs(w)) * Double.ulpOfOne
  guard abs(w + u + q) > written + rounding else { return nil }
  return
    "log_weight is \(weight.prefix(40)), but -reduced_energy - log_q is \(-u - q); the table is "
    + "damaged: use a copy, draw again, or leave that column out"
}

/// The value of a number's last digit as it is written.
private func lastPlace(_ text: Substring) -> Double {
  let parts = text.lowercased().split(separator: "e", omittingEmptySubsequences: false)
  let decimals = parts[0].split(separator: ".", omittingEmptySubsequences: false).dropFirst().first
  let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
  return pow(10, Double(exponent - (decimals?.count ?? 0)))
}

/// The lines of a text that are not empty, by their bytes.
private struct Lines {
  private let bytes: String.UTF8View
  private var place: String.UTF8View.Index

  init(_ bytes: String.UTF8View) { (self.bytes, place) = (bytes, bytes.startIndex) }

  mutating func next() -> Substring.UTF8View? {
    while place < bytes.endIndex {
      let end = bytes[place...].firstIndex { $0 == 10 || $0 == 13 } ?? bytes.endIndex
      let line = bytes[place..<end]
      place = end < bytes.endIndex ? bytes.index(after: end) : end
      if !line.isEmpty { return line }
    }
    return nil
  }
}

/// The fields of a line, without the blanks and quotes around them.
private func fields(_ line: Substring.UTF8View) -> [Substring] {
  // A line of commas alone must not take many times its size.
  line.split(separator: 44, maxSplits: 1_000, omittingEmptySubsequences: false).map { field in
    // A blank, a tab, a quote.
    func isKept(_ byte: UInt8) -> Bool { byte != 32 && byte != 9 && byte != 34 }
    guard let first = field.firstIndex(where: isKept), let last = field.lastIndex(where: isKept)
    else { return Substring(field[field.endIndex...]) }
    return Substring(field[first...last])
  }
}

/// The names of a header, which may begin with the mark of a byte order.
private func texts(_ line: Substring.UTF8View) -> [String] {
  fields(line).map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " \t\"\u{FEFF}")) }
}

/// - Throws: `RunError` where a table of weights has not a row for every frame.
func checkRows(_ rows: Int, of path: String, frames: Int) throws(RunError) {
  guard rows == frames else {
    throw .badData(
      path: path,
      problem: "has \(rows) rows for \(frames) frames; do the two files belong together?")
  }
}

extension Proposals {
  /// Proposals from a file of conformations and what a table says of them; broken frames come back
  /// as NaN.
  /// - Throws: `TrajectoryError`, or `RunError.badData` where they differ in number.
  init(
    samples: String, _ table: WeightsTable.Rows, of weights: String, system: MolecularSystem,
    log: Logger
  ) throws {
    let conformations = try readConformations(
      samples, of: system, keepingBroken: true, log: log)
    try checkRows(table.logDensities.count, of: weights, frames: conformations.frames)
    self.init(
      conformations: conformations, logDensities: table.logDensities.map { $0 ?? 0 },
      isSupported: table.logDensities.map { $0 != nil }, ancestors: table.ancestors)
  }
}
