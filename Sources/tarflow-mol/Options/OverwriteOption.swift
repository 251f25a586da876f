import ArgumentParser
import Foundation
import Runs

/// Whether files that are there may be replaced.
struct OverwriteOption: ParsableArguments {
  @Flag(help: "Replace files that are there.")
  var overwrite = false

  /// Checks that nothing is overwritten unasked.
  ///
  /// - Parameter advice: What to do besides --overwrite.
  /// - Throws: `RunError.exists`.
  func check(_ outputs: [String?], advice: String = "choose another name") throws {
    guard !overwrite else { return }
    for path in outputs.compactMap({ $0 }) where FileManager.default.fileExists(atPath: path) {
      throw RunError.exists(path: path, advice: "\(advice), or add --overwrite")
    }
  }
}
