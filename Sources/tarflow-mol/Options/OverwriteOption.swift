import ArgumentParser
import Foundation
import Runs

/// Whether files that are there may be replaced.
struct OverwriteOption: ParsableArguments {
  @Flag(help: "Replace files that are there.")
  var overwrite = false

  /// Checks that nothing is overwritten unasked.
  /// - Throws: `RunError.exists`.
  func check(_ outputs: [String?]) throws {
    guard !overwrite else { return }
    for path in outputs.compactMap({ $0 }) where FileManager.default.fileExists(atPath: path) {
      throw RunError.exists(path: path, advice: "choose another name, or add --overwrite")
    }
  }
}
