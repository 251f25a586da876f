@preconcurrency import Dispatch
import Foundation
import Synchronization

/// Remembers that somebody wants the program to stop: SIGINT, SIGTERM or SIGUSR1.
///
/// The first signal asks; the work stops at the next step, after a checkpoint. A second SIGINT stops at once.
final class Interruption: Sendable {
  private let requests = Atomic<Int>(0)
  private let sources: [any DispatchSourceSignal]

  init() {
    var sources: [any DispatchSourceSignal] = []
    for number in [SIGINT, SIGTERM, SIGUSR1] {
      signal(number, SIG_IGN)
      sources.append(DispatchSource.makeSignalSource(signal: number, queue: .global()))
    }
    self.sources = sources
    for source in sources {
      source.setEventHandler { [self] in
        if requests.add(1, ordering: .relaxed).oldValue > 0 { _exit(128 + SIGINT) }
      }
      source.resume()
    }
  }

  /// Whether a signal has come.
  var isRequested: Bool { requests.load(ordering: .relaxed) > 0 }
}
