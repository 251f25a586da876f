import Foundation
import Reporting
import Runs
import Synchronization

/// Shows on stderr how far a piece of work is and when it will be done.
///
/// A line that rewrites itself on a terminal, a new line every half minute in a log, nothing when
/// quiet. The last line says how long the work took; it comes when the work is done, when the next
/// piece begins, or when the line is released, so that an error message starts on a line of its
/// own.
final class ProgressLine: Sendable {
  private struct Work {
    var progress: WorkProgress
    let first: Int
    // The wall clock can jump, this one cannot.
    let start: ContinuousClock.Instant
    var lastShown: ContinuousClock.Instant

    /// How far the work is, and when it will be done.
    func line(at now: ContinuousClock.Instant) -> String {
      let (done, total) = (progress.done, progress.total)
      var line = "\(progress.work): \(done) of \(total) (\(100 * done / max(1, total)) %)"
      if done > first {
        let left = (now - start) / .seconds(1) / Double(done - first) * Double(total - done)
        let end = clockText(Date().addingTimeInterval(left), now: Date())
        line += ", \(durationText(seconds: left)) left, done \(end)"
      }
      return line + note
    }

    /// How long the work took.
    func lastLine(at now: ContinuousClock.Instant) -> String {
      let seconds = (now - start) / .seconds(1)
      return "\(progress.work): \(progress.done) of \(progress.total) in "
        + durationText(seconds: seconds) + note
    }

    private var note: String { progress.note.map { "  \($0)" } ?? "" }
  }

  private let quiet: Bool
  private let isTerminal = takesEscapes(ProcessInfo.processInfo.environment)
  private let current = Mutex<Work?>(nil)

  init(quiet: Bool) { self.quiet = quiet }

  deinit { current.withLock { finish(&$0) } }

  /// Takes how far the work is, from any thread.
  func show(_ progress: WorkProgress) {
    guard !quiet else { return }
    current.withLock { current in
      let now = ContinuousClock.now
      if current?.progress.work != progress.work {
        finish(&current)
        // In a log the first line comes after half a minute: the first steps say little.
        current = Work(progress: progress, first: progress.done, start: now, lastShown: now)
      }
      guard var work = current else { return }
      work.progress = progress
      current = work
      if progress.done >= progress.total {
        if progress.done > work.first { finish(&current) }
      } else if now - work.lastShown >= .seconds(isTerminal ? 0.2 : 30) {
        current?.lastShown = now
        show(work.line(at: now))
      }
    }
  }

  private func finish(_ current: inout Work?) {
    guard let work = current else { return }
    current = nil
    show(work.lastLine(at: .now), last: true)
  }

  private func show(_ line: String, last: Bool = false) {
    guard isTerminal else { return printMessage("\(line)\n") }
    // A line that wraps could not be rewritten.
    let shown = shownText(line).prefix(terminalWidth() - 1)
    printControls("\r\u{1b}[K\(shown)\(last ? "\n" : "")")
  }
}

/// The columns of the terminal that stderr is; 80 when it does not say.
private func terminalWidth() -> Int {
  var size = winsize()
  let known = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 1
  return known ? Int(size.ws_col) : 80
}

/// Whether stderr is a terminal whose lines can be rewritten: neither TERM=dumb nor NO_COLOR
/// (no-color.org) says that escape codes are not wanted.
private func takesEscapes(_ environment: [String: String]) -> Bool {
  isatty(STDERR_FILENO) != 0 && environment["TERM"] != "dumb"
    && (environment["NO_COLOR"] ?? "").isEmpty
}

/// "at 09:05", on another day "on 2026-11-27 at 09:05".
func clockText(_ date: Date, now: Date, calendar: Calendar = .current) -> String {
  let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute], from: date)
  func two(_ number: Int?) -> String {
    let digits = "\(number ?? 0)"
    return digits.count < 2 ? "0" + digits : digits
  }
  let clock = "at \(two(parts.hour)):\(two(parts.minute))"
  guard !calendar.isDate(date, inSameDayAs: now) else { return clock }
  return "on \(parts.year ?? 0)-\(two(parts.month))-\(two(parts.day)) \(clock)"
}
