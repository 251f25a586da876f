import Foundation
import TensorFiles

/// What a run writes down before it begins: all that is needed to repeat it or to go on with it.
package protocol RunRecord: Codable, Equatable, Sendable {
  /// What people call such a record, and which command writes it.
  static var name: (record: String, writer: String) { get }
  /// The program with its version.
  var program: String { get }
  /// The files that decide what the run computes.
  var inputs: [InputFile] { get }
  /// The record with the places that its inputs have when the run lies in a folder.
  func found(in folder: String) -> Self
  /// Copies into the folder of the run what it needs besides trajectories.
  func keepInputs(in folder: String) throws
}

extension RunRecord {
  /// The record as it is.
  package func found(in folder: String) -> Self { self }

  /// Copies nothing.
  package func keepInputs(in folder: String) {}

  /// Reads a record, whose inputs may have moved with the run.
  /// - Throws: `RunError.missing` or `.badData`.
  package static func read(path: String) throws -> Self {
    let text = try readInput(
      path: path, what: name.record, advice: "`\(name.writer)` writes it")
    do {
      let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
      return try decodeYAML(Self.self, from: text).found(in: folder)
    } catch {
      throw RunError.badData(path: path, problem: "is no \(name.record): \(yamlProblem(error))")
    }
  }

  /// Writes the record; `read` gives it back to the last bit.
  /// - Throws: `FileError.unwritable`.
  package func write(path: String) throws { try writeText(try yamlText(self), path: path) }

  /// Checks that the inputs are still those that the run began with.
  /// - Throws: `RunError.badData` naming the one that is not, or `.missing`.
  package func checkInputs() throws {
    for input in inputs { try input.checkUnchanged() }
  }
}
