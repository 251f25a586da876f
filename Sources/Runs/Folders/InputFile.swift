import Foundation
import TensorFiles

/// One input of a run as it was when the run began.
package struct InputFile: Codable, Equatable, Sendable {
  package let path: String
  package let bytes: Int
  /// FNV-1a, 64 bits, in hexadecimal: of a file's bytes, or of the names and sizes in a folder.
  package let fnv1a: String

  /// A file by its bytes.
  /// - Throws: `RunError.missing` or `.badData`.
  package init(path: String) throws {
    try requireFile(path, what: "input file", advice: "the run needs it")
    let data: Data
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
    } catch {
      throw RunError.badData(path: path, problem: "cannot be read: \(systemReason(error))")
    }
    self.path = absolutePath(path)
    bytes = data.count
    fnv1a = data.withUnsafeBytes { fnv1aText($0) }
  }

  /// A file by its bytes, or a folder by the names and sizes of its files.
  /// - Throws: `RunError.missing` or `.badData`.
  package init(fileOrFolder path: String) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue
    else {
      self = try Self(path: path)
      return
    }
    let names = try FileManager.default.subpathsOfDirectory(atPath: path).sorted()
    var bytes = 0
    let listing = names.map { name in
      let attributes = try? FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")
      let size = (attributes?[.size] as? NSNumber)?.intValue ?? 0
      bytes += size
      return "\(name) \(size)\n"
    }
    self.path = absolutePath(path)
    self.bytes = bytes
    fnv1a = fnv1aText(listing.joined().utf8)
  }

  /// The file where it is, or else the file of that name and content in the first of some folders
  /// that holds it: a run that has moved has its inputs beside it.
  ///
  /// - Parameter comparing: Whether a file that is at its old place counts only with its old content.
  package func found(in folders: [String], comparing: Bool = true) -> InputFile {
    let isThere =
      comparing
      ? (try? checkUnchanged()) != nil : FileManager.default.fileExists(atPath: path)
    guard !isThere else { return self }
    for folder in folders {
      if let file = try? InputFile(path: "\(folder)/\(name)"), file.bytes == bytes,
        file.fnv1a == fnv1a
      {
        return file
      }
    }
    return self
  }

  /// The file at another place, where it has the same content.
  /// - Throws: `RunError.badData` when it has not, `.missing` when there is none.
  package func moved(to path: String) throws -> InputFile {
    let there = try InputFile(path: path)
    guard there.bytes == bytes, there.fnv1a == fnv1a else {
      throw RunError.badData(
        path: path,
        problem: "is another file than \(name), which the run began with: it has "
          + "\(there.fingerprint), not \(fingerprint); name that one, or start a new run")
    }
    return there
  }

  /// Whether a file or a folder has the same content; also where that cannot be said, since there is none.
  package func isAlike(_ path: String) -> Bool {
    guard let there = try? InputFile(fileOrFolder: path) else { return true }
    return there.bytes == bytes && there.fnv1a == fnv1a
  }

  package var name: String { URL(fileURLWithPath: path).lastPathComponent }

  /// Size and hash, by which a copy can be known.
  package var fingerprint: String { "\(bytes) bytes and fnv1a \(fnv1a)" }

  /// Copies the file into a folder, under its name, unless one of this content is there.
  /// - Throws: `FileError`, or `RunError.unwritable` for the folder.
  package func copy(to folder: String) throws {
    let target = "\(folder)/\(name)"
    if let there = try? InputFile(path: target), there.fnv1a == fnv1a, there.bytes == bytes {
      return
    }
    try createFolder(folder)
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    try writeBytes(bytes, path: target)
  }

  /// Checks that the input is still what it was.
  /// - Throws: `RunError.badData` when it is not, `.missing` when it is gone.
  package func checkUnchanged() throws {
    guard FileManager.default.fileExists(atPath: path) else {
      throw RunError.missing(
        what: "input file", path: path,
        advice: "the run needs it; it had \(fingerprint)")
    }
    guard try InputFile(fileOrFolder: path) != self else { return }
    throw RunError.badData(
      path: path,
      problem: "has changed since the run began (\(bytes) bytes, fnv1a \(fnv1a)); "
        + "restore it, or start a new run")
  }
}

/// FNV-1a, 64 bits, in hexadecimal.
private func fnv1aText(_ bytes: some Sequence<UInt8>) -> String {
  let value = bytes.reduce(UInt64(0xcbf2_9ce4_8422_2325)) {
    ($0 ^ UInt64($1)) &* 0x100_0000_01b3
  }
  return String(value, radix: 16)
}
