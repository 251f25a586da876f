import Foundation
import TensorFiles
import TestSupport
import Testing

@Suite struct SafetensorsTests {
  @Test func `a file of the reference implementation is read`() throws {
    let path = goldenFolder.appending(path: "safetensors/types.safetensors").path()
    let file = try Safetensors(path: path)
    let values: [Float] = [0, 1, -2.5, 65504, 6.103515625e-05, 5.960464477539063e-08]
    #expect(file.metadata == ["made_by": "safetensors", "ä": "\"\\/"])
    #expect(file.tensors["f32"] == StoredTensor(shape: [2, 3], values: values))
    #expect(file.tensors["f64"] == StoredTensor(shape: [3, 2], values: values))
    #expect(file.tensors["f16"] == StoredTensor(shape: [6], values: values))
    let bfloat: [Float] = [0, 1, -2.5, Float(bitPattern: 0x7F7F_0000), Float(bitPattern: 1 << 16)]
    #expect(file.tensors["bf16"] == StoredTensor(shape: [5], values: bfloat))
    #expect(file.tensors["i32"] == StoredTensor(shape: [3], values: [0, -7, 16_777_216]))
    #expect(
      file.tensors["i64"] == StoredTensor(shape: [2, 2], values: [0, -7, 16_777_216, -0x1p62]))
    let special = try #require(file.tensors["f16.special"]).values
    #expect(special[0] == .infinity && special[1] == -.infinity && special[2].isNaN)
    #expect(special[3] == 0 && special[3].sign == .minus)
    #expect(file.tensors["scalar"] == StoredTensor(shape: [], values: [1.5]))
    #expect(file.tensors["empty"] == StoredTensor(shape: [0], values: []))
    #expect(file.tensors["empty.matrix"] == StoredTensor(shape: [3, 0, 2], values: []))
    #expect(file.tensors.count == 10)
  }

  @Test func `what is written is read back to the last bit`() throws {
    var file = Safetensors()
    file.metadata = ["note": "a \"quoted\" / text\nof two lines: {ä}", "": "empty"]
    file.tensors = [
      "weights": StoredTensor(shape: [2, 3], values: [0.1, -1e-30, 3.5e12, .pi, -7, 1]),
      "extremes": StoredTensor(
        shape: [4], values: [.leastNonzeroMagnitude, -.greatestFiniteMagnitude, -0.0, .infinity]),
      "scalar/ä": StoredTensor(shape: [], values: [2]),
      "empty": StoredTensor(shape: [0, 4], values: []),
    ]
    try withTemporaryFolder { folder in
      let path = folder + "/a.safetensors"
      func written(_ file: Safetensors) throws -> Data {
        try file.write(path: path)
        return try Data(contentsOf: URL(fileURLWithPath: path))
      }
      let data = try written(file)
      #expect(
        data.prefix(8).enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) } % 8 == 0)
      #expect(try Safetensors(data, path: "memory") == file)
      #expect(try written(file) == data)
      #expect(try Safetensors(path: path) == file)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a.safetensors"])
      #expect(try Safetensors(try written(Safetensors()), path: "memory") == Safetensors())
    }
  }

  @Test func `tensors that are not aligned are copied`() throws {
    let header = #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#
    for blanks in 0..<4 {
      let padded = header + String(repeating: " ", count: blanks)
      let file = try Safetensors(bytes(padded, [0, 0, 0x80, 0x3F]), path: "memory")
      #expect(file.tensors["a"]?.values == [1])
    }
  }

  @Test func `files that cannot be opened or written are named`() throws {
    try withTemporaryFolder { folder in
      #expect {
        _ = try Safetensors(path: folder + "/absent")
      } throws: { error in
        "\(error)" == folder + "/absent: cannot be read: No such file or directory"
          && error as? SafetensorsError == .file(.missing(path: folder + "/absent"))
      }
      for path in [folder + "/absent/a", folder] {
        #expect {
          try Safetensors().write(path: path)
        } throws: { error in
          guard case .file(.unwritable(path, _))? = error as? SafetensorsError else {
            return false
          }
          return true
        }
      }
      let left = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(left.isEmpty)
    }
  }
}

/// A file from its header's text and its elements.
func bytes(_ header: String, _ elements: [UInt8] = []) -> Data {
  withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) } + Data(header.utf8)
    + Data(elements)
}
