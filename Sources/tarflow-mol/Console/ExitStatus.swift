import Evaluation
import Flow
import Images
import Kernels
import Molecules
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

/// What goes wrong in the commands themselves; one line each, with what to do.
enum CommandError: Error, Equatable, CustomStringConvertible {
  /// A name or a path that leads nowhere.
  case missing(what: String, path: String, advice: String)
  /// A file whose content does not fit.
  case badData(path: String, problem: String)
  /// A key or value of a configuration.
  case configuration(source: String, problem: String)
  /// An output that is there already.
  case exists(path: String, advice: String)
  case unwritable(path: String, reason: String)
  /// Stopped by a signal or by the time limit; the command resumes the run.
  case interrupted(run: String, step: Int, reason: String, command: String)
  /// The energy of a walker went out of bounds.
  case simulationDiverged(folder: String, step: Int, walker: Int, timeStep: Double)

  var description: String {
    switch self {
    case .missing(let what, let path, let advice): "\(path): no such \(what); \(advice)"
    case .badData(let path, let problem): "\(path): \(problem)"
    case .configuration(let source, let problem): "\(source): \(problem)"
    case .exists(let path, let advice): "\(path): exists already; \(advice)"
    case .unwritable(let path, let reason): "\(path): cannot be written: \(reason)"
    case .interrupted(_, let step, let reason, let command):
      "stopped after step \(step) (\(reason)); continue with: \(command)"
    case .simulationDiverged(let folder, let step, let walker, let timeStep):
      "\(folder): walker \(walker) has no finite energy at step \(step); start anew with a --timestep below "
        + "\(PhysicalTime(picoseconds: timeStep))"
    }
  }

  var status: ExitStatus {
    switch self {
    case .missing: .missingInput
    case .badData: .badData
    case .configuration: .configuration
    case .exists: .cannotCreate
    case .unwritable: .inputOutput
    case .interrupted: .interrupted
    case .simulationDiverged: .internalError
    }
  }
}

/// The exit code of an error; nil for those that ArgumentParser knows itself (usage, 64).
func exitStatus(of error: any Error) -> ExitStatus? {
  switch error {
  case let error as CommandError: error.status
  case let error as FileError:
    switch error {
    case .missing, .notPlainFile, .unreadable: .missingInput
    case .unwritable: .inputOutput
    case .content: .badData
    }
  case TrajectoryError.file(let error): exitStatus(of: error)
  case is TrajectoryError: .badData
  case let error as PrmtopError:
    switch error {
    case .unreadable: .missingInput
    case .unsupported: .unavailable
    default: .badData
    }
  case SafetensorsError.file(let error): exitStatus(of: error)
  case is SafetensorsError: .badData
  case let error as FlowError:
    switch error {
    case .configuration: .configuration
    case .diverged: .internalError
    case .tensor: .badData
    }
  case ImageError.file(let error): exitStatus(of: error)
  case is ImageError: .badData
  case is RepresentationError, is EvaluationError: .badData
  case is BLASError, is LinearAlgebraError: .unavailable
  default: nil
  }
}
