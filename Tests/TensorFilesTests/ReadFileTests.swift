import Foundation
import TensorFiles
import TestSupport
import Testing

@Suite struct ReadFileTests {
  @Test func `what is no plain file is refused without waiting`() throws {
    try withTemporaryFolder { folder in
      let (missing, pipe) = (folder + "/missing", folder + "/pipe")
      #expect(mkfifo(pipe, 0o600) == 0)
      for (error, path, problem) in [
        (FileError.missing(path: missing), missing, "cannot be read: No such file or directory"),
        (
          .notPlainFile(path: folder, isFolder: true), folder,
          "is a folder, no file; name a file in it"
        ),
        (.notPlainFile(path: pipe, isFolder: false), pipe, FileError.isPipe),
        (.notPlainFile(path: "/dev/null", isFolder: false), "/dev/null", FileError.isPipe),
        (
          .unreadable(path: "/dev/null/a", reason: "Not a directory"), "/dev/null/a",
          "cannot be read: Not a directory"
        ),
      ] {
        #expect(throws: error) { try requirePlainFile(path) }
        #expect(throws: error) { _ = try readText(path: path) }
        #expect(throws: error) { _ = try OpenFile(path: path).size }
        #expect(error.description == "\(path): \(problem)")
      }
      #expect(isFolder(folder) && !isFolder(pipe) && !isFolder(missing))
    }
  }

  @Test func `text is UTF-8`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a"
      for text in ["", "ä\r\n\u{0}"] {
        try writeText(text, path: path)
        #expect(try readText(path: path).unicodeScalars.elementsEqual(text.unicodeScalars))
        #expect(try OpenFile(path: path).size == text.utf8.count)
      }
      try writeBytes([0xEF, 0xBB, 0xBF, 0x41], path: path)
      #expect(try readText(path: path) == "A", "a byte order mark")
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "A")
      try writeBytes([0xFF, 0xFE, 0x41], path: path)
      #expect(throws: FileError.content(path: path, problem: "is no UTF-8 text")) {
        _ = try readText(path: path)
      }
    }
  }

  // Root may read everything.
  @Test(.enabled(if: geteuid() != 0, "root may read everything"))
  func `a file without permission is refused`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a"
      try writeText("a", path: path)
      #expect(chmod(path, 0) == 0)
      #expect(throws: FileError.unreadable(path: path, reason: "Permission denied")) {
        _ = try readText(path: path)
      }
    }
  }
}
