import Flow
import Foundation
import Runs
import RunsTestSupport
import TestSupport
import Testing

@Suite struct DivergenceTests {
  /// A training whose rate is far too high, with Adam's steps of about its size.
  private func wild(_ rate: Double) throws -> TinyTraining {
    var tiny = try TinyTraining()
    (tiny.settings.learningRate, tiny.settings.warmUp, tiny.settings.steps) = (rate, 0, 12)
    (tiny.settings.validateEvery, tiny.settings.checkpointEvery) = (3, 3)
    tiny.settings.averageDecay = 0
    return tiny
  }

  @Test func `a loss is far from the first or the best one, whichever is lower`() throws {
    let tiny = try TinyTraining()
    var state = TrainingState(tiny.flow, seed: 1)
    #expect(!state.hasDiverged(loss: 1e9, dimensions: 4))
    #expect(state.hasDiverged(loss: .nan, dimensions: 4))
    state.firstLoss = 10
    #expect(!state.hasDiverged(loss: 13.9, dimensions: 4))
    #expect(state.hasDiverged(loss: 14.1, dimensions: 4))
    state.keep(loss: 6)
    #expect(state.hasDiverged(loss: 10.1, dimensions: 4))
    #expect(!state.hasDiverged(loss: 9.9, dimensions: 4))
  }

  @Test func `weights that overfit have not diverged`() throws {
    var state = TrainingState(try TinyTraining().flow, seed: 1)
    state.firstLoss = 10
    state.keep(loss: 6)
    func hasDiverged(_ validation: Double?, mean: Double, last: Double) -> Bool {
      state.hasDiverged(validation: validation, mean: mean, last: last, dimensions: 4)
    }
    #expect(!hasDiverged(30, mean: 2, last: 1))
    #expect(hasDiverged(30, mean: 11, last: 1) && hasDiverged(30, mean: 2, last: 11))
    #expect(!hasDiverged(7, mean: 30, last: 30))
    #expect(hasDiverged(.nan, mean: 2, last: 1) && hasDiverged(.infinity, mean: 2, last: 1))
    #expect(hasDiverged(nil, mean: 11, last: 1) && !hasDiverged(nil, mean: 9, last: 11))
  }

  @Test func `a training that diverges goes back and on with a lower rate`() throws {
    let tiny = try wild(8)
    try withTemporaryFolder { path in
      let (folder, log) = (try RunFolder.create(path), CapturedLog())
      let state = try tiny.run(in: folder, context: log.context())
      #expect(state.step == 12 && (1...Divergence.mostRewinds).contains(state.rewinds))
      #expect(
        log.messages.filter { $0.contains("with a quarter of the learning rate") }.count
          == state.rewinds)
      let rows = try tiny.metrics(folder).dropFirst()
      #expect(rows.map { $0[0] } == ["3", "6", "9", "12"])
      for row in rows {
        #expect(try #require(Double(row[2])) < 20)
        let step = try #require(Int(row[0]))
        #expect(row[3] == "\(tiny.settings.rate(of: state, step: step - 1))")
      }
      #expect(
        tiny.settings.rate(of: state, step: 1)
          == tiny.settings.scheduledRate(step: 1) * pow(0.25, Double(state.rewinds)))
    }
  }

  @Test func `no checkpoint between two validations is of a training that has diverged`() throws {
    // A checkpoint every second step, a validation every third.
    let tiny = try TinyTraining()
    try withTemporaryFolder { path in
      let folder = try RunFolder.create(path)
      #expect(throws: RunError.self) {
        try tiny.run(
          in: folder, context: CapturedLog().context(stopReason: stopping(after: 1, "enough")))
      }
      // Every loss is far above such a best one.
      let saved = try Checkpoint(path: folder.checkpoint(step: 1))
      var state = saved.state
      state.keep(loss: -1000)
      try Checkpoint(flow: saved.flow, state: state, notes: saved.notes)
        .write(path: folder.checkpoint(step: 1))
      let log = CapturedLog()
      let end = try tiny.run(in: folder, context: log.context())
      #expect(end.step == 10 && end.rewinds == 1)
      #expect(
        log.messages.contains(
          "warning: the training diverged at step 2; it goes on from step 0 with a quarter of the "
            + "learning rate (time 1 of at most 3)"))
    }
  }

  @Test func `stopped after it went back, it is resumed exactly`() throws {
    let tiny = try wild(8)
    try withTemporaryFolder { path in
      let whole = try RunFolder.create("\(path)/whole")
      let state = try tiny.run(in: whole, context: CapturedLog().context())
      let folder = try RunFolder.create("\(path)/parts")
      var (stops, stopsAfterRewinds) = (0, 0)
      for _ in 0..<30 where folder.savedSteps().first?.step != 12 {
        do {
          // One step at a time, and nothing after the last one.
          _ = try tiny.run(
            in: folder, context: CapturedLog().context(stopReason: { "enough" }))
        } catch RunError.interrupted(_, let step, "enough") {
          stops += 1
          let checkpoint = try Checkpoint(path: folder.checkpoint(step: step))
          if checkpoint.state.rewinds > 0 { stopsAfterRewinds += 1 }
        }
      }
      #expect(stops >= 11 && stopsAfterRewinds > 0)
      let log = CapturedLog()
      #expect(try tiny.run(in: folder, context: log.context()) == state)
      #expect(log.messages == ["info: resuming from step 12"])
      #expect(try tiny.metrics(folder) == tiny.metrics(whole))
    }
  }

  @Test func `the weights of the last step are looked at, too`() throws {
    var tiny = try wild(1e300)
    tiny.settings.steps = 1
    try withTemporaryFolder { path in
      let folder = try RunFolder.create(path)
      let error = #expect(throws: FlowError.self) {
        _ = try tiny.run(in: folder, context: CapturedLog().context(), validates: false)
      }
      #expect(error == FlowError.diverged(step: 1, seed: 5))
      #expect(try Checkpoint(path: folder.checkpoint(step: 0)).state.step == 0)
    }
  }

  @Test func `a rate that is too high four times over is an error`() throws {
    let tiny = try wild(1e6)
    try withTemporaryFolder { path in
      let (folder, log) = (try RunFolder.create(path), CapturedLog())
      do {
        _ = try tiny.run(in: folder, context: log.context())
        Issue.record("a rate of 1e6 trains")
      } catch {
        #expect("\(error)".contains("start a new run with a lower learning rate"))
      }
      #expect(
        log.messages.filter { $0.contains("with a quarter of the learning rate") }.count
          == Divergence.mostRewinds)
    }
  }
}
