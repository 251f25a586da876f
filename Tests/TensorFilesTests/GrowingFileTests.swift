import Foundation
import TensorFiles
import TestSupport
import Testing

@Suite struct GrowingFileTests {
  @Test func `rows are added, and dropped when a run is resumed`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/rows.csv"
      try writeText("a,b\n", path: path)
      do {
        var file = try GrowingFile(path: path)
        try file.append("1,2\n")
        try file.append("")
        try file.append("3,4\n5")
        try file.synchronize()
        #expect(file.size == 13)
      }
      #expect(try readText(path: path) == "a,b\n1,2\n3,4\n5")
      var file = try GrowingFile(path: path)
      #expect(file.size == 13)
      try file.truncate(to: 8)
      try file.append("6,7\n")
      #expect(file.size == 12)
      #expect(try readText(path: path) == "a,b\n1,2\n6,7\n")
    }
  }

  @Test func `what cannot grow is named`() throws {
    try withTemporaryFolder { folder in
      #expect(throws: FileError.missing(path: folder + "/a")) {
        _ = try GrowingFile(path: folder + "/a").size
      }
      #expect(throws: FileError.notPlainFile(path: folder, isFolder: true)) {
        _ = try GrowingFile(path: folder).size
      }
      #expect(throws: FileError.notPlainFile(path: "/dev/full", isFolder: false)) {
        _ = try GrowingFile(path: "/dev/full").size
      }
    }
  }
}
