import Foundation
import Synchronization

/// Writes a file under a temporary name in the same folder, and gives it its name only when it is
/// complete and on the disk.
///
/// What was there under that name stays as it is until then, and for good when anything fails; the
/// temporary file is gone then. Afterwards the content and the name have both reached the disk. A
/// symbolic link is written through unless it leads out of its folder: then what lies there is
/// somebody else's. (`ReplaceFileTests`.)
///
/// - Parameters:
///   - wrap: The caller's error for a refusal of the operating system.
///   - write: Writes the whole file at the path that it is given; no file is there yet.
/// - Throws: What `write` throws, or ``FileError/unwritable(path:reason:)``, wrapped.
package func replaceFile<Failure: Error>(
  path: String, wrap: (FileError) -> Failure,
  _ write: (_ temporaryPath: String) throws(Failure) -> Void
) throws(Failure) {
  func wrapped<Result>(_ body: () throws(FileError) -> Result) throws(Failure) -> Result {
    do throws(FileError) { return try body() } catch { throw wrap(error) }
  }
  let (folder, name) = try wrapped { () throws(FileError) in try destination(of: path) }
  removeAbandoned(name, in: folder)
  let temporary = "\(folder)/\(temporaryName(for: name))"
  do throws(Failure) {
    try write(temporary)
    try wrapped { () throws(FileError) in
      try synchronize(temporary, reportedAs: path)
      guard rename(temporary, "\(folder)/\(name)") == 0 else {
        throw .unwritable(path: path, reason: systemReason())
      }
    }
  } catch {
    unlink(temporary)
    throw error
  }
  try wrapped { () throws(FileError) in try synchronize(folder, reportedAs: path) }
}

/// Writes a file under a temporary name in the same folder, and gives it its name only when it is
/// complete and on the disk, for callers whose error is a ``FileError``.
package func replaceFile(
  path: String, _ write: (_ temporaryPath: String) throws(FileError) -> Void
) throws(FileError) {
  try replaceFile(path: path, wrap: { $0 }, write)
}

/// Gives a file another name in the same file system, and waits until both folders are on the disk.
///
/// A file that has the new name is replaced.
/// - Throws: ``FileError/unwritable(path:reason:)`` with the new path.
package func renameDurably(from old: String, to new: String) throws(FileError) {
  guard rename(old, new) == 0 else { throw .unwritable(path: new, reason: systemReason()) }
  let folders = Set([folder(of: old), folder(of: new)])
  for folder in folders.sorted() { try synchronize(folder, reportedAs: new) }
}

/// Waits until a file or folder is on the disk.
/// - Throws: ``FileError/unwritable(path:reason:)`` for the path that the user knows.
package func synchronize(_ place: String, reportedAs path: String) throws(FileError) {
  let descriptor = open(place, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw .unwritable(path: path, reason: systemReason()) }
  defer { close(descriptor) }
  // Some network file systems cannot synchronize a folder, and say EINVAL.
  guard fsync(descriptor) == 0 || errno == EINVAL else {
    throw .unwritable(path: path, reason: systemReason())
  }
}

/// The files that this process has begun to write.
private let begun = Atomic<Int>(0)

/// A hidden name that no other writer has, of this process or another.
func temporaryName(for name: String, ending: String = "tmp") -> String {
  let number = begun.add(1, ordering: .relaxed).newValue
  return ".\(startOfTemporaryName(for: name)).\(getpid()).\(number).\(ending)"
}

/// A name may have 255 bytes; one of 150 leaves room for another such name around it.
private func startOfTemporaryName(for name: String) -> String {
  String(decoding: name.utf8.prefix(150), as: UTF8.self)
}

/// The process that writes, or wrote, the temporary file of a name; nil for any other name.
func writer(ofTemporary name: String, ending: String = "tmp") -> pid_t? {
  let parts = name.split(separator: ".", omittingEmptySubsequences: false)
  guard parts.count >= 5, parts[0].isEmpty, parts[parts.count - 1] == ending,
    Int(parts[parts.count - 2]) != nil
  else { return nil }
  return pid_t(parts[parts.count - 3])
}

