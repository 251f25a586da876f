import Foundation
import TensorFiles
import TestSupport
import Testing

@Suite struct ReplaceFileTests {
  private func names(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  private struct Stop: Error, Equatable {
    var cause: FileError?
  }

  @Test func `what is there stays until the new file is complete`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a.txt"
      try writeText("old", path: path)
      try replaceFile(path: path, wrap: Stop.init) { (temporary) throws(Stop) in
        #expect(temporary.hasPrefix(folder) && temporary != path)
        #expect(!FileManager.default.fileExists(atPath: temporary))
        #expect(FileManager.default.createFile(atPath: temporary, contents: Data("new".utf8)))
        #expect(FileManager.default.contents(atPath: path) == Data("old".utf8))
      }
      #expect(try readText(path: path) == "new")
      #expect(try names(folder) == ["a.txt"])
    }
  }

  @Test func `a failure leaves the old file and no temporary one`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a.txt"
      try writeText("old", path: path)
      let failure = FileError.unwritable(path: path, reason: "no")
      #expect(throws: failure) {
        try writeFile(path: path) { (file) throws(FileError) in
          try file.write(Array("half".utf8))
          throw failure
        }
      }
      #expect(throws: Stop()) {
        try replaceFile(path: path, wrap: Stop.init) { (temporary) throws(Stop) in
          #expect(FileManager.default.createFile(atPath: temporary, contents: nil))
          throw Stop()
        }
      }
      // Nothing was written.
      #expect(throws: Stop(cause: .unwritable(path: path, reason: "No such file or directory"))) {
        try replaceFile(path: path, wrap: Stop.init) { (_) throws(Stop) in }
      }
      #expect(try readText(path: path) == "old")
      #expect(try names(folder) == ["a.txt"])
    }
  }

  @Test func `a place where no file can be is named`() throws {
    try withTemporaryFolder { folder in
      let other = "there is something else than a file of that name"
      for (path, reason) in [
        (folder, other), ("/dev/null", other), (folder + "/b/a.txt", "No such file or directory"),
        (folder + "/", other), (folder + "/b/", "there is no name in it"),
        ("", "there is no name in it"),
      ] {
        let error = FileError.unwritable(path: path, reason: reason)
        #expect(throws: error) { try writeText("new", path: path) }
        #expect(error.description == "\(path): cannot be written: \(reason)")
      }
      let left = try names(folder)
      #expect(left.isEmpty)
    }
  }

  // Root may write everywhere.
  @Test(.enabled(if: geteuid() != 0, "root may write everywhere"))
  func `a folder without permission is named`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a.txt"
      try writeText("old", path: path)
      #expect(chmod(folder, 0o500) == 0)
      defer { chmod(folder, 0o700) }
      #expect(throws: FileError.unwritable(path: path, reason: "Permission denied")) {
        try writeText("new", path: path)
      }
      #expect(try readText(path: path) == "old")
    }
  }

  @Test func `a link is written through`() throws {
    try withTemporaryFolder { folder in
      let (target, link) = (folder + "/target", folder + "/link")
      try writeText("old", path: target)
      #expect(symlink("target", link) == 0)
      try writeText("new", path: link)
      #expect(try readText(path: target) == "new")
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "target")
      #expect(try names(folder) == ["link", "target"])
    }
  }

  @Test func `a link that leads out of its folder is not followed`() throws {
    try withTemporaryFolder { folder in
      let inside = folder + "/run"
      try FileManager.default.createDirectory(
        atPath: inside + "/deep", withIntermediateDirectories: true)
      try writeText("theirs", path: folder + "/victim")
      try writeText("old", path: inside + "/deep/own")
      #expect(symlink("../victim", inside + "/out") == 0)
      #expect(symlink("deep/own", inside + "/in") == 0)
      let error = #expect(throws: FileError.self) { try writeText("new", path: inside + "/out") }
      #expect(
        error?.description.contains("it is a symbolic link that leads out of its folder, to ")
          == true)
      #expect(throws: FileError.self) {
        var file = try GrowingFile(path: inside + "/out")
        try file.append("x")
      }
      #expect(try readText(path: folder + "/victim") == "theirs")
      try writeText("new", path: inside + "/in")
      #expect(try readText(path: inside + "/deep/own") == "new")
      // A run folder may itself be a link to another disk.
      #expect(symlink("run", folder + "/linked") == 0)
      try writeText("newer", path: folder + "/linked/in")
      #expect(try readText(path: inside + "/deep/own") == "newer")
    }
  }

  @Test(arguments: ["a b ü", ".hidden", "-n", String(repeating: "ü", count: 127)])
  func `odd and long names are names`(name: String) throws {
    try withTemporaryFolder { folder in
      try writeText("new", path: "\(folder)/\(name)")
      #expect(try readText(path: "\(folder)/\(name)") == "new")
      #expect(try names(folder) == [name])
    }
  }

  @Test func `of writers at the same time one has its whole text there`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a.txt"
      let texts = (0..<8).map { String(repeating: "\($0)", count: 100_000) }
      DispatchQueue.concurrentPerform(iterations: 24) { index in
        do {
          try writeText(texts[index % texts.count], path: path)
          #expect(texts.contains(try readText(path: path)))
        } catch {
          Issue.record(error)
        }
      }
      let left = try names(folder)
      #expect(left == ["a.txt"])
    }
  }

  @Test func `numbers are written one array after the other`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a"
      try writeFile(path: path) { (file) throws(FileError) in
        try file.write([UInt8(1), 2])
        try file.write([Float]())
        try file.write([Float(1)])
      }
      #expect(try readBytes(path: path) == Data([1, 2, 0, 0, 0x80, 0x3F]))
      var status = stat()
      #expect(stat(path, &status) == 0 && status.st_mode & 0o111 == 0)
    }
  }

  @Test func `a file is renamed, and one that has the name is replaced`() throws {
    try withTemporaryFolder { folder in
      try writeText("new", path: folder + "/a")
      try writeText("old", path: folder + "/b")
      try renameDurably(from: folder + "/a", to: folder + "/b")
      #expect(try readText(path: folder + "/b") == "new")
      #expect(try names(folder) == ["b"])
      let gone = FileError.unwritable(path: folder + "/c", reason: "No such file or directory")
      #expect(throws: gone) { try renameDurably(from: folder + "/a", to: folder + "/c") }
    }
  }

  @Test func `what a killed process left of a file goes when it is written again`() throws {
    try withTemporaryFolder { folder in
      // No process has the number 2³¹ − 1: Linux counts to 2²².
      let abandoned = [".a.nc.2147483647.1.tmp", "..a.nc.2147483647.1.tmp.2147483647.2.tmp"]
      let others = [".b.nc.2147483647.1.tmp", ".a.nc.\(getpid()).1.tmp", "a.nc.2147483647.1.tmp"]
      for name in abandoned + others {
        _ = FileManager.default.createFile(atPath: "\(folder)/\(name)", contents: nil)
      }
      try writeText("new", path: "\(folder)/a.nc")
      let left = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(Set(left) == Set(others + ["a.nc"]))
    }
  }
}
