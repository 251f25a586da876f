import Boltzmann
import Testing

@Suite struct PhysicalTimeTests {
  @Test(arguments: [
    ("2fs", 0.002), ("0.5 ps", 0.5), ("10ns", 10_000.0), ("1us", 1e6), ("1µs", 1e6), ("0ps", 0.0),
    ("1e-1ns", 100.0), (".5fs", 0.000_5), ("3fs", 0.003), ("20ns", 20_000.0),
  ])
  func `a time is read in its unit, to the last digit`(text: String, picoseconds: Double) {
    #expect(PhysicalTime(text)?.picoseconds == picoseconds)
  }

  @Test(arguments: [
    "", "10", "ns", "-1ps", "infns", "nanps", "10 s", "ten ps", "10NS", "1e999ps", "1ms",
  ])
  func `what is no time is none`(text: String) { #expect(PhysicalTime(text) == nil) }

  @Test(arguments: [
    (0.002, "2fs"), (0.000_5, "0.5fs"), (0.0, "0fs"), (0.1, "100fs"), (1.0, "1ps"), (1.5, "1.5ps"),
    (999.5, "999.5ps"), (1_000.0, "1ns"), (1_234.0, "1.234ns"), (1e6, "1us"), (2.5e9, "2500us"),
    (1.0 / 3, "333.333333fs"),
  ])
  func `a time is written in the largest unit of which it has one`(
    picoseconds: Double, text: String
  ) {
    #expect(PhysicalTime(picoseconds: picoseconds).description == text)
  }

  @Test func `people read a blank before the unit`() {
    #expect(PhysicalTime(picoseconds: 20).spelled == "20 ps")
    #expect(PhysicalTime(picoseconds: 1_500).spelled == "1.5 ns")
  }

  @Test func `what is written is read`() {
    for digits in 1...999 {
      for unit in ["fs", "ps", "ns"] {
        let text = "\(digits)\(unit)"
        #expect(PhysicalTime(text)?.description == text)
      }
    }
  }
}
