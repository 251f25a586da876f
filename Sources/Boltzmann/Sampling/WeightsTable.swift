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
    let (proposals, weights) = (weighted.proposals, weighted.weights)
    let ancestors = proposals.ancestors
    return csvText(
      columns: columns + (ancestors == nil ? [] : ["ancestor"]),
      rows: (0..<proposals.count).map { frame in
        let logDensity =
          proposals.isSupported[frame] ? proposals.logDensities[frame] : Double.infinity
        return [
          "\(frame)", "\(logDensity)", "\(weighted.energies[frame])", "\(weights.values[frame])",
        ] + (ancestors.map { ["\($0[frame])"] } ?? [])
      })
  }

  /// The log-densities of a table, [rows], nil where the field is empty or no finite number, which
  /// means weight zero; and the ancestors, if there is such a column.
  /// - Throws: `RunError`, naming the line.
  static func read(
    path: String
  ) throws(RunError) -> (logDensities: [Double?], ancestors: [Int]?) {
    let text = try readInput(
      path: path, what: "weights table", advice: "`tarflow-mol sample` writes it")
    let lines = text.split(omittingEmptySubsequences: true, whereSeparator: \.isNewline)
    var names = lines.first.map(fields) ?? []
    // Writers of an index column give it an empty name, or none at all.
    if lines.count > 1, fields(lines[1]).count == names.count + 1 { names.insert("", at: 0) }
    guard let column = names.firstIndex(of: "log_q") else {
      throw RunError.badData(
        path: path,
        problem: "line 1: has no column log_q; expected \(columns.joined(separator: ","))")
    }
    let frameColumn = names.firstIndex(of: "frame")
    let ancestorColumn = names.firstIndex(of: "ancestor")
    var ancestors: [Int] = []
    let logDensities = try lines.dropFirst().enumerated().map {
      (index, line) throws(RunError) -> Double? in
      let fields = fields(line)
      guard fields.count == names.count else {
        throw RunError.badData(
          path: path,
          problem: "line \(index + 2): expected \(names.count) fields, found \(fields.count)")
      }
      if let frameColumn, Int(fields[frameColumn]) != index {
        throw RunError.badData(
          path: path,
          problem: "line \(index + 2): frame is '\(fields[frameColumn])', expected \(index): "
            + "rows go in the order of the frames"
        )
      }
      if let ancestorColumn {
        guard let ancestor = Int(fields[ancestorColumn]) else {
          throw RunError.badData(
            path: path,
            problem: "line \(index + 2): ancestor is '\(fields[ancestorColumn])', no whole number")
        }
        ancestors.append(ancestor)
      }
      let field = fields[column]
      if field.isEmpty { return nil }
      guard let value = Double(field) else {
        throw RunError.badData(
          path: path, problem: "line \(index + 2): log_q is '\(field)', no number")
      }
      return value.isFinite ? value : nil
    }
    return (logDensities, ancestorColumn == nil ? nil : ancestors)
  }
}

/// The fields of a line, without the blanks and quotes around them.
private func fields(_ line: Substring) -> [String] {
  line.split(separator: ",", omittingEmptySubsequences: false).map {
    $0.trimmingCharacters(in: CharacterSet(charactersIn: " \t\"\u{FEFF}"))
  }
}

extension Proposals {
  /// Proposals from the files that `WeightedProposals.write` writes; broken frames come back as
  /// NaN.
  /// - Throws: `TrajectoryError` or `RunError`.
  package init(
    samples: String, weights: String, of system: MolecularSystem, log: Logger
  ) throws {
    let conformations = try readConformations(
      samples, of: system, keepingBroken: true, log: log)
    let (logDensities, ancestors) = try WeightsTable.read(path: weights)
    guard conformations.frames == logDensities.count else {
      throw RunError.badData(
        path: weights,
        problem: "has \(logDensities.count) rows for \(conformations.frames) frames; "
          + "do the two files belong together?")
    }
    self.init(
      conformations: conformations, logDensities: logDensities.map { $0 ?? 0 },
      isSupported: logDensities.map { $0 != nil }, ancestors: ancestors)
  }
}
