import Foundation
import TensorFiles
import TestSupport
import Testing

@Suite struct ChecksumTests {
  @Test func `it is the CRC-32 of zip, in pieces, too`() {
    #expect("\(Checksum(of: "123456789".utf8))" == "cbf43926")
    #expect("\(Checksum())" == "00000000")
    var pieces = Checksum()
    pieces.add(Array("1234".utf8))
    pieces.add([UInt8]())
    pieces.add(Array("56789".utf8))
    #expect(pieces == Checksum(of: "123456789".utf8))
    var numbers = Checksum()
    numbers.add([Float(1)])
    #expect(numbers == Checksum(of: [0, 0, 0x80, 0x3F]))
  }

  @Test func `every flipped bit of a file with a checksum is noticed, or changes nothing`() throws {
    var file = Safetensors()
    file.hasChecksum = true
    file.metadata = ["note": "crc32", "step": "7"]
    file.tensors = [
      "a": StoredTensor(shape: [2, 2], values: [1, -2, 3.5, 0.1]),
      "b": StoredTensor(shape: [], values: [.pi]),
    ]
    try withTemporaryFolder { folder in
      let path = folder + "/a.safetensors"
      try file.write(path: path)
      let good = try Data(contentsOf: URL(fileURLWithPath: path))
      #expect(try Safetensors(good, path: "memory") == file)
      try Safetensors(path: path).write(path: path)
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == good)
      for bit in 0..<8 * good.count {
        var data = good
        data[bit / 8] ^= 1 << UInt8(bit % 8)
        guard let read = try? Safetensors(data, path: "memory") else { continue }
        // Only the key of the checksum was hit: the file has one note more, and no checksum.
        #expect(!read.hasChecksum && read.tensors == file.tensors, "bit \(bit)")
        #expect(read.metadata.filter { file.metadata[$0.key] != nil } == file.metadata)
      }
    }
  }

  @Test func `the message names both checksums`() throws {
    var file = Safetensors()
    file.hasChecksum = true
    file.tensors = ["a": StoredTensor(shape: [1], values: [1])]
    try withTemporaryFolder { folder in
      let path = folder + "/a.safetensors"
      try file.write(path: path)
      var data = try Data(contentsOf: URL(fileURLWithPath: path))
      data[data.count - 1] ^= 1
      let error = #expect(throws: SafetensorsError.self) { try Safetensors(data, path: "a") }
      #expect(
        "\(try #require(error))".wholeMatch(
          of:
            /a: is damaged: its bytes have the checksum [0-9a-f]{8}, expected [0-9a-f]{8}; use a copy/
        ) != nil)
    }
  }
}
