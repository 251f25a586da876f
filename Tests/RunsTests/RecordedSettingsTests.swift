import Flow
import Foundation
import Runs
import RunsTestSupport
import TestSupport
import Testing

private struct Settings: LayeredConfiguration, Equatable {
  struct Training: Codable, Equatable {
    var batch = 8
    var rate = 0.1
    var steps = 10
  }

  var seed: UInt64 = 1
  var training = Training()

  static let choices: [String: [String]] = [:]
  static let settings = [
    Setting("seed", "the seed", .atLeast(0)),
    Setting("training.batch", "the batch", .between(1, 100)),
    Setting("training.rate", "the rate", .above(0)),
    Setting("training.steps", "the steps", .between(1, 100)),
  ]

  func validate() {}
}

@Suite struct RecordedSettingsTests {
  private let tiny: TinyTraining

  init() throws { tiny = try TinyTraining() }

  private func trained(_ settings: Settings) throws -> RecordedSettings {
    try RecordedSettings(settings, besides: ["training.steps"])
  }

  @Test func `a record that was edited in between is noticed`() throws {
    try withTemporaryFolder { path in
      let folder = try RunFolder.create(path)
      let settings = Settings()
      _ = try tiny.run(
        in: folder, context: CapturedLog().context(), trained: try trained(settings))
      func resume(_ change: (inout Settings) -> Void) throws -> Int? {
        var edited = settings
        change(&edited)
        return try folder.resumedState(
          of: tiny.flow, trained: try trained(edited), context: CapturedLog().context())?.step
      }
      #expect(try resume { _ in } == 10)
      // More steps are asked for by an option, too.
      #expect(try resume { $0.training.steps = 99 } == 10)
      for (change, problem) in [
        ({ $0.seed = 2 }, "seed is 2, but the run was trained with 1"),
        ({ $0.training.batch = 16 }, "training.batch is 16, but the run was trained with 8"),
        ({ $0.training.rate = 0.2 }, "training.rate is 0.2, but the run was trained with 0.1"),
      ] as [((inout Settings) -> Void, String)] {
        #expect(
          throws: RunError.configuration(
            source: folder.record,
            problem: "\(problem) up to step 10; restore it, or start a new run")
        ) { try resume(change) }
      }
      // The result is for sampling, and says nothing of this.
      #expect(try TrainedFlow(path: folder.model).notes["settings"] == nil)
    }
  }

  @Test func `a checkpoint without settings fits all`() throws {
    try withTemporaryFolder { path in
      let folder = try RunFolder.create(path)
      _ = try tiny.run(in: folder, context: CapturedLog().context())
      let state = try folder.resumedState(
        of: tiny.flow, trained: try trained(Settings()), context: CapturedLog().context())
      #expect(state?.step == 10)
    }
  }
}
