import Foundation

/// A terminal for a program's messages, on which its progress shows.
final class Terminal {
  struct Failure: Error, CustomStringConvertible { let description: String }

  /// The side that the program writes to; to be passed on and then closed, so that its end shows.
  let writer: FileHandle
  private let reader: FileHandle
  /// What the program has written so far.
  private(set) var text = ""

  init() throws {
    func opened(_ path: String) throws -> FileHandle {
      let descriptor = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
      guard descriptor >= 0 else {
        throw Failure(description: "\(path): \(String(cString: strerror(errno)))")
      }
      return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }
    reader = try opened("/dev/ptmx")
    var (locked, number): (Int32, UInt32) = (0, 0)
    // TIOCSPTLCK and TIOCGPTN of Linux, which Swift does not import: what unlockpt and ptsname do.
    guard ioctl(reader.fileDescriptor, 0x4004_5431, &locked) == 0,
      ioctl(reader.fileDescriptor, 0x8004_5430, &number) == 0
    else { throw Failure(description: "no terminal: \(String(cString: strerror(errno)))") }
    writer = try opened("/dev/pts/\(number)")
  }

  /// Reads until the program has written something that matches.
  /// - Throws: `Failure` when it ends before, or takes more than two minutes.
  func wait(for expected: Regex<Substring>) throws {
    let deadline = ContinuousClock.now + .seconds(120)
    while !text.contains(expected) {
      guard try readMore(until: deadline) else {
        throw Failure(description: "not written before the end: \(text)")
      }
    }
  }

  /// Reads to the program's end.
  func readToEnd() throws {
    let deadline = ContinuousClock.now + .seconds(120)
    while try readMore(until: deadline) {}
  }

  /// Waits for more text; false at the end.
  private func readMore(until deadline: ContinuousClock.Instant) throws -> Bool {
    var source = pollfd(fd: reader.fileDescriptor, events: Int16(POLLIN), revents: 0)
    let left = (deadline - .now) / .milliseconds(1)
    let ready = poll(&source, 1, Int32(max(0, left)))
    if ready < 0, errno == EINTR { return true }
    guard ready > 0 else { throw Failure(description: "two minutes passed: \(text)") }
    var bytes = [UInt8](repeating: 0, count: 4_096)
    // A terminal whose other side is closed gives an error in place of an end.
    let count = read(reader.fileDescriptor, &bytes, bytes.count)
    guard count > 0 else { return false }
    text += String(decoding: bytes[..<count], as: UTF8.self)
    return true
  }
}
