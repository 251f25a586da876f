import Foundation
import Synchronization

/// Shows on stderr how far a piece of work is and when it will be done.
///
/// A line that rewrites itself on a terminal, a new line every half minute in a log, nothing when quiet.
final class Progress: Sendable {
  private struct State {
    var done: Int
    var note = ""
    var isFinished = false
    var lastShown: ContinuousClock.Instant
  }

  private let label: String
  private let total: Int
  private let first: Int
  // The wall clock can jump, this one cannot.
  private let start = ContinuousClock.now
  private let quiet: Bool
  private let isTerminal = isatty(STDERR_FILENO) != 0
  private let state: Mutex<State>

  init(_ label: String, total: Int, from first: Int = 0, quiet: Bool) {
    self.label = label
    self.total = total
    self.first = first
    self.quiet = quiet
    // In a log the first line comes after half a minute: the first steps say little.
    state = Mutex(State(done: first, lastShown: start))
  }

  /// Adds finished work, from any thread.
  func advance(by count: Int = 1, note: String? = nil) {
    guard !quiet else { return }
    state.withLock { state in
      state.done += count
      if let note { state.note = note }
      let now = ContinuousClock.now
      guard now - state.lastShown >= .seconds(isTerminal ? 0.2 : 30) else { return }
      state.lastShown = now
      show(line(state, at: now))
    }
  }

  /// Shows the time that the work took, once.
  func finish() {
    guard !quiet else { return }
    state.withLock { state in
      guard !state.isFinished else { return }
      state.isFinished = true
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      let line = "\(label): \(state.done) of \(total) in \(duration(seconds))"
      show(state.note.isEmpty ? line : "\(line)  \(state.note)", last: true)
    }
  }

  private func line(_ state: State, at now: ContinuousClock.Instant) -> String {
    let elapsed = (now - start) / .seconds(1)
    let percent = 100 * state.done / max(1, total)
    var line = "\(label): \(state.done) of \(total) (\(percent) %)"
    if state.done > first {
      let left = elapsed / Double(state.done - first) * Double(total - state.done)
      line += ", \(duration(left)) left, done at \(clock(Date().addingTimeInterval(left)))"
    }
    return state.note.isEmpty ? line : "\(line)  \(state.note)"
  }

  private func show(_ line: String, last: Bool = false) {
    guard isTerminal else { return tell("\(line)\n") }
    // A line that wraps could not be rewritten.
    tell("\r\u{1b}[K\(line.prefix(terminalWidth() - 1))\(last ? "\n" : "")")
  }
}

/// The columns of the terminal that stderr is; 80 when it does not say.
private func terminalWidth() -> Int {
  var size = winsize()
  let known = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 1
  return known ? Int(size.ws_col) : 80
}

/// "3 min 20 s", "1 h 5 min", "12 s".
func duration(_ seconds: Double) -> String {
  let whole = Int(seconds.rounded())
  if whole >= 3_600 { return "\(whole / 3_600) h \(whole % 3_600 / 60) min" }
  return whole >= 60 ? "\(whole / 60) min \(whole % 60) s" : "\(whole) s"
}

private func clock(_ date: Date) -> String {
  let parts = Calendar.current.dateComponents([.hour, .minute], from: date)
  let (hour, minute) = (parts.hour ?? 0, parts.minute ?? 0)
  return "\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)"
}
