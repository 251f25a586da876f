import Foundation
import Logging
import Runs
import TensorFiles

extension RunFolder {
  /// The names of the evaluations and histograms of another model than the run's present one: after a
  /// training that went on they are those of the old one.
  ///
  /// A record that does not name its model counts as one of another where the table of weights is about
  /// to get another text.
  ///
  /// - Parameters:
  ///   - model: The checksum of the present model's weights.
  ///   - table: The text that the table of weights will have.
  func outdatedEvaluations(
    ofOthersThan model: String, table: @autoclosure () -> String
  ) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    let evaluations = names.filter { $0.hasPrefix("evaluation") && $0.hasSuffix(".json") }.sorted()
    let models = evaluations.map {
      readRecord(EvaluationReport.self, path: "\(path)/\($0)")?.drawn?.model
    }
    // The text is long, and records of today name their model.
    var isOtherTable = false
    if models.contains(nil), let old = try? readText(path: weights) {
      isOtherTable = old != table()
    }
    var outdated: [String] = []
    for (name, found) in zip(evaluations, models) {
      guard found.map({ $0 != model }) ?? isOtherTable else { continue }
      let histogram = "histograms\(name.dropFirst("evaluation".count).dropLast(5)).csv"
      outdated.append(name)
      if names.contains(histogram) { outdated.append(histogram) }
    }
    return outdated
  }

  /// Removes evaluations of an older model, and says so.
  func remove(evaluations names: [String], log: Logger) {
    guard !names.isEmpty else { return }
    for name in names { try? FileManager.default.removeItem(atPath: "\(path)/\(name)") }
    log.notice("\(path): removed \(names.joined(separator: ", ")), which are of an older model")
  }
}
