@preconcurrency import Dispatch
import Foundation
import Synchronization

/// Remembers that somebody wants the program to stop: SIGINT, SIGTERM or SIGUSR1.
///
/// The first signal asks; the training stops after its step, with a checkpoint. Schedulers and `timeout` send more
/// than one signal, so only another Ctrl-C half a second later, a person's, stops at once.
final class Interruption: Sendable {
  private struct State {
    var isRequested = false
    var firstInterrupt: ContinuousClock.Instant?
    /// The run that is past its training, and the command that resumes it.
    var trained: (run: String, command: String)?
  }

  private let state = Mutex(State())
  private let sources: [(number: Int32, source: any DispatchSourceSignal)]

  init() {
    sources = [SIGINT, SIGTERM, SIGUSR1].map { number in
      signal(number, SIG_IGN)
      return (number, DispatchSource.makeSignalSource(signal: number, queue: .global()))
    }
    for (number, source) in sources {
      source.setEventHandler { [self] in receive(number) }
      source.resume()
    }
  }

  /// Whether a signal has come.
  var isRequested: Bool { state.withLock { $0.isRequested } }

  /// From here on a signal ends the program at once: a resumed run makes all that follows again from its checkpoint.
  func endAtOnce(trainedRun run: String, command: String = "train") {
    let isRequested = state.withLock { state in
      state.trained = (run, command)
      return state.isRequested
    }
    if isRequested { end(run, command) }
  }

  private func receive(_ number: Int32) {
    let trained = state.withLock { state in
      state.isRequested = true
      if number == SIGINT {
        let first = state.firstInterrupt ?? .now
        state.firstInterrupt = first
        if ContinuousClock.now - first > .seconds(0.5) { _exit(128 + SIGINT) }
      }
      return state.trained
    }
    if let trained { end(trained.run, trained.command) }
  }

  private func end(_ run: String, _ command: String) {
    tell(
      """
      \(isatty(STDERR_FILENO) != 0 ? "\n" : "")Error: stopped after the training (a signal); \
      continue with: tarflow-mol \(command) --resume \(run)

      """)
    _exit(ExitStatus.interrupted.rawValue)
  }
}
