import Foundation

/// Waits for what happens in a folder: the kernel tells of every change (inotify), so that nobody
/// looks again and again.
package final class FolderWatch {
  /// Why nothing more is to be awaited.
  package enum Failure: Error, CustomStringConvertible {
    case notWatched(folder: String, reason: String)
    case ended(before: String)
    case timedOut(before: String)

    package var description: String {
      switch self {
      case .notWatched(let folder, let reason): "\(folder) cannot be watched: \(reason)"
      case .ended(let what): "the process ended before \(what)"
      case .timedOut(let what): "two minutes passed before \(what)"
      }
    }
  }

  private let descriptor: Int32

  /// Watches a folder that is there; what happens from here on is not missed.
  package init(_ folder: String) throws {
    descriptor = inotify_init1(Int32(IN_CLOEXEC))
    let changes = UInt32(IN_CREATE | IN_MODIFY | IN_MOVED_TO | IN_DELETE)
    guard descriptor >= 0, inotify_add_watch(descriptor, folder, changes) >= 0 else {
      throw Failure.notWatched(folder: folder, reason: String(cString: strerror(errno)))
    }
  }

  deinit { close(descriptor) }

  /// Waits until a condition holds: looks at it now and after every change in the folder.
  ///
  /// - Parameters:
  ///   - what: What is awaited, for the error.
  ///   - end: A descriptor that hangs up when the process that is awaited has ended.
  /// - Throws: `Failure`, and what the condition throws.
  package func wait(
    for what: String, orEnd end: Int32, until condition: () throws -> Bool
  ) throws {
    let deadline = ContinuousClock.now + .seconds(120)
    while try !condition() {
      var sources = [descriptor, end].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      let left = (deadline - .now) / .milliseconds(1)
      let ready = poll(&sources, nfds_t(sources.count), Int32(max(0, left)))
      if ready < 0, errno == EINTR { continue }
      guard ready > 0 else { throw Failure.timedOut(before: what) }
      // All changes that a process makes come before its end.
      guard sources[0].revents != 0 else { throw Failure.ended(before: what) }
      var events = [UInt8](repeating: 0, count: 1 << 16)
      _ = read(descriptor, &events, events.count)
    }
  }
}

/// Waits until a file is there; the folders that it lies in may come later, too.
///
/// - Parameter end: A descriptor that hangs up when the process that is to write it has ended.
/// - Throws: `FolderWatch.Failure`.
package func waitForFile(_ path: String, orEnd end: Int32) throws {
  let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
  if !FileManager.default.fileExists(atPath: folder) { try waitForFile(folder, orEnd: end) }
  try FolderWatch(folder).wait(for: "\(path) was there", orEnd: end) {
    FileManager.default.fileExists(atPath: path)
  }
}
