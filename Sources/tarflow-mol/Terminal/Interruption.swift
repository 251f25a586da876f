@preconcurrency import Dispatch
import Foundation
import Synchronization

/// Remembers that somebody wants the program to stop: SIGINT, SIGTERM, SIGUSR1 and SIGUSR2, SIGHUP
/// of a terminal that closes, and SIGXCPU of a limit on processor time.
///
/// The first signal asks; the training stops after its step, with a checkpoint. Schedulers and
/// `timeout` send more than one signal, so only another Ctrl-C half a second later, a person's,
/// stops at once.
final class Interruption: Sendable {
  private struct State {
    var isRequested = false
    var firstInterrupt: ContinuousClock.Instant?
    /// The command that resumes the run, once its training is done.
    var resumeCommand: String?
  }

  private let state = Mutex(State())
  private let sources: [(number: Int32, source: any DispatchSourceSignal)]

  init() {
    let asked = [SIGINT, SIGTERM, SIGUSR1, SIGUSR2, SIGXCPU] + (isIgnored(SIGHUP) ? [] : [SIGHUP])
    sources = asked.map { number in
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

  /// From here on a signal ends the program at once: a resumed run redoes all that follows from its
  /// checkpoint.
  func endAtOnce(resumingBy command: String) {
    let isRequested = state.withLock { state in
      state.resumeCommand = command
      return state.isRequested
    }
    if isRequested { end(command) }
  }

  private func receive(_ number: Int32) {
    let command = state.withLock { state in
      state.isRequested = true
      if number == SIGINT {
        let first = state.firstInterrupt ?? .now
        state.firstInterrupt = first
        if ContinuousClock.now - first > .seconds(0.5) { _exit(128 + SIGINT) }
      }
      return state.resumeCommand
    }
    if let command { end(command) }
  }

  private func end(_ command: String) {
    printMessage(
      """
      \(isatty(STDERR_FILENO) != 0 ? "\n" : "")Error: stopped after the training (a signal); \
      continue with: tarflow-mol \(command)

      """)
    _exit(ExitStatus.interrupted.rawValue)
  }
}

/// Whether the program was started with a signal ignored, as `nohup` does with SIGHUP.
private func isIgnored(_ number: Int32) -> Bool {
  var action = sigaction()
  guard sigaction(number, nil, &action) == 0 else { return false }
  return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
    == unsafeBitCast(SIG_IGN, to: Int.self)
}
