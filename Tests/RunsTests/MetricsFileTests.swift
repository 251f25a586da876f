import Foundation
import Reporting
import RunsTestSupport
import TestSupport
import Testing

@testable import Runs

@Suite struct MetricsFileTests {
  private func append(
    _ steps: [Int], to path: String, resumingAt step: Int, log: CapturedLog = CapturedLog()
  ) throws {
    let file = try MetricsFile(
      path: path, columns: "step,train,held_out", showsESS: false, resumingAt: step,
      log: log.log)
    for step in steps {
      try file.append(
        step: step, train: 1, validation: nil, learningRate: 0.5, rate: 20,
        effectiveSampleSize: nil)
    }
  }

  @Test func `the time goes on where a training was stopped`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/metrics.csv"
      try append([10, 20], to: path, resumingAt: 0)
      let first = try #require(NumberTable(path: path))
      #expect(first.columns.last == "seconds" && first.columns.contains("samples_per_second"))
      #expect(first["seconds"] == [0, 0])
      // As if the second row had come after a minute.
      let text = try String(contentsOfFile: path, encoding: .utf8)
      try text.replacing("20,1.000000,,0.5,20.0,0.0", with: "20,1.000000,,0.5,20.0,61.5")
        .write(toFile: path, atomically: true, encoding: .utf8)
      try append([30], to: path, resumingAt: 25)
      #expect(try #require(NumberTable(path: path))["seconds"] == [0, 61.5, 61.5])
      try append([20], to: path, resumingAt: 15)
      #expect(try #require(NumberTable(path: path))["seconds"] == [0, 0])
    }
  }

  @Test func `half a row and a foreign byte cost their rows alone`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/metrics.csv"
      try append([10, 20, 30], to: path, resumingAt: 0)
      var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      let whole = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
      // As a kill in the middle of a write leaves it: "40" of a step, or all but the last digit.
      for rest in ["4", "40,1.000000,,0.5,20.0", "40,1.000000,,0.5,20.0,0."] {
        try (bytes + Data(rest.utf8)).write(to: URL(fileURLWithPath: path))
        let log = CapturedLog()
        try append([], to: path, resumingAt: 45, log: log)
        #expect(
          log.messages == ["warning: \(path): line 5 is not a whole row; it is dropped"], "\(rest)")
        let left = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(left.map(String.init) == whole, "\(rest)")
      }
      // The second row's step is no text.
      let place = try #require(bytes.range(of: Data("\n20,".utf8)))
      bytes[place.lowerBound + 1] = 0xFF
      try bytes.write(to: URL(fileURLWithPath: path))
      #expect(try #require(NumberTable(path: path))["step"] == [10, nil, 30])
      let log = CapturedLog()
      try append([40], to: path, resumingAt: 35, log: log)
      #expect(log.messages == ["warning: \(path): line 3 is not a whole row; it is dropped"])
      #expect(try #require(NumberTable(path: path))["step"] == [10, 30, 40])
    }
  }

  @Test func `a file that was begun without times goes on without them`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/metrics.csv"
      let old =
        "step,train,held_out,learning_rate,samples_per_second\n10,1,2,0.1,50.0\n20,1,2,0.1,25\n"
      try old.write(toFile: path, atomically: true, encoding: .utf8)
      let table = try #require(NumberTable(path: path))
      let times = try #require(trainingTimes(table, batch: 5))
      #expect(times.areEstimated && times.seconds == [1, 3])
      for _ in 0..<2 {
        try append([30], to: path, resumingAt: 20)
        let table = try #require(NumberTable(path: path))
        #expect(table["step"] == [10, 20, 30] && table["seconds"] == [nil, nil, nil])
        let times = try #require(trainingTimes(table, batch: 5))
        #expect(times.areEstimated && times.seconds == [1, 3, 5.5])
      }
      // Nothing of the old file is left.
      try append([10], to: path, resumingAt: 0)
      #expect(try #require(NumberTable(path: path))["seconds"] == [0])
    }
  }

  @Test(arguments: ["1e300", "inf", "nan", "-1"])
  func `times that no training takes are unknown`(seconds: String) throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/metrics.csv"
      try "step,loss,seconds\n10,3,90\n20,2,\(seconds)\n".write(
        toFile: path, atomically: true, encoding: .utf8)
      let table = try #require(NumberTable(path: path))
      #expect(trainingTimes(table, batch: 5) == nil)
      let curve = TrainingCurve("loss", "Loss", "The loss.", Axis("loss"), [("loss", "", 1)])
      let section = try #require(trainingSection(table, batch: 5, [curve]))
      #expect(section.blocks.count == 1)
    }
  }

  @Test func `a training is shown over its steps and over its time`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/metrics.csv"
      try "step,loss,seconds\n10,3,90\n20,2,180\n".write(
        toFile: path, atomically: true, encoding: .utf8)
      let curve = TrainingCurve("loss", "Loss", "Falls.", Axis("loss"), [("loss", "", 1)])
      let other = TrainingCurve("other", "Other", "", Axis("other"), [("other", "", 1)])
      let section = try #require(
        trainingSection(NumberTable(path: path), batch: 1, [curve, other]))
      let page = Page(title: "", subtitle: "", sections: [section], footer: "")
      #expect(page.figures.map(\.name) == ["loss", "loss-over-time"])
      #expect(page.figures[0].table.rows == [["10.0", "3.0"], ["20.0", "2.0"]])
      #expect(page.figures[1].table.rows == [["1.5", "3.0"], ["3.0", "2.0"]])
      #expect(page.html(data: "x").contains("The training took"))
      #expect(trainingSection(nil, batch: 1, [curve]) == nil)
    }
  }
}
