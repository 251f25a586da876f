import Foundation

/// The checksums of files, in a list beside them: a line `NAME CRC` for each, as the programs that
/// know SFV (such as cksfv) check it.
package enum ChecksumList {
  /// The name of the list in the folder of its files.
  package static let name = "checksums.sfv"

  /// The text of a list.
  package static func text(_ files: [(name: String, checksum: String)]) -> String {
    "; CRC-32 of the files beside this list\n"
      + files.map { "\($0.name) \($0.checksum)\n" }.joined()
  }

  /// The names and checksums of a list; empty where there is none.
  package static func files(in folder: String) -> [(name: String, checksum: String)] {
    guard let text = try? readText(path: "\(folder)/\(name)") else { return [] }
    return text.split(separator: "\n").compactMap { line in
      guard !line.hasPrefix(";"), let blank = line.lastIndex(of: " ") else { return nil }
      return (String(line[..<blank]), String(line[line.index(after: blank)...]))
    }
  }

  /// Takes a file out of the list beside it; nothing is written where it is in none.
  ///
  /// - Throws: ``FileError/unwritable(path:reason:)`` (`ChecksumListTests`).
  package static func remove(_ path: String) throws(FileError) {
    let place = URL(fileURLWithPath: path)
    let folder = place.deletingLastPathComponent().path
    let all = files(in: folder)
    let others = all.filter { $0.name != place.lastPathComponent }
    guard others.count < all.count else { return }
    try writeText(text(others), path: "\(folder)/\(name)")
  }

  /// Checks that a file is as the list beside it says; one that is in no list passes.
  ///
  /// - Throws: ``FileError/content(path:problem:)`` with both checksums (`ChecksumListTests`).
  package static func check(_ path: String) throws(FileError) {
    let place = URL(fileURLWithPath: path)
    let file = place.lastPathComponent
    let folder = place.deletingLastPathComponent().path
    guard let expected = files(in: folder).first(where: { $0.name == file })?.checksum else {
      return
    }
    let found = try checksum(path: path)
    guard found != expected.lowercased() else { return }
    throw .content(
      path: path,
      problem: "is not what \(name) beside it was written with: its bytes have the checksum "
        + "\(found), expected \(expected.prefix(40)); use a copy, or remove its line from that list"
    )
  }
}

/// The checksum of the beginning of a file that grows at its end; what it has seen is not read
/// again.
package struct PrefixChecksum: Sendable {
  private var checksum = Checksum()
  private var size = 0
  private let changing: Range<Int>

  /// - Parameter changing: Bytes that count as zeros, since they change while the file grows.
  package init(leavingOut changing: Range<Int> = 0..<0) { self.changing = changing }

  /// Goes on to the first `end` bytes.
  /// - Throws: ``FileError`` for a file that has fewer.
  package mutating func extend(to end: Int, of path: String) throws(FileError) -> String {
    let file = try OpenFile(path: path)
    while size < end {
      var bytes = try file.read(min(1 << 20, end - size), at: size, path: path)
      for place in changing.clamped(to: size..<size + bytes.count) { bytes[place - size] = 0 }
      checksum.add(bytes)
      size += bytes.count
    }
    return "\(checksum)"
  }
}
