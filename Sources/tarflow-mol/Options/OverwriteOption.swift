import ArgumentParser
import Foundation
import Runs
import TensorFiles

/// Whether files that are there may be replaced.
struct OverwriteOption: ParsableArguments {
  @Flag(help: "Replace files that are there.")
  var overwrite = false

  /// Checks that nothing is overwritten unasked, and no output by another one.
  ///
  /// - Parameter advice: What to do besides --overwrite.
  /// - Throws: `RunError.exists`, or `ValidationError` for a name that is there twice.
  func check(_ outputs: [String?], advice: String = "choose another name") throws {
    let outputs = outputs.compactMap { $0 }
    let places = outputs.map(absolutePath)
    if let twice = places.indices.first(where: { places[..<$0].contains(places[$0]) }) {
      throw ValidationError("\(outputs[twice]) is to hold two outputs; give each its own name")
    }
    guard !overwrite else { return }
    for path in outputs where FileManager.default.fileExists(atPath: path) {
      throw RunError.exists(path: path, advice: "\(advice), or add --overwrite")
    }
  }
}

/// Checks that files can be written where they are to go, before the work that they are to hold.
/// - Throws: `RunError.unwritable`.
func checkFolders(of outputs: [String]) throws(RunError) {
  for path in outputs {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    guard access(folder, W_OK) != 0 else { continue }
    throw .unwritable(path: path, reason: systemReason())
  }
}
