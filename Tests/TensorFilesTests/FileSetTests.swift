import Foundation
import TensorFiles
import TestSupport
import Testing

@Suite struct FileSetTests {
  private func names(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  @Test func `no file has its name before all are written`() throws {
    try withTemporaryFolder { folder in
      try writeText("old", path: "\(folder)/a")
      var set = FileSet()
      try set.write("new", path: "\(folder)/a")
      try writeBytes([1, 2], path: try set.place(for: "\(folder)/b"))
      #expect(try readText(path: "\(folder)/a") == "old")
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/b"))
      try set.commit()
      #expect(try readText(path: "\(folder)/a") == "new")
      #expect(try readBytes(path: "\(folder)/b") == Data([1, 2]))
      #expect(try names(folder) == ["a", "b"])
    }
  }

  @Test func `a set that is given up leaves nothing`() throws {
    try withTemporaryFolder { folder in
      do {
        var set = FileSet()
        try set.write("new", path: "\(folder)/a")
        #expect(throws: FileError.self) { try set.write("new", path: "\(folder)/none/b") }
      }
      let left = try names(folder)
      #expect(left.isEmpty)
    }
  }

  /// The states that a kill can leave between two renames, and that before the first.
  @Test(arguments: 0...2)
  func `what a killed process had written gets its name`(renamed: Int) throws {
    try withTemporaryFolder { folder in
      // No process has the number 2³¹ − 1: Linux counts to 2²².
      let temporary = ["a", "b"].map { ".\($0).2147483647.1.tmp" }
      let list = "\(folder)/.a.2147483647.3.set"
      for (index, name) in ["a", "b"].enumerated() {
        try writeText("old", path: "\(folder)/\(name)")
        try writeText("new", path: "\(folder)/\(index < renamed ? name : temporary[index])")
      }
      try writeText("\(temporary[0])/a\n\(temporary[1])/b\n", path: list)
      removeAbandonedFiles(in: folder)
      #expect(try names(folder) == ["a", "b"])
      for name in ["a", "b"] { #expect(try readText(path: "\(folder)/\(name)") == "new") }
    }
  }

  @Test func `a process that was killed before its list leaves the old set`() throws {
    try withTemporaryFolder { folder in
      for name in ["a", "b"] {
        try writeText("old", path: "\(folder)/\(name)")
        try writeText("new", path: "\(folder)/.\(name).2147483647.1.tmp")
      }
      removeAbandonedFiles(in: folder)
      #expect(try names(folder) == ["a", "b"])
      for name in ["a", "b"] { #expect(try readText(path: "\(folder)/\(name)") == "old") }
    }
  }

  @Test func `a list gives no name outside its folder, and to no other file`() throws {
    try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(
        atPath: "\(folder)/in", withIntermediateDirectories: true)
      try writeText("mine", path: "\(folder)/victim")
      try writeText("theirs", path: "\(folder)/in/.x.2147483647.1.tmp")
      try writeText("kept", path: "\(folder)/in/y")
      try writeText(
        ".x.2147483647.1.tmp/../victim\n../victim/z\ny/z\n.x.2147483647.1.tmp/..\n",
        path: "\(folder)/in/.a.2147483647.3.set")
      completeFileSets(in: "\(folder)/in")
      #expect(try readText(path: "\(folder)/victim") == "mine")
      #expect(try names("\(folder)/in") == [".x.2147483647.1.tmp", "y"])
    }
  }

  @Test func `the list of a process that lives stays`() throws {
    try withTemporaryFolder { folder in
      // The first process always lives.
      try writeText("new", path: "\(folder)/.a.1.1.tmp")
      try writeText(".a.1.1.tmp/a\n", path: "\(folder)/.a.1.2.set")
      completeFileSets(in: folder)
      #expect(try names(folder) == [".a.1.1.tmp", ".a.1.2.set"])
    }
  }
}
