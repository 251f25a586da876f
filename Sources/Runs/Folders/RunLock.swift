import Foundation
import TensorFiles

/// Runs `body` while no other process works in a folder; what processes that were killed left
/// unfinished in it is removed first.
///
/// The lock is a file `lock` with the number of the process; the system releases it when the
/// process ends, however it ends.
/// - Throws: `RunError.unwritable` when another process holds it, and what `body` throws; what is
///   due to a full disk as `RunError.fullDisk`.
package func withLock<Result>(on folder: String, _ body: () throws -> Result) throws -> Result {
  let path = "\(folder)/lock"
  // What a link of that name leads to would be emptied.
  let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
  guard descriptor >= 0 else {
    if errno == ELOOP {
      throw RunError.unwritable(path: path, reason: "it is a symbolic link; remove it")
    }
    throw RunError.unwritable(path: path, reason: String(cString: strerror(errno)))
  }
  defer { close(descriptor) }
  // Any other error is that of a file system without locks, which must not keep anybody from
  // working.
  if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
    let holder = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    throw RunError.unwritable(
      path: folder,
      reason: "process \(holder.split(separator: "\n").first ?? "?") works on this run; "
        + "wait for it or stop it")
  }
  ftruncate(descriptor, 0)
  let text = "\(getpid())\n"
  _ = text.withCString { write(descriptor, $0, strlen($0)) }
  defer { flock(descriptor, LOCK_UN) }
  for place in [folder, "\(folder)/checkpoints"] { removeAbandonedFiles(in: place) }
  do {
    return try body()
  } catch {
    throw isFullDisk(error) ? RunError.fullDisk(run: folder, problem: "\(error)") : error
  }
}
