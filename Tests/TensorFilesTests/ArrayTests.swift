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
