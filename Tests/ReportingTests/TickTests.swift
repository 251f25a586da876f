import Reporting
import Testing

@Suite struct TickTests {
  @Test(
    arguments: [
      (0.0, 1.0, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
      (-207.9, -150.6, ["−200", "−190", "−180", "−170", "−160"].filter { $0 != "" }),
      (0, 0.07, ["0.00", "0.02", "0.04", "0.06"]),
      (3, 3.0004, ["3.0000", "3.0001", "3.0002", "3.0003", "3.0004"]),
      (-1, 1, ["−1.0", "−0.5", "0.0", "0.5", "1.0"]),
      (0, 25_000, ["0", "5000", "10000", "15000", "20000", "25000"]),
    ])
  func `linear ticks are round and told apart by their labels`(
    _ low: Double, _ high: Double, _ labels: [String]
  ) {
    let ticks = linearTicks(from: low, to: high)
    #expect(ticks.map(\.label) == labels)
    #expect(ticks.allSatisfy { $0.value >= low - 1e-9 && $0.value <= high + 1e-9 })
  }

  @Test func `a step is kept`() {
    #expect(
      linearTicks(from: -180, to: 180, step: 60).map(\.label) == [
        "−180", "−120", "−60", "0", "60", "120", "180",
      ])
  }

  @Test func `logarithmic ticks are powers of ten, or finer where there are few`() {
    #expect(
      logarithmicTicks(from: 1e-4, to: 1).map(\.label) == ["10⁻⁴", "0.001", "0.01", "0.1", "1"])
    #expect(logarithmicTicks(from: 2, to: 60).map(\.label) == ["2", "5", "10", "20", "50"])
    #expect(logarithmicTicks(from: 1e-12, to: 1).count <= 7)
    #expect(logarithmicTicks(from: 3, to: 4).count > 1)
  }

  @Test func `no range has no ticks`() {
    #expect(linearTicks(from: 1, to: 1).isEmpty)
    #expect(linearTicks(from: 0, to: .infinity).isEmpty)
    #expect(logarithmicTicks(from: 0, to: 1).isEmpty)
  }

  @Test func `short numbers`() {
    #expect(
      [0, 1.5, -2, 12_345, 1e-5, -3.2e7, .infinity].map(short) == [
        "0", "1.5", "−2", "1.234e+04", "10⁻⁵", "−3.2·10⁷", "∞",
      ])
  }
}
