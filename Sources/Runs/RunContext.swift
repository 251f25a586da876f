import Kernels
import Logging
import Synchronization

/// How far a piece of work is.
package struct WorkProgress: Equatable, Sendable {
  /// What is being done, such as "training".
  package let work: String
  package let done: Int
  package let total: Int
  /// What else there is to say of its present state.
  package let note: String?

  package init(_ work: String, done: Int, of total: Int, note: String? = nil) {
    self.work = work
    self.done = done
    self.total = total
    self.note = note
  }
}

/// What a long piece of work gets from whoever starts it: where to compute, whom to tell, and when
/// to stop.
package struct RunContext: Sendable {
  /// The version of the program, for the files that it writes.
  package var version: String
  package var execution: Execution
  /// The processes that share the work; they all have the same record and inputs.
  package var ranks = Ranks.alone
  /// Takes notes and warnings.
  package var log: Logger
  /// Is told how far the work is, often and from any thread; the first call of a piece of work says
  /// where it begins.
  package var onProgress: @Sendable (WorkProgress) -> Void
  /// Why the work is to stop now, in words, after a checkpoint; nil while it is to go on.
  package var stopReason: @Sendable () -> String?
  /// How long each part of the work took.
  package let parts = PartTimes()

  package init(
    version: String, execution: Execution, log: Logger,
    onProgress: @escaping @Sendable (WorkProgress) -> Void = { _ in },
    stopReason: @escaping @Sendable () -> String? = { nil }
  ) {
    self.version = version
    self.execution = execution
    self.log = log
    self.onProgress = onProgress
    self.stopReason = stopReason
  }

  /// The program with its version, as records name it.
  package var program: String { "tarflow-mol \(version)" }

  /// Counts what several threads report in parts, and reports the sum.
  ///
  /// - Returns: A function that takes how many more are done.
  package func counting(_ work: String, of total: Int) -> @Sendable (Int) -> Void {
    let done = Mutex(0)
    onProgress(WorkProgress(work, done: 0, of: total))
    return { [onProgress] more in
      done.withLock { done in
        done += more
        onProgress(WorkProgress(work, done: done, of: total))
      }
    }
  }
}
