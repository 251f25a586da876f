import Flow
import Foundation
import Kernels
import Runs
import RunsTestSupport
import TestSupport
import Testing

@Suite struct TrainingLoopTests {
  private let tiny: TinyTraining

  init() throws { tiny = try TinyTraining() }

  private func bytes(_ path: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: path))
  }

  @Test func `a training leaves metrics, two checkpoints and its model`() throws {
    try withTemporaryFolder { path in
      let (folder, log) = (try RunFolder.create(path), CapturedLog())
      let state = try tiny.run(in: folder, context: log.context())
      #expect(state.step == 10)
      let rows = try tiny.metrics(folder)
      #expect(rows[0] == ["step", "train", "held_out", "learning_rate"])
      #expect(rows.dropFirst().map { $0[0] } == ["3", "6", "9", "10"])
      for row in rows.dropFirst() {
        let step = try #require(Int(row[0]))
        #expect(row[3] == "\(tiny.settings.scheduledRate(step: step - 1))")
        #expect(row.allSatisfy { Double($0)?.isFinite == true })
      }
      #expect(folder.savedSteps().map(\.step) == [10, 8])
      let checkpoint = try Checkpoint(path: folder.checkpoint(step: 10))
      #expect(checkpoint.state == state && checkpoint.notes["note"] == "tiny")
      let model = try TrainedFlow(path: folder.model)
      #expect(model.weights == state.result.weights && model.flow.configuration == checkpoint.flow)

      let progress = log.progress
      #expect(progress.map(\.done) == Array(0...10))
      #expect(progress.allSatisfy { $0.work == "training" && $0.total == 10 })
      #expect(progress[0].note == nil)
      #expect(progress[2].note?.wholeMatch(of: /loss -?\d+\.\d/) != nil)
      #expect(progress[3].note?.wholeMatch(of: /loss -?\d+\.\d, validation -?\d+\.\d/) != nil)
    }
  }

  @Test func `a training that is stopped and resumed is the uninterrupted one`() throws {
    try withTemporaryFolder { path in
      let whole = try RunFolder.create("\(path)/whole")
      let state = try tiny.run(in: whole, context: CapturedLog().context())
      // Between two validations, at a validation, and at a step that has a checkpoint anyhow.
      for step in [4, 6, 5] {
        let folder = try RunFolder.create("\(path)/\(step)")
        #expect(
          throws: RunError.interrupted(run: folder.path, step: step, reason: "enough")
        ) {
          try tiny.run(
            in: folder, context: CapturedLog().context(stopReason: stopping(after: step, "enough")))
        }
        #expect(folder.savedSteps().first?.step == step)
        let log = CapturedLog()
        #expect(try tiny.run(in: folder, context: log.context()) == state)
        #expect(log.messages == ["info: resuming from step \(step)"])
        #expect(log.progress.first?.done == step)
        #expect(try tiny.metrics(folder) == tiny.metrics(whole))
        for name in ["model", "checkpoint"] {
          let paths = [folder, whole].map { name == "model" ? $0.model : $0.checkpoint(step: 10) }
          #expect(try bytes(paths[0]) == bytes(paths[1]), "\(name)")
        }
      }
    }
  }

  @Test func `a stop after the last step is none`() throws {
    try withTemporaryFolder { path in
      let folder = try RunFolder.create(path)
      let context = CapturedLog().context(stopReason: stopping(after: 10, "enough"))
      #expect(try tiny.run(in: folder, context: context).step == 10)
    }
  }

  @Test func `without validation its column is empty and the last weights are the result`() throws {
    try withTemporaryFolder { path in
      let folder = try RunFolder.create(path)
      let state = try tiny.run(in: folder, context: CapturedLog().context(), validates: false)
      #expect(try tiny.metrics(folder).dropFirst().map { $0[2] } == ["", "", "", ""])
      #expect(state.result.step == 10 && state.result.weights == state.average)
    }
  }

  @Test func `a damaged checkpoint gives way to the one before, and none is an error`() throws {
    try withTemporaryFolder { path in
      let folder = try RunFolder.create(path)
      let context = CapturedLog().context()
      #expect(try folder.resumedState(of: tiny.flow, context: context) == nil)
      _ = try tiny.run(in: folder, context: context)
      let newest = folder.checkpoint(step: 10)
      try bytes(newest).dropLast(100).write(to: URL(fileURLWithPath: newest))
      let log = CapturedLog()
      #expect(try folder.resumedState(of: tiny.flow, context: log.context())?.step == 8)
      #expect(log.messages.count == 2)
      #expect(log.messages[0].hasPrefix("warning: \(newest): "))
      #expect(log.messages[0].hasSuffix("; trying the checkpoint before"))
      #expect(log.messages[1] == "info: resuming from step 8")
      let older = folder.checkpoint(step: 8)
      try bytes(older).dropLast(100).write(to: URL(fileURLWithPath: older))
      #expect(throws: (any Error).self) {
        try folder.resumedState(of: tiny.flow, context: context)
      }
    }
  }

  @Test func `a training without memory for its proposals names them`() {
    for (samples, proposals) in [(32, 1 << 50), (1 << 50, 0)] {
      let error = #expect(throws: RunError.self) {
        try tiny.flow.checkMemory(
          for: tiny.settings, samples: samples, proposals: proposals, ranks: .alone, workers: 1)
      }
      let found = error?.description ?? ""
      #expect(found.contains(" and \(proposals) proposals: need about ") == (proposals > 0))
      #expect(found.contains("; set energies.drawn lower, or train") == (proposals > 0))
      #expect(found.hasSuffix(" or fewer samples"))
    }
  }

  @Test func `a checkpoint of another flow is refused`() throws {
    try withTemporaryFolder { path in
      let folder = try RunFolder.create(path)
      let other = try TarFlow(FlowConfiguration(tokens: 2, features: 2))
      try Checkpoint(flow: other.configuration, state: TrainingState(other, seed: 1), notes: [:])
        .write(path: folder.checkpoint(step: 3))
      #expect(
        throws: RunError.badData(
          path: folder.checkpoint(step: 3), problem: "belongs to another flow configuration")
      ) { try folder.resumedState(of: tiny.flow, context: CapturedLog().context()) }
    }
  }
}
