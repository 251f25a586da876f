import Foundation
import RunsTestSupport
import TestSupport
import Testing

@testable import Runs

/// `metrics.csv` is compared with what the newest checkpoint knows of it.
@Suite struct MetricsChecksumTests {
  private let tiny: TinyTraining

  init() throws { tiny = try TinyTraining() }

  private func warnings(_ folder: RunFolder) -> [String] {
    let log = CapturedLog()
    folder.warnOfChangedMetrics(log: log.log)
    return log.messages
  }

  @Test func `no damage to a loss goes without a warning`() throws {
    try withTemporaryFolder { path in
      let folder = try RunFolder.create("\(path)/run")
      _ = try tiny.run(in: folder, context: CapturedLog().context())
      #expect(warnings(folder) == [])
      let place = URL(fileURLWithPath: folder.metrics)
      let whole = [UInt8](try Data(contentsOf: place))
      let expected = try tiny.metrics(folder)
      let other = [UInt8](String(decoding: whole, as: UTF8.self).replacing("0", with: "1").utf8)
      var noticed = 0
      let count = try forEachMutation(
        of: whole, splicedWith: other, limit: 500
      ) { change, bytes in
        try Data(bytes).write(to: place)
        let found = warnings(folder)
        noticed += found.count
        guard found.isEmpty else {
          #expect(found[0].contains("metrics.csv: is not what the training has written: its rows"))
          return
        }
        // What goes unnoticed is in the columns of time, or beyond the last whole row.
        let table = NumberTable(path: folder.metrics)
        for (column, name) in expected[0].enumerated() {
          let values = expected.dropFirst().map { Double($0[column]) }
          #expect(table?[name] == values, "\(change)")
        }
      }
      #expect(noticed > count / 2)
    }
  }

  @Test func `a row that was cut by a kill and a resumed training are no damage`() throws {
    try withTemporaryFolder { path in
      let folder = try RunFolder.create("\(path)/run")
      let context = CapturedLog().context(stopReason: stopping(after: 5, "enough"))
      #expect(throws: RunError.self) { try tiny.run(in: folder, context: context) }
      var text = try String(contentsOfFile: folder.metrics, encoding: .utf8)
      for rest in ["4", "6,1.0", "6,1.000000,1.000000,0.001,20.0,0.1\n"] {
        try Data((text + rest).utf8).write(to: URL(fileURLWithPath: folder.metrics))
        #expect(warnings(folder) == [], "\(rest)")
      }
      let log = CapturedLog()
      _ = try tiny.run(in: folder, context: log.context())
      #expect(!log.messages.contains { $0.contains("is not what") })
      #expect(warnings(folder) == [])
      // It is told where the training goes on.
      text = try String(contentsOfFile: folder.metrics, encoding: .utf8)
      try Data(text.replacing("\n3,", with: "\n2,").utf8)
        .write(to: URL(fileURLWithPath: folder.metrics))
      let again = CapturedLog()
      _ = try tiny.run(in: folder, context: again.context())
      #expect(again.messages.contains { $0.contains("do not trust its curves") })
    }
  }
}
