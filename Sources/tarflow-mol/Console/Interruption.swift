@preconcurrency import Dispatch
import Foundation
import Synchronization

/// Remembers that somebody wants the program to stop: SIGINT, SIGTERM or SIGUSR1.
///
/// The first signal asks; the training stops after its step, with a checkpoint. Schedulers send more than one signal
/// (USR1, then TERM), so only a second Ctrl-C, a person's, stops at once.
final class Interruption: Sendable {
  private let requests = Atomic<Int>(0)
  private let interrupts = Atomic<Int>(0)
  private let endsAtOnce = Atomic<Bool>(false)
  private let sources: [any DispatchSourceSignal]

  init() {
    sources = [SIGINT, SIGTERM, SIGUSR1].map { number in
      signal(number, SIG_IGN)
      return DispatchSource.makeSignalSource(signal: number, queue: .global())
    }
    for (source, number) in zip(sources, [SIGINT, SIGTERM, SIGUSR1]) {
      source.setEventHandler { [self] in
        requests.add(1, ordering: .relaxed)
        if number == SIGINT, interrupts.add(1, ordering: .relaxed).oldValue > 0 {
          _exit(128 + SIGINT)
        }
        if endsAtOnce.load(ordering: .relaxed) { end() }
      }
      source.resume()
    }
  }

  /// Whether a signal has come.
  var isRequested: Bool { requests.load(ordering: .relaxed) > 0 }

  /// From here on a signal ends the program at once: nothing of what follows would be lost that a resumed run does not
  /// make again from the last checkpoint.
  func endAtOnce() {
    endsAtOnce.store(true, ordering: .relaxed)
    if isRequested { end() }
  }

  private func end() {
    tell("\nError: stopped after the training (a signal); --resume goes on with the sampling\n")
    _exit(ExitStatus.interrupted.rawValue)
  }
}
