import Foundation
import TensorFiles
import TestSupport
import Testing

@Suite struct FileSetTests {
  private func names(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  private func leave(_ text: String, _ path: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
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

  @Test func `a folder that was made for a set goes with it`() throws {
    try withTemporaryFolder { folder in
      let (given, kept) = ("\(folder)/given", "\(folder)/kept")
      func make(_ path: String) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      }
      do {
        var set = try FileSet(newFolder: given) { try make(given) }
        try set.write("new", path: "\(given)/a")
        var other = try FileSet(newFolder: kept) { try make(kept) }
        try other.write("new", path: "\(kept)/a")
        try other.commit()
      }
      let left = try names(folder)
      #expect(left == ["kept"])
    }
  }

  /// The end waits for the list or the list for the end, whatever has been written by then.
  @Test func `a set that a signal ends leaves no list of some of its files`() async throws {
    await #expect(processExitsWith: .success) {
      try withTemporaryFolder { folder in
        var set = FileSet()
        try set.write("new", path: "\(folder)/a")
        let late = try set.place(for: "\(folder)/b")
        let begun = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
          endWithoutUnfinishedFiles {
            begun.signal()
            // A hundred times what the list takes.
            usleep(1_000_000)
            let left = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? ["?"]
            try? FileManager.default.removeItem(atPath: folder)
            exit(left.contains { $0.hasSuffix(".set") } ? EXIT_FAILURE : EXIT_SUCCESS)
          }
        }
        begun.wait()
        // What was being written when the end removed the rest.
        try writeText("new", path: late)
        try set.commit()
        exit(EXIT_FAILURE)
      }
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

  /// A page and a table in a folder beside it, with the states that a kill can leave.
  @Test(arguments: 0...2)
  func `a set may reach into a folder within its own`(renamed: Int) throws {
    try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(
        atPath: "\(folder)/in", withIntermediateDirectories: true)
      let parts = [("in/", "table"), ("", "page")]
      func temporary(_ name: String) -> String { ".\(name).2147483647.1.tmp" }
      for (index, (place, name)) in parts.enumerated() {
        // Not by our writer, which looks at a folder before it first writes there.
        try leave("old", "\(folder)/\(place)\(name)")
        let isThere = index < renamed
        try leave("new", "\(folder)/\(place)\(isThere ? name : temporary(name))")
      }
      try leave(
        parts.map { "\($0)\(temporary($1))/\($1)\n" }.joined(),
        "\(folder)/.page.2147483647.3.set")
      // Whatever writes there first, the new page is not followed by what was left.
      try writeText("newest", path: "\(folder)/page")
      #expect(try readText(path: "\(folder)/in/table") == "new")
      #expect(try readText(path: "\(folder)/page") == "newest")
      #expect(try names(folder) == ["in", "page"])
      #expect(try names("\(folder)/in") == ["table"])

      var set = FileSet()
      try set.write("a", path: "\(folder)/in/table")
      try set.write([0x62], path: "\(folder)/page")
      #expect(try readText(path: "\(folder)/in/table") == "new")
      try set.commit()
      #expect(try readText(path: "\(folder)/in/table") == "a")
      #expect(try readText(path: "\(folder)/page") == "b")
      #expect(try names(folder) == ["in", "page"])
    }
  }

  @Test func `a list does not reach through a link to another folder`() throws {
    try withTemporaryFolder { folder in
      let files = FileManager.default
      for name in ["victim", "in"] {
        try files.createDirectory(
          atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
      }
      try files.createSymbolicLink(
        atPath: "\(folder)/in/link", withDestinationPath: "../victim")
      for place in ["victim", "in"] {
        try writeText("theirs", path: "\(folder)/\(place)/.x.2147483647.1.tmp")
      }
      try writeText(
        "link/.x.2147483647.1.tmp/x\n../victim/.x.2147483647.1.tmp/x\n",
        path: "\(folder)/in/.a.2147483647.3.set")
      completeFileSets(in: "\(folder)/in")
      #expect(try names("\(folder)/victim") == [".x.2147483647.1.tmp"])
    }
  }

  @Test func `a set that is refused a name is completed by the next process`() throws {
    try withTemporaryFolder { folder in
      // A folder of the second name: no file can take its place.
      var set = FileSet()
      try set.write("new", path: "\(folder)/a")
      try set.write("new", path: "\(folder)/b")
      try FileManager.default.createDirectory(
        atPath: "\(folder)/b/c", withIntermediateDirectories: true)
      #expect(throws: FileError.self) { try set.commit() }
      #expect(try names(folder).count == 4)
      try FileManager.default.removeItem(atPath: "\(folder)/b")
      completeFileSets(in: folder)
      #expect(try names(folder) == ["a", "b"])
      for name in ["a", "b"] { #expect(try readText(path: "\(folder)/\(name)") == "new") }
    }
  }
}
