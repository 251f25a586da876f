import Foundation
import Synchronization

/// Files that belong together, which get their names together or not at all.
///
/// Each is written in full under a name of its own first. When all are on the disk, a list of their
/// names is, too, and only then does the first get its name. A process that is killed before the
/// list leaves the old set; one that is killed after it, or that the disk refuses a name, leaves the
/// rest to the next, which gives them their names (``completeFileSets(in:)``, `FileSetTests`). The
/// list lies in the folder of some of the files; the others may lie in folders within it. Files of
/// other folders have no list.
package struct FileSet: ~Copyable {
  private var parts: [Part] = []

  private struct Part {
    let folder, temporary, name: String
    /// For messages.
    let path: String

    var place: String { "\(folder)/\(temporary)" }
  }

  /// A folder that was made for the set.
  private let folder: String?

  package init() { folder = nil }

  /// A set with a folder that is made for it, and goes again if it is empty when the set gets no
  /// names.
  /// - Throws: What `make` throws.
  package init<Failure: Error>(
    newFolder: String, making make: () throws(Failure) -> Void
  ) throws(Failure) {
    try noteUnfinished(folder: newFolder, making: make)
    folder = newFolder
  }

  deinit {
    for part in parts {
      unlink(part.place)
      forgetUnfinished(file: part.place)
    }
    if let folder {
      if !parts.isEmpty { rmdir(folder) }
      forgetUnfinished(folder: folder)
    }
  }

  /// Where a file of the set is to be written, durably, before ``commit()`` gives it its name.
  ///
  /// - Parameter path: What its name is to be.
  /// - Throws: ``FileError/unwritable(path:reason:)`` where no file can have the name.
  package mutating func place(for path: String) throws(FileError) -> String {
    let (folder, name) = try destination(of: path)
    removeAbandoned(name, in: folder)
    let part = Part(
      folder: folder, temporary: temporaryName(for: name), name: name, path: path)
    parts.append(part)
    noteUnfinished(file: part.place)
    return part.place
  }

  /// Writes a text of the set: see ``place(for:)``.
  ///
  /// - Returns: Where it was written.
  /// - Throws: ``FileError/unwritable(path:reason:)``.
  @discardableResult
  package mutating func write(_ text: String, path: String) throws(FileError) -> String {
    try write(Array(text.utf8), path: path)
  }

  /// Writes a file of the set: see ``place(for:)``.
  ///
  /// - Returns: Where it was written.
  /// - Throws: ``FileError/unwritable(path:reason:)``.
  @discardableResult
  package mutating func write(_ bytes: [UInt8], path: String) throws(FileError) -> String {
    let place = try place(for: path)
    do throws(FileError) {
      try writeBytes(bytes, path: place)
    } catch {
      throw error.reported(as: path)
    }
    return place
  }

  /// Writes a list of the checksums of all files so far, which are to lie in one folder.
  ///
  /// - SeeAlso: ``ChecksumList``.
  /// - Throws: ``FileError``.
  package mutating func writeChecksums(in folder: String) throws(FileError) {
    var files: [(name: String, checksum: String)] = []
    for part in parts { files.append((part.name, try checksum(path: part.place))) }
    try write(ChecksumList.text(files), path: "\(folder)/\(ChecksumList.name)")
  }

  /// Gives all files their names.
  /// - Throws: ``FileError/unwritable(path:reason:)``.
  package mutating func commit() throws(FileError) {
    guard let first = parts.first else { return }
    // From here on the files are to get their names, if not by this process then by the next.
    let list = try forgetUnfinished(files: parts.map(\.place)) { () throws(FileError) in
      try writeList()
    }
    defer { if let list { listed.withLock { _ = $0.remove(list) } } }
    for (number, part) in parts.enumerated() {
      guard rename(part.place, "\(part.folder)/\(part.name)") == 0 else {
        let reason = systemReason()
        // What has its name already belongs to what has not: the next process completes the set.
        if number > 0, list != nil { parts = [] } else if let list { unlink(list) }
        throw .unwritable(path: part.path, reason: reason)
      }
    }
    let folders = Set(parts.map(\.folder)).sorted()
    parts = []
    for folder in folders { try synchronize(folder, reportedAs: first.path) }
    if let list { unlink(list) }
  }

  /// Writes the list of all files, from whose place the folders are counted; nil where there is
  /// nothing to list.
  private func writeList() throws(FileError) -> String? {
    guard parts.count > 1, let top = parts.min(by: { $0.folder.utf8.count < $1.folder.utf8.count })
    else { return nil }
    var lines = ""
    for part in parts {
      guard let below = level(of: part.folder, below: top.folder) else { return nil }
      lines += "\(below)\(part.temporary)/\(part.name)\n"
    }
    let list = "\(top.folder)/\(temporaryName(for: top.name, ending: listEnding))"
    listed.withLock { _ = $0.insert(list) }
    do throws(FileError) {
      try writeText(lines, path: list)
    } catch {
      // It may have its name all the same, as when the folder could not be synchronized.
      unlink(list)
      listed.withLock { _ = $0.remove(list) }
      throw error.reported(as: top.path)
    }
    return list
  }
}

/// The folder as a list names it, with a slash at the end: "" for that of the list, "name/" for one
/// within it; nil for any other.
private func level(of folder: String, below top: String) -> String? {
  if folder == top { return "" }
  guard folder.hasPrefix(top + "/") else { return nil }
  let name = folder.dropFirst(top.count + 1)
  return name.isEmpty || name.utf8.contains(UInt8(ascii: "/")) ? nil : "\(name)/"
}

private let listEnding = "set"

/// The lists that this process is working on, by their paths.
private let listed = Mutex<Set<String>>([])

/// Gives the files of sets their names that a process was killed over; a folder that may not be
/// written stays as it is.
package func completeFileSets(in folder: String) {
  let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  for list in names {
    guard let process = writer(ofTemporary: list, ending: listEnding),
      !listed.withLock({ $0.contains("\(resolved(folder) ?? folder)/\(list)") }),
      // In a container every process may have the same number.
      process == getpid() || (kill(process, 0) != 0 && errno == ESRCH),
      let text = try? readText(path: "\(folder)/\(list)")
    else { continue }
    var folders: Set<String> = [folder]
    for line in text.split(separator: "\n") {
      // A further slash in a name would lead out of the folder.
      var parts = line.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
      let within = parts.count == 3 ? parts.removeFirst() : nil
      guard parts.count == 2, isTemporaryName(parts[0]), isPlainName(parts[1]),
        within.map({ isPlainName($0) && isFolderItself("\(folder)/\($0)") }) ?? true
      else { continue }
      let place = within.map { "\(folder)/\($0)" } ?? folder
      folders.insert(place)
      rename("\(place)/\(parts[0])", "\(place)/\(parts[1])")
    }
    guard folders.allSatisfy({ (try? synchronize($0, reportedAs: $0)) != nil }) else { continue }
    unlink("\(folder)/\(list)")
  }
}

private func isPlainName(_ name: String) -> Bool { ![".", "..", ""].contains(name) }

/// Whether a path is a folder, and no link to one.
private func isFolderItself(_ path: String) -> Bool {
  var status = stat()
  return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}
