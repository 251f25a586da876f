import Foundation

/// Keeps a second process out of a run folder; the system releases it when the process ends, however it ends.
struct RunLock {
  private let descriptor: Int32

  /// Takes the lock, a file `lock` with the number of the process.
  /// - Throws: `CommandError.unwritable` when another process has it.
  init(_ run: RunFolder) throws { try self.init(path: run.path) }

  /// Takes the lock of a folder.
  /// - Throws: `CommandError.unwritable` when another process has it.
  init(path folder: String) throws {
    let path = "\(folder)/lock"
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw CommandError.unwritable(path: path, reason: String(cString: strerror(errno)))
    }
    // Any other error is that of a file system without locks, which must not keep anybody from working.
    if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
      let holder = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
      close(descriptor)
      throw CommandError.unwritable(
        path: folder,
        reason: "process \(holder.split(separator: "\n").first ?? "?") works on this run; "
          + "wait for it or stop it")
    }
    ftruncate(descriptor, 0)
    let text = "\(getpid())\n"
    _ = text.withCString { write(descriptor, $0, strlen($0)) }
  }

  func release() {
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }
}
