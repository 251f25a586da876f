import Foundation
import TensorFiles
import TestSupport
import Testing

@Suite struct ChecksumListTests {
  @Test func `a file is compared with the list beside it`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a b.txt"
      try Data("123456789".utf8).write(to: URL(fileURLWithPath: path))
      // No list, and one that does not name it.
      try ChecksumList.check(path)
      let list = "\(folder)/checksums.sfv"
      try Data(ChecksumList.text([("b.txt", "00000000")]).utf8)
        .write(to: URL(fileURLWithPath: list))
      try ChecksumList.check(path)
      let text = ChecksumList.text([("a b.txt", "cbf43926"), ("b.txt", "00000000")])
      #expect(
        text == "; CRC-32 of the files beside this list\na b.txt cbf43926\nb.txt 00000000\n")
      try Data(text.utf8).write(to: URL(fileURLWithPath: list))
      #expect(ChecksumList.files(in: folder).map(\.name) == ["a b.txt", "b.txt"])
      try ChecksumList.check(path)
      try Data("123456780".utf8).write(to: URL(fileURLWithPath: path))
      #expect(
        throws: FileError.content(
          path: path,
          problem: "is not what checksums.sfv beside it was written with: its bytes have the "
            + "checksum \(Checksum(of: "123456780".utf8)), expected cbf43926; use a copy, or remove "
            + "its line from that list")
      ) { try ChecksumList.check(path) }
    }
  }

  @Test func `a file that goes is taken out of the list`() throws {
    try withTemporaryFolder { folder in
      // No list becomes none.
      try ChecksumList.remove("\(folder)/a")
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/checksums.sfv"))
      let list = URL(fileURLWithPath: "\(folder)/checksums.sfv")
      try Data(ChecksumList.text([("a", "cbf43926"), ("b", "00000000")]).utf8).write(to: list)
      for _ in 0..<2 {
        try ChecksumList.remove("\(folder)/a")
        #expect(
          try String(contentsOf: list, encoding: .utf8) == ChecksumList.text([("b", "00000000")]))
      }
    }
  }

  @Test func `the files of a set are listed`() throws {
    try withTemporaryFolder { folder in
      var set = FileSet()
      try set.write("123456789", path: "\(folder)/a")
      try set.write("", path: "\(folder)/b")
      try set.writeChecksums(in: folder)
      try set.commit()
      let files = ChecksumList.files(in: folder)
      #expect(files.map(\.name) == ["a", "b"])
      #expect(files.map(\.checksum) == ["cbf43926", "00000000"])
      for name in ["a", "b"] { try ChecksumList.check("\(folder)/\(name)") }
    }
  }

  @Test func `the checksum of a file that grows is that of its beginning`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/x"
      let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      var (whole, part) = (PrefixChecksum(), PrefixChecksum(leavingOut: 4..<8))
      for end in [0, 3, 6, 1 << 20, 1 << 20, 2_900_000] {
        #expect(try whole.extend(to: end, of: path) == "\(Checksum(of: bytes[..<end]))")
        var changed = Array(bytes[..<end])
        for place in 4..<8 where place < end { changed[place] = 0 }
        #expect(try part.extend(to: end, of: path) == "\(Checksum(of: changed))")
      }
      #expect(throws: FileError.self) { try whole.extend(to: 3_000_001, of: path) }
    }
  }
}
