import Flow
import Foundation
import Kernels
import Runs
import RunsTestSupport
import TestSupport
import Testing

@Suite struct RankTrainingTests {
  /// How a training ended on a rank.
  private struct End {
    var state: TrainingState?
    var stop: String?
  }

  /// Trains on several ranks.
  ///
  /// - Parameter stop: The rank that wants to stop, and after how many steps.
  private func train(
    _ tiny: TinyTraining, in folder: RunFolder, ranks count: Int,
    stop: (rank: Int, after: Int)? = nil
  ) throws -> [End] {
    try onRanks(count) { ranks in
      var context = CapturedLog().context()
      if let stop, stop.rank == ranks.rank {
        context.stopReason = stopping(after: stop.after, "enough")
      }
      context.ranks = ranks
      do {
        return End(state: try tiny.run(in: folder, context: context))
      } catch RunError.interrupted(_, let step, let reason) {
        return End(stop: "\(step): \(reason)")
      }
    }
  }

  @Test func `ranks stop together and go on with another number`() throws {
    var tiny = try TinyTraining()
    tiny.settings.parts = 4
    try withTemporaryFolder { path in
      let whole = try RunFolder.create("\(path)/whole")
      let expected = try tiny.run(in: whole, context: CapturedLog().context())
      let shared = try RunFolder.create("\(path)/shared")
      let stopped = try train(tiny, in: shared, ranks: 3, stop: (rank: 2, after: 5))
      #expect(stopped.map(\.stop) == ["5: rank 2", "5: rank 2", "5: enough"])
      let finished = try train(tiny, in: shared, ranks: 2)
      #expect(finished.map(\.state) == [expected, expected])
      #expect(try tiny.metrics(shared) == tiny.metrics(whole))
      for file in [whole.checkpoint(step: 10), whole.model] {
        let name = file.dropFirst(whole.path.count)
        #expect(
          try Data(contentsOf: URL(filePath: file))
            == Data(contentsOf: URL(filePath: shared.path + name)))
      }
    }
  }

  @Test func `ranks go back together when the training diverges`() throws {
    var tiny = try TinyTraining()
    (tiny.settings.learningRate, tiny.settings.warmUp, tiny.settings.averageDecay) = (8, 0, 0)
    (tiny.settings.checkpointEvery, tiny.settings.parts) = (3, 2)
    try withTemporaryFolder { path in
      let expected = try tiny.run(
        in: try RunFolder.create("\(path)/whole"), context: CapturedLog().context())
      let finished = try train(tiny, in: try RunFolder.create("\(path)/shared"), ranks: 2)
      #expect(expected.rewinds > 0)
      #expect(finished.map(\.state) == [expected, expected])
    }
  }

  @Test func `ranks that compute something else are found out`() throws {
    let tiny = try TinyTraining()
    try withTemporaryFolder { path in
      let folder = try RunFolder.create(path)
      let problems = try onRanks(2) { ranks -> String in
        var own = tiny
        own.settings.parts = 2
        // Another step, as another CPU would take it.
        if ranks.rank == 1 { own.settings.weightDecay *= 1.001 }
        var context = CapturedLog().context()
        context.ranks = ranks
        do {
          _ = try own.run(in: folder, context: context)
          return "none"
        } catch {
          return "\(error)"
        }
      }
      let expected =
        "rank 1: has other weights than rank 0 at step 3; give all ranks the same kind of CPU, "
        + "the same program and the same files"
      #expect(problems == [expected, expected])
    }
  }
}
