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

  init() {
    let asked = [SIGINT, SIGTERM, SIGUSR1, SIGUSR2, SIGXCPU] + (isIgnored(SIGHUP) ? [] : [SIGHUP])
    // From here on a signal asks for a checkpoint.
    watchSignals(asked) { [self] in receive($0) }
  }

  /// Whether a signal has come.
  var isRequested: Bool { state.withLock { $0.isRequested } }

  /// From here on a signal ends the program at once: a resumed run redoes all that follows from its
  /// checkpoint.
  ///
  /// - Parameter command: What resumes it; nil where a training begins that stops after a step.
  func endAtOnce(resumingBy command: String?) {
    let isRequested = state.withLock { state in
      state.resumeCommand = command
      return state.isRequested
    }
    if let command, isRequested { end(command) }
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

/// From here on SIGINT and SIGTERM end the program with one line, until an ``Interruption`` is made.
///
/// It ends by the signal itself, so that a shell's loop ends, too. A signal that was ignored at the
/// start, as in the background of a script, stays so.
func endOnSignals() {
  watchSignals([SIGINT, SIGTERM].filter { !isIgnored($0) }) { number in
    endWithoutUnfinishedFiles {
      printMessage("\(lineEnd)Error: stopped (a signal); what was not finished is not kept\n") {
        signal(number, SIG_DFL)
        kill(getpid(), number)
        // Should the signal be blocked everywhere.
        usleep(100_000)
        _exit(128 + number)
      }
    }
  }
}

/// What watches each signal, and what it does.
///
/// Each signal has one source for the life of the program: what ignores a signal for a second one
/// takes it from the first, too.
private let watches = Mutex<[Int32: (source: any DispatchSourceSignal, action: SignalAction)]>([:])

private typealias SignalAction = @Sendable (_ number: Int32) -> Void

/// Does `action` at each of these signals, in place of what was done before.
private func watchSignals(_ numbers: [Int32], _ action: @escaping SignalAction) {
  watches.withLock { watches in
    for number in numbers {
      if let source = watches[number]?.source {
        watches[number] = (source, action)
        continue
      }
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { actNow(on: number) }
      watches[number] = (source, action)
      source.resume()
    }
  }
}

/// Does what a signal does now, without the lock.
private func actNow(on number: Int32) {
  let action = watches.withLock { $0[number]?.action }
  action?(number)
}

/// Whether the program was started with a signal ignored, as `nohup` does with SIGHUP.
private func isIgnored(_ number: Int32) -> Bool {
  var action = sigaction()
  guard sigaction(number, nil, &action) == 0 else { return false }
  return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
    == unsafeBitCast(SIG_IGN, to: Int.self)
}
