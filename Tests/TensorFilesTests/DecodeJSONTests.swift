import Foundation
import TensorFiles
import Testing

@Suite struct DecodeJSONTests {
  @Test func `brackets of any depth are refused, not fatal`() {
    for unit in ["[", "{\"a\":", "[{\"a\":"] {
      for count in Array(250...260) + Array(508...518) {
        let text = String(repeating: unit, count: count)
        #expect(throws: DecodingError.self) { try decodeJSON([Int].self, from: text.utf8) }
        #expect(!isJSON(text.utf8))
      }
    }
  }

  @Test func `what is whole is decoded`() throws {
    #expect(try decodeJSON([Int].self, from: Data("[1, 2]".utf8)) == [1, 2])
    #expect(try decodeJSON([String: String].self, from: "{\"a\":\"b\"}\n".utf8) == ["a": "b"])
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    #expect(try decodeJSON([Double].self, from: "[\"inf\"]".utf8, by: decoder) == [.infinity])
    #expect(isJSON("{\"a\": [1]}".utf8) && !isJSON("{\"a\": [1}".utf8) && !isJSON("".utf8))
  }
}
