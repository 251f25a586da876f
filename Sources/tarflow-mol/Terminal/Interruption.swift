@preconcurrency import Dispatch
import Foundation
import Synchronization
import TensorFiles

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
    // From here on a signal asks for a checkpoint.
    immediate.withLock { $0?.cancel() }
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
        if ContinuousClock.now - first > .seconds(0.5) {
          printMessage(
            "\(lineEnd)Error: stopped at once; the steps since the last checkpoint are lost\n")
          _exit(128 + SIGINT)
        }
      }
      return state.resumeCommand
    }
    if let command { end(command) }
  }

  private func end(_ command: String) {
    printMessage(
      """
      \(lineEnd)Error: stopped after the training (a signal); \
      continue with: tarflow-mol \(command)

      """)
    _exit(ExitStatus.interrupted.rawValue)
  }
}

/// What a message begins with that may come in the middle of a line of progress.
private var lineEnd: String { isatty(STDERR_FILENO) != 0 ? "\n" : "" }

/// What ends a command that has nothing to save.
private let immediate = Mutex<EndingSignals?>(nil)

/// From here on SIGINT and SIGTERM end the program with one line, until an ``Interruption`` is made.
func endOnSignals() {
  let ending = EndingSignals()
  immediate.withLock { $0 = ending }
}

/// Ends the program at a signal.
///
/// It ends by the signal itself, so that a shell's loop ends, too. A signal that was ignored at the
/// start, as in the background of a script, stays so.
private final class EndingSignals: Sendable {
  private let sources: [any DispatchSourceSignal]

  init() {
    sources = [SIGINT, SIGTERM].filter { !isIgnored($0) }.map { number in
      signal(number, SIG_IGN)
      return DispatchSource.makeSignalSource(signal: number, queue: .global())
    }
    for source in sources {
      let number = Int32(source.handle)
      source.setEventHandler {
        endWithoutUnfinishedFiles {
          printMessage(
            "\(lineEnd)Error: stopped (a signal); what was not finished is not kept\n"
          ) {
            signal(number, SIG_DFL)
            kill(getpid(), number)
            // Should the signal be blocked everywhere.
            usleep(100_000)
            _exit(128 + number)
          }
        }
      }
      source.resume()
    }
  }

  func cancel() {
    for source in sources { source.cancel() }
  }
}

/// Whether the program was started with a signal ignored, as `nohup` does with SIGHUP.
private func isIgnored(_ number: Int32) -> Bool {
  var action = sigaction()
  guard sigaction(number, nil, &action) == 0 else { return false }
  return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
    == unsafeBitCast(SIG_IGN, to: Int.self)
}
