import Foundation
import TensorFiles

/// What goes wrong with the inputs and outputs of a run; one line each, with what to do.
package enum RunError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A name or a path that leads nowhere.
  case missing(what: String, path: String, advice: String)
  /// A file whose content does not fit.
  case badData(path: String, problem: String)
  /// A key or value of a configuration.
  case configuration(source: String, problem: String)
  /// An output that is there already.
  case exists(path: String, advice: String)
  case unwritable(path: String, reason: String)
  /// The disk or the quota is full; the run can go on where there is space.
  case fullDisk(run: String, problem: String)
  /// Stopped with a checkpoint, by a signal or by the time limit; the run can go on.
  case interrupted(run: String, step: Int, reason: String)

  package var description: String {
    switch self {
    case .missing(let what, let path, let advice): "\(path): no such \(what); \(advice)"
    case .badData(let path, let problem): "\(path): \(problem)"
    case .configuration(let source, let problem): "\(source): \(problem)"
    case .exists(let path, let advice): "\(path): exists already; \(advice)"
    case .unwritable(let path, let reason): "\(path): cannot be written: \(reason)"
    case .fullDisk(_, let problem): "\(problem); free some space, and try again"
    case .interrupted(let run, let step, let reason):
      "\(run): stopped after step \(step) (\(reason))"
    }
  }
}

/// Whether an error is that of a full disk or quota, by what the operating system says of it.
package func isFullDisk(_ error: any Error) -> Bool {
  let text = "\(error)"
  return [ENOSPC, EDQUOT].contains { code in
    let reason = systemReason(code: code)
    return text.hasSuffix(reason) || systemReason(error) == reason
  }
}
