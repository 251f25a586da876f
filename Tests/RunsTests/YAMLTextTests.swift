import Runs
import Testing
import Yams

@Suite struct YAMLTextTests {
  private struct Record: Codable, Equatable {
    struct Part: Codable, Equatable {
      var rate: Double
      var list: [Double]
    }
    var name: String
    var text: String
    var count: Int
    var seed: UInt64
    var isTrue: Bool
    var nothing: Double?
    var part: Part
    var parts: [Part]
  }

  @Test func `numbers come back to the last bit`() throws {
    let numbers = [
      0.1 + 0.2, 1 / 3.0, 300 * 2.0.squareRoot(), -5e-300, 1.7976931348623157e308, 1e22, 1e-5, 0,
      300,
      -0.9, 123_456_789.123_456_78, 2e16,
    ]
    let record = Record(
      name: "a", text: "0.30000000000000004", count: -7, seed: .max, isTrue: true, nothing: nil,
      part: .init(rate: 0.9, list: numbers), parts: [.init(rate: 1e-300, list: [])])
    let text = try yamlText(record)
    #expect(try YAMLDecoder().decode(Record.self, from: text) == record)
    #expect(text.contains("rate: 0.9\n"))
    #expect(text.contains("- 300\n"))
    #expect(text.contains("0.30000000000000004"))
  }

  @Test func `keys keep the order of their declaration`() throws {
    let record = Record(
      name: "a", text: "1e1", count: 1, seed: 2, isTrue: false, nothing: 0.5,
      part: .init(rate: 1, list: [2]), parts: [])
    #expect(
      try yamlText(record) == """
        name: a
        text: '1e1'
        count: 1
        seed: 2
        isTrue: false
        nothing: 0.5
        part:
          rate: 1
          list:
          - 2
        parts: []

        """)
  }
}
