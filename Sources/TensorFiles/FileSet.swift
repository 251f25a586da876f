import Foundation
import Synchronization

/// Files that belong together, which get their names together or not at all.
///
/// Each is written in full under a name of its own first. When all are on the disk, a list of their
/// names is, too, and only then does the first get its name. A process that is killed before the
/// list leaves the old set; one that is killed after it leaves the rest to the next, which gives
/// them their names (``completeFileSets(in:)``, `FileSetTests`). Files of several folders have no
/// list.
package struct FileSet: ~Copyable {
  private var parts: [Part] = []

  private struct Part {
    let folder, temporary, name: String
    /// For messages.
    let path: String
  }

  package init() {}

  deinit { for part in parts { unlink("\(part.folder)/\(part.temporary)") } }

  /// Where a file of the set is to be written, durably, before ``commit()`` gives it its name.
  ///
  /// - Parameter path: What its name is to be.
  /// - Throws: ``FileError/unwritable(path:reason:)`` where no file can have the name.
  package mutating func place(for path: String) throws(FileError) -> String {
    let (folder, name) = try destination(of: path)
    let part = Part(
      folder: folder, temporary: temporaryName(for: name), name: name, path: path)
    parts.append(part)
    return "\(folder)/\(part.temporary)"
  }

  /// Writes a text of the set: see ``place(for:)``.
  ///
  /// - Returns: Where it was written.
  /// - Throws: ``FileError/unwritable(path:reason:)``.
  @discardableResult
  package mutating func write(_ text: String, path: String) throws(FileError) -> String {
    let place = try place(for: path)
    do throws(FileError) {
      try writeText(text, path: place)
    } catch .unwritable(place, let reason) {
      throw .unwritable(path: path, reason: reason)
    }
    return place
  }

  /// Gives all files their names.
  /// - Throws: ``FileError/unwritable(path:reason:)``.
  package mutating func commit() throws(FileError) {
    guard let first = parts.first else { return }
    let list = temporaryName(for: first.name, ending: listEnding)
    let isListed = parts.count > 1 && parts.allSatisfy { $0.folder == first.folder }
    if isListed {
      listed.withLock { _ = $0.insert(list) }
      try writeText(
        parts.map { "\($0.temporary)/\($0.name)\n" }.joined(), path: "\(first.folder)/\(list)")
    }
    defer {
      if isListed {
        unlink("\(first.folder)/\(list)")
        listed.withLock { _ = $0.remove(list) }
      }
    }
    for part in parts {
      guard rename("\(part.folder)/\(part.temporary)", "\(part.folder)/\(part.name)") == 0 else {
        throw .unwritable(path: part.path, reason: systemReason())
      }
    }
    for folder in Set(parts.map(\.folder)).sorted() {
      try synchronize(folder, reportedAs: first.path)
    }
    parts = []
  }
}

private let listEnding = "set"

/// The lists that this process is working on.
private let listed = Mutex<Set<String>>([])

/// Gives the files of sets their names that a process was killed over; a folder that may not be
/// written stays as it is.
package func completeFileSets(in folder: String) {
  for list in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
    guard let process = writer(ofTemporary: list, ending: listEnding),
      !listed.withLock({ $0.contains(list) }),
      // In a container every process may have the same number.
      process == getpid() || (kill(process, 0) != 0 && errno == ESRCH),
      let text = try? readText(path: "\(folder)/\(list)")
    else { continue }
    for line in text.split(separator: "\n") {
      // A slash in a name would lead out of the folder.
      let names = line.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
      guard names.count == 2, isTemporaryName(names[0]), ![".", "..", ""].contains(names[1]) else {
        continue
      }
      rename("\(folder)/\(names[0])", "\(folder)/\(names[1])")
    }
    guard (try? synchronize(folder, reportedAs: folder)) != nil else { continue }
    unlink("\(folder)/\(list)")
  }
}
