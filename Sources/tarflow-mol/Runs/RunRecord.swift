import Foundation
import Yams

/// What `config.resolved.yaml` holds: all that is needed to repeat or resume a run.
struct RunRecord: Codable, Equatable {
  /// One input file as it was when the run began.
  struct Input: Codable, Equatable {
    let path: String
    let bytes: Int
    /// FNV-1a, 64 bits, of the file's bytes, in hexadecimal.
    let fnv1a: String
  }

  let program: String
  let arithmetic: Arithmetic
  let system: String
  let training: Input
  let reference: Input
  let topology: Input
  /// `system.yaml`: temperature and solvent.
  let description: Input
  let configuration: RunConfiguration

  static func read(path: String) throws -> RunRecord {
    let text = try readText(path: path, what: "run record", advice: "`tarflow-mol train` writes it")
    do {
      return try YAMLDecoder().decode(RunRecord.self, from: text)
    } catch {
      throw CommandError.badData(path: path, problem: yamlProblem(error))
    }
  }

  func write(path: String) throws {
    let encoder = YAMLEncoder()
    encoder.options.sortKeys = false
    try writeText(try encoder.encode(self), path: path)
  }

  /// Checks that the inputs are still those the run began with.
  /// - Throws: `CommandError.badData` naming the one that is not.
  func checkInputs() throws {
    try checkUnchanged([training, reference, topology, description])
  }
}

/// Checks that files are still what they were.
/// - Throws: `CommandError.badData` naming the one that is not.
func checkUnchanged(_ inputs: [RunRecord.Input]) throws {
  for input in inputs where try RunRecord.Input(path: input.path) != input {
    throw input.hasChanged
  }
}

extension RunRecord {
  /// The system of the run, checked to be still the one it was: the weights depend on its energy and temperature.
  /// - Throws: `CommandError.badData` when it is not.
  func readSystem() throws -> MolecularSystem {
    try checkUnchanged([topology, description])
    return try MolecularSystem(folder: system)
  }
}

extension RunRecord.Input {
  /// - Throws: `CommandError.missing`.
  init(path: String) throws {
    try requireFile(path, what: "input file", advice: "the run needs it")
    let data: Data
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
    } catch {
      throw CommandError.badData(
        path: path, problem: "cannot be read: \(systemReason(error))")
    }
    self.init(
      path: absolutePath(path), bytes: data.count, fnv1a: data.withUnsafeBytes { hash(fnv1a: $0) })
  }

  /// The error for an input that is not what it was.
  var hasChanged: CommandError {
    .badData(
      path: path,
      problem: "has changed since the run began (\(bytes) bytes, fnv1a \(fnv1a)); "
        + "restore it, or start a new run")
  }
}

/// FNV-1a, 64 bits, in hexadecimal.
func hash(fnv1a bytes: some Sequence<UInt8>) -> String {
  let value = bytes.reduce(UInt64(0xcbf2_9ce4_8422_2325)) {
    ($0 ^ UInt64($1)) &* 0x100_0000_01b3
  }
  return String(value, radix: 16)
}
