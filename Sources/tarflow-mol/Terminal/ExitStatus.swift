import Boltzmann
import Evaluation
import Flow
import Foundation
import Images
import Kernels
import Molecules
import Runs
import TensorFiles
import Trajectories

/// The exit codes of the program, those of BSD's sysexits where one fits.
enum ExitStatus: Int32 {
  case badData = 65
  case missingInput = 66
  case unavailable = 69
  case internalError = 70
  case cannotCreate = 73
  case inputOutput = 74
  case interrupted = 75
  case configuration = 78
}

/// A run that stopped with a checkpoint, and the command that resumes it.
struct StoppedRun: Error, CustomStringConvertible {
  let step: Int
  let reason: String
  let command: String

  var description: String {
    "stopped after step \(step) (\(reason)); continue with: tarflow-mol \(command)"
  }
}

/// A run that a full disk stopped, and the command that goes on when there is space.
struct FullDisk: Error, CustomStringConvertible {
  let problem: String
  /// Nil where nothing can be resumed yet.
  let command: String?

  var description: String {
    "\(problem); free some space, then "
      + (command.map { "continue with: tarflow-mol \($0)" } ?? "give the same command again")
  }
}

/// Runs what may stop with a checkpoint, and names the command that goes on from there, given the
/// folder of the run.
/// - Throws: `StoppedRun`, `FullDisk`, and what `body` throws besides.
func resumable<Result>(
  by command: (String) -> String, _ body: () throws -> Result
) throws -> Result {
  do {
    return try body()
  } catch RunError.interrupted(let run, let step, let reason) {
    throw StoppedRun(step: step, reason: reason, command: command(run))
  } catch RunError.fullDisk(let run, let problem) {
    throw FullDisk(problem: problem, command: hasBegun(run) ? command(run) : nil)
  }
}

/// Runs the part of a work that another rank than the first has: what all ranks agree on ends it
/// without a word, since the first says it.
/// - Throws: What `body` throws besides.
func following(_ body: () throws -> Void) throws {
  do {
    try body()
  } catch RunError.interrupted {
  } catch FlowError.diverged {
  } catch SimulationError.diverged {
  }
}

/// Whether there is the record of a run, of one whose frames are simulated first, or of a simulation.
func hasBegun(_ folder: String) -> Bool {
  RunFolder.isRun(folder) || (try? SimulationFolder(existing: folder)) != nil
    || (try? PendingRun.read(in: folder)) ?? nil != nil
}

/// The exit code of an error; nil for those that ArgumentParser knows itself (usage, 64).
func exitStatus(of error: any Error) -> ExitStatus? {
  switch error {
  case let error as RunError:
    switch error {
    case .missing: .missingInput
    case .badData: .badData
    case .configuration: .configuration
    case .exists: .cannotCreate
    case .unwritable, .fullDisk: .inputOutput
    case .interrupted: .interrupted
    }
  case is StoppedRun: .interrupted
  case is FullDisk: .inputOutput
  case is SimulationError: .internalError
  case let error as FileError:
    switch error {
    case .missing, .unreadable: .missingInput
    case .unwritable: .inputOutput
    case .notPlainFile, .content: .badData
    }
  case TrajectoryError.file(let error): exitStatus(of: error)
  case SafetensorsError.file(let error): exitStatus(of: error)
  case ImageError.file(let error): exitStatus(of: error)
  case is TrajectoryError, is SafetensorsError, is ImageError: .badData
  case let error as PrmtopError:
    switch error {
    case .unreadable: .missingInput
    case .unsupported: .unavailable
    default: .badData
    }
  case let error as FlowError:
    switch error {
    case .configuration: .configuration
    case .diverged: .internalError
    case .tensor: .badData
    }
  case PDBError.unreadable: .missingInput
  case is PDBError, is SequenceError: .badData
  case is StartStructureError, is SelfTestError: .internalError
  case is RepresentationError, is EvaluationError: .badData
  case is BLASError, is LinearAlgebraError: .unavailable
  default: foundationStatus(error)
  }
}

/// The exit code of an error of Foundation: what reading and writing files and folders throw.
private func foundationStatus(_ error: any Error) -> ExitStatus? {
  if error is DecodingError { return .badData }
  let error = error as NSError
  guard [NSCocoaErrorDomain, NSPOSIXErrorDomain].contains(error.domain) else { return nil }
  return FileManager.default.fileExists(atPath: filePath(of: error) ?? "/")
    ? .inputOutput : .missingInput
}

/// An error in words: Foundation's own would show its domain and number.
func errorText(_ error: any Error) -> String {
  if let error = error as? DecodingError {
    let context =
      switch error {
      case .dataCorrupted(let context), .keyNotFound(_, let context),
        .typeMismatch(_, let context), .valueNotFound(_, let context):
        context.debugDescription
      @unknown default: "it has another form"
      }
    return "a record cannot be read: \(context)"
  }
  let found = error as NSError
  guard [NSCocoaErrorDomain, NSPOSIXErrorDomain].contains(found.domain) else {
    let text = "\(error)"
    return isFullDisk(error) && !text.hasPrefix("standard output")
      ? "\(RunError.fullDisk(run: "", problem: text))" : text
  }
  return (filePath(of: found).map { "\($0): " } ?? "") + systemReason(error)
}

/// A message without its middle, where a name or a list from a file makes it longer than anybody
/// reads.
func shortened(_ message: String) -> String {
  guard message.utf8.count > 1_500 else { return message }
  return "\(message.prefix(900)) … \(message.suffix(300))"
}

private func filePath(of error: NSError) -> String? {
  error.userInfo[NSFilePathErrorKey] as? String ?? (error.userInfo[NSURLErrorKey] as? URL)?.path
}
