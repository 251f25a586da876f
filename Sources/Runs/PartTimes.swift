import Reporting
import Synchronization

/// A part of a long piece of work, and the wall-clock time that it took.
package struct PartTime: Equatable, Sendable {
  package let name: String
  package let seconds: Double

  package init(_ name: String, seconds: Double) {
    self.name = name
    self.seconds = seconds
  }
}

extension [PartTime] {
  /// The parts that took half a second at least, as "reading 4 s, training 9 min 27 s"; empty where
  /// there are none.
  package var text: String {
    filter { $0.seconds >= 0.5 }.map { "\($0.name) \(durationText(seconds: $0.seconds))" }
      .joined(separator: ", ")
  }
}

/// Measures the parts of a long piece of work.
package final class PartTimes: Sendable {
  private let parts = Mutex<[PartTime]>([])

  package init() {}

  /// The parts so far, in the order in which they ended.
  package var all: [PartTime] { parts.withLock { $0 } }

  /// Does a part of the work and notes the time that it took, also when it throws.
  package func measure<Result>(_ name: String, _ work: () throws -> Result) rethrows -> Result {
    let start = ContinuousClock.now
    defer {
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      parts.withLock { $0.append(PartTime(name, seconds: seconds)) }
    }
    return try work()
  }
}
