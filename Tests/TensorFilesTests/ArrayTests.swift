import CZLIB
import Foundation
import TensorFiles
import TestSupport
import Testing

@Suite struct ArrayTests {
  @Test func `what is written is read back to the last bit`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a.npy"
      let values: [Float] = [1, -2.5, 0, 3e-8, .leastNonzeroMagnitude, -.greatestFiniteMagnitude]
      for shape in [[2, 3], [6], [6, 1, 1]] {
        try writeNPY(values, shape: shape, path: path)
        let expected = StoredArray(shape: shape, values: .floats(values.map { Double($0) }))
        #expect(try StoredArray(path: path) == expected)
        // NumPy maps elements into memory where they are aligned.
        #expect((try Data(contentsOf: URL(fileURLWithPath: path)).count - 24) % 64 == 0)
      }
      try writeNPY([], shape: [0, 4], path: path)
      #expect(try StoredArray(path: path) == StoredArray(shape: [0, 4], values: .floats([])))
      #expect(throws: FileError.self) {
        try writeNPY(values, shape: [6], path: folder + "/no/such/folder.npy")
      }
    }
  }

  /// Files of NumPy: `Tests/Golden/arrays/make_arrays.py`.
  private let numpyFolder = goldenFolder.appending(path: "arrays").path

  @Test func `files of NumPy are read to the last bit`() throws {
    let bytes: [UInt8] = [0, 1, 2, 3, 127, 255]
    let sevenths = bytes.map { Double($0) / 7 }
    for (name, shape, values) in [
      ("u1", [2, 3], .bytes(bytes)), ("u1.npy.gz", [2, 3], .bytes(bytes)),
      ("version-2", [2, 3], .bytes(bytes)), ("i4", [2, 3], .integers(bytes.map { -Int($0) })),
      ("i8", [2, 3], .integers(bytes.map { -Int($0) << 40 })), ("f8", [2, 3], .floats(sevenths)),
      ("f4", [2, 3], .floats(sevenths.map { Double(Float($0)) })), ("scalar", [], .floats([2.5])),
      ("empty", [0, 3], .floats([])),
    ] as [(String, [Int], StoredArray.Values)] {
      let path = "\(numpyFolder)/\(name.contains(".") ? name : name + ".npy")"
      #expect(try StoredArray(path: path) == StoredArray(shape: shape, values: values), "\(name)")
    }
  }

  /// 32 MB of zeros in 32 kB, as `gzip -9` writes them, and the same unpacked.
  @Test func `what inflates without end is refused before it fills the memory`() throws {
    try withTemporaryFolder { folder in
      let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (33554432,), }"
      let length = header.utf8.count
      let start = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length), 0] + Array(header.utf8)
      let zeros = start + [UInt8](repeating: 0, count: 1 << 25)
      let path = "\(folder)/zeros.npy.gz"
      try writeGzip(zeros, path: path)
      let size = try readBytes(path: path).count
      #expect(size < 40_000)
      #expect(
        throws: FileError.content(
          path: path,
          problem: "inflates to more than 100 times its \(size) bytes; if that is right, unpack it "
            + "first")
      ) { _ = try StoredArray(path: path) }
      try writeBytes(zeros, path: "\(folder)/zeros.npy")
      #expect(try StoredArray(path: "\(folder)/zeros.npy")?.shape == [1 << 25])
    }
  }

  @Test func `other orders of bytes and elements are refused`() {
    for (name, problem) in [
      ("big-endian", "has element type >f4, expected u1, i4, i8, f4 or f8, little-endian"),
      ("fortran", "is in Fortran order, expected C order; save numpy.ascontiguousarray(a)"),
    ] {
      let path = "\(numpyFolder)/\(name).npy"
      #expect(throws: FileError.content(path: path, problem: problem)) {
        _ = try StoredArray(path: path)
      }
    }
  }

  /// Headers as other versions of NumPy and other programs write them, before six bytes.
  @Test(arguments: [
    // NumPy under Python 2, whose sizes are long numbers on some platforms.
    ("{'descr': '|u1', 'fortran_order': False, 'shape': (2L, 3L), }", [2, 3]),
    ("{'descr': '|u1', 'fortran_order': False, 'shape': (6L,), }", [6]),
    ("{'shape': (3, 2), 'fortran_order': False, 'descr': u'|u1'}", [3, 2]),
    ("{'descr': b'|u1', 'fortran_order': False, 'shape': (2,3) }", [2, 3]),
    ("{\"descr\": \"|u1\", \"fortran_order\": False, \"shape\": (1, 6)}", [1, 6]),
    // One dimension has one order.
    ("{'descr': '|u1', 'fortran_order': True, 'shape': (6,), }", [6]),
    ("{'descr': '|u1', 'fortran_order': True, 'shape': (6L, 1L), }", [6, 1]),
  ])
  func `headers of older NumPy are read`(header: String, shape: [Int]) throws {
    #expect(
      try array(header) == StoredArray(shape: shape, values: .bytes([1, 2, 3, 4, 5, 6])))
  }

  @Test(arguments: [
    ("{'descr': '|u1', 'fortran_order': True, 'shape': (2L, 3L), }", "is in Fortran order"),
    ("{'descr': '|u1', 'fortran_order': False, 'shape': (2LL, 3), }", "has a header that cannot"),
    ("{'descr': '|u1', 'fortran_order': 0, 'shape': (2, 3), }", "has a header that cannot"),
    ("{'descr': [('a', '|u1')], 'fortran_order': False, 'shape': (2, 3), }", "has a header that"),
  ])
  func `headers of arrays that are not read are refused`(header: String, problem: String) {
    #expect(throws: FileError.self) {
      do {
        _ = try array(header)
      } catch {
        #expect("\(error)".contains(problem), "\(error)")
        throw error
      }
    }
  }

  /// The file of a header and the bytes 1 to 6, padded to 16 bytes as older NumPy did.
  private func array(_ header: String) throws -> StoredArray? {
    var text = Array(header.utf8)
    text += [UInt8](repeating: 0x20, count: (16 - (10 + text.count + 1) % 16) % 16) + [0x0A]
    let start = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.count), 0]
    return try withTemporaryFolder { folder in
      try writeBytes(start + text + [1, 2, 3, 4, 5, 6], path: folder + "/a.npy")
      return try StoredArray(path: folder + "/a.npy")
    }
  }

  @Test func `other files are no arrays, and what cannot be opened is named`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a"
      for text in ["", "hello, world", "\u{93}NUMPZ"] {
        try writeText(text, path: path)
        #expect(try StoredArray(path: path) == nil)
      }
      #expect(throws: FileError.missing(path: folder + "/b")) {
        _ = try StoredArray(path: folder + "/b")
      }
      #expect(throws: FileError.notPlainFile(path: folder, isFolder: true)) {
        _ = try StoredArray(path: folder)
      }
    }
  }
}

private func writeGzip(_ bytes: [UInt8], path: String) throws {
  let file = try #require(gzopen(path, "wb9"))
  #expect(gzwrite(file, bytes, UInt32(bytes.count)) == Int32(bytes.count))
  #expect(gzclose(file) == Z_OK)
}
