import Glibc

/// Makes a file under a temporary name in the same folder, and gives it its name only when it is complete and on
/// the disk; a file that is already there stays as it is until then.
///
/// - Parameter make: writes the file at the path it is given.
/// - Throws: what `make` throws, or ``TrajectoryError/unwritable(path:reason:)``; the temporary file is gone then.
func replaceFile(
  path: String, make: (_ temporaryPath: String) throws(TrajectoryError) -> Void
) throws(TrajectoryError) {
  let (folder, name) = try destination(of: path)
  let temporary = "\(folder)/\(name).\(getpid()).tmp"
  do throws(TrajectoryError) {
    try make(temporary)
    try synchronize(temporary, flags: O_RDONLY, reportedAs: path)
    guard rename(temporary, "\(folder)/\(name)") == 0 else {
      throw .unwritable(path: path, reason: lastSystemError())
    }
  } catch {
    unlink(temporary)
    throw error
  }
  try synchronize(folder, flags: O_RDONLY | O_DIRECTORY, reportedAs: path)
}

/// The folder, with symbolic links resolved, and the name of a file to be written.
private func destination(
  of path: String
) throws(TrajectoryError) -> (folder: String, name: String) {
  var path = path
  var status = stat()
  if stat(path, &status) == 0 {
    // Renaming over /dev/null would replace the device.
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .unwritable(path: path, reason: "there is something else than a file of that name")
    }
    if let resolved = realpath(path, nil) {
      path = String(cString: resolved)
      free(resolved)
    }
  }
  let cut = path.utf8.lastIndex(of: UInt8(ascii: "/"))
  let name = cut.map { String(path[path.index(after: $0)...]) } ?? path
  let folder = cut.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
  guard !name.isEmpty else { throw .unwritable(path: path, reason: "there is no name in it") }
  guard let resolved = realpath(folder, nil) else {
    throw .unwritable(path: path, reason: lastSystemError())
  }
  defer { free(resolved) }
  return (String(cString: resolved), name)
}

/// Waits until a file or folder is on the disk.
func synchronize(
  _ place: String, flags: Int32, reportedAs path: String
) throws(TrajectoryError) {
  let descriptor = open(place, flags | O_CLOEXEC)
  guard descriptor >= 0 else { throw .unwritable(path: path, reason: lastSystemError()) }
  defer { close(descriptor) }
  // Some network file systems cannot synchronize a folder, and say EINVAL.
  guard fsync(descriptor) == 0 || errno == EINVAL else {
    throw .unwritable(path: path, reason: lastSystemError())
  }
}