/// Whether a name is that of a temporary file that ``replaceFile(path:wrap:_:)`` writes.
package func isTemporaryName(_ name: String) -> Bool { writer(ofTemporary: name) != nil }

/// Removes what ``replaceFile(path:wrap:_:)`` of processes that were killed left in a folder, after
/// the sets of files that only wanted their names have got them.
package func removeAbandonedFiles(in folder: String) {
  completeFileSets(in: folder)
  for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
    if isAbandoned(name) { unlink("\(folder)/\(name)") }
  }
}

/// Names of temporary files that processes which were killed left, in the folders that this process
/// has written to; looked for once.
private let abandoned = Mutex<[String: [String]]>([:])

/// Removes what killed processes left of a file that is to be written, in a folder that need not be
/// locked; before, sets of files there that only wanted their names get them, so that they cannot
/// replace what is written now.
func removeAbandoned(_ name: String, in folder: String) {
  let begins = ".\(startOfTemporaryName(for: name))."
  // The parts of a set are themselves written under temporary names.
  guard !isTemporaryName(name) else { return }
  let left = abandoned.withLock { folders in
    if folders[folder] == nil {
      completeFileSets(in: folder)
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      folders[folder] = names.filter { isAbandoned($0) }
    }
    let left = (folders[folder] ?? []).filter {
      $0.hasPrefix(begins) || $0.hasPrefix(".\(begins)")
    }
    folders[folder]?.removeAll { left.contains($0) }
    return left
  }
  for temporary in left { unlink("\(folder)/\(temporary)") }
}

/// Whether a name is that of a temporary file whose writer has ended.
private func isAbandoned(_ name: String) -> Bool {
  guard let process = writer(ofTemporary: name) else { return false }
  return kill(process, 0) != 0 && errno == ESRCH
}

/// The folder, with symbolic links resolved, and the name of a file to be written.
func destination(of path: String) throws(FileError) -> (folder: String, name: String) {
  var path = path
  var status = stat()
  if stat(path, &status) == 0 {
    // Renaming over /dev/null would replace the device.
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .unwritable(path: path, reason: "there is something else than a file of that name")
    }
    path = try followed(path)
  }
  let name = path.utf8.lastIndex(of: slash).map { String(path[path.index(after: $0)...]) } ?? path
  guard !name.isEmpty else { throw .unwritable(path: path, reason: "there is no name in it") }
  guard let folder = resolved(folder(of: path)) else {
    throw .unwritable(path: path, reason: systemReason())
  }
  return (folder, name)
}

/// The file that a path leads to, whose symbolic links stay within the folder of the path.
/// - Throws: ``FileError/unwritable(path:reason:)`` for a link that leads out of it.
func followed(_ path: String) throws(FileError) -> String {
  guard isLink(path), let target = resolved(path), let folder = resolved(folder(of: path)) else {
    return path
  }
  guard target.hasPrefix(folder == "/" ? folder : folder + "/") else {
    throw .unwritable(
      path: path,
      reason:
        "it is a symbolic link that leads out of its folder, to \(target); remove it, or name "
        + "that file")
  }
  return target
}

/// Checks that a file which is opened under its own name, and not replaced, is none elsewhere: a
/// symbolic link of its name may lead to another file of its folder only (`GrowingTrajectoryTests`).
/// - Throws: ``FileError/unwritable(path:reason:)``.
package func checkOwnFile(_ path: String) throws(FileError) {
  guard isLink(path) else { return }
  guard resolved(path) != nil else {
    throw .unwritable(
      path: path, reason: "it is a symbolic link that leads nowhere; remove it")
  }
  _ = try followed(path)
}

/// Whether the last name of a path is a symbolic link.
private func isLink(_ path: String) -> Bool {
  var status = stat()
  return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
}

private let slash = UInt8(ascii: "/")

/// The folder that a path names, without looking at the disk.
private func folder(of path: String) -> String {
  guard let cut = path.utf8.lastIndex(of: slash) else { return "." }
  return cut == path.startIndex ? "/" : String(path[..<cut])
}

/// The path with symbolic links resolved; nil when it leads nowhere.
func resolved(_ path: String) -> String? {
  guard let resolved = realpath(path, nil) else { return nil }
  defer { free(resolved) }
  return String(cString: resolved)
}
