import Foundation
import TensorFiles
import TestSupport
import Testing

/// A damaged file with a checksum gives an error, or what the whole one gives.
@Suite struct SafetensorsMutationTests {
  private func file(_ shift: Float) throws -> [UInt8] {
    var file = Safetensors()
    file.hasChecksum = true
    file.metadata = ["step": "\(Int(shift))", "flow": "{\"width\": 2}"]
    for name in ["a", "b.weight", "best.b.weight"] {
      file.tensors[name] = StoredTensor(
        shape: [4, 25], values: (0..<100).map { shift + Float($0) / 8 })
    }
    return try withTemporaryFolder { folder in
      try file.write(path: "\(folder)/x")
      return [UInt8](try readBytes(path: "\(folder)/x"))
    }
  }

  @Test func `no damage gives other tensors or other texts`() throws {
    let (whole, other) = (try file(1), try file(2))
    let expected = try Safetensors(Data(whole), path: "x")
    var refused = 0
    let count = forEachMutation(of: whole, splicedWith: other, limit: 2_000) { change, bytes in
      guard let found = try? Safetensors(Data(bytes), path: "x") else {
        refused += 1
        return
      }
      #expect(found.tensors == expected.tensors, "\(change)")
      // Where the name of the checksum is damaged it is a further text.
      #expect(expected.metadata.allSatisfy { found.metadata[$0.key] == $0.value }, "\(change)")
    }
    #expect(refused > count * 9 / 10)
  }
}
