import Evaluation
import Kernels
import Runs
import RunsTestSupport
import TestSupport
import Testing
import Trajectories

@testable import Boltzmann

@Suite struct SharedFramesTests {
  private let advice =
    "are frames of the training trajectory, which flatter the model; "
    + "simulate the reference with another --seed"

  @Test func `frames of the training are found in a file, and those held out are none`() throws {
    try withTemporaryFolder { folder in
      let (training, reference) = ("\(folder)/training.nc", "\(folder)/reference.nc")
      try writeAmberTrajectory(try alanineFrames(0..<40), path: training)
      try writeAmberTrajectory(try alanineFrames(30..<50), path: reference)
      for (end, count) in [(nil, 10), (35, 5), (31, 1), (30, 0)] as [(Int?, Int)] {
        let log = CapturedLog()
        let shared = try SharedFrames(of: reference, with: training, upTo: end, atoms: 33)
        #expect(shared.count == count && shared.frames == 20)
        shared.warn(of: reference, log: log.log)
        #expect(
          log.messages
            == (count > 1 ? ["warning: \(reference): \(count) of its 20 frames \(advice)"] : []))
      }
    }
  }

  @Test func `a training warns of them, and so does an evaluation of its run`() throws {
    try withTemporaryFolder { folder in
      let (training, reference) = ("\(folder)/training.nc", "\(folder)/reference.nc")
      try writeAmberTrajectory(try alanineFrames(0..<40), path: training)
      try writeAmberTrajectory(try alanineFrames(30..<50), path: reference)
      let log = CapturedLog()
      func record(_ reference: String?) throws -> MoleculeRecord {
        try MoleculeRecord(
          RunConfiguration(), system: try system("AL3"), training: training, reference: reference,
          kernel: try loadBLAS(), context: log.context())
      }
      _ = try TrainingInputs(try record(reference), context: log.context())
      #expect(log.messages.contains("warning: \(reference): 10 of its 20 frames \(advice)"))
      for (own, expected) in [(nil, 1), (reference, 0)] as [(String?, Int)] {
        let log = CapturedLog()
        // The run has no samples yet.
        #expect(throws: (any Error).self) {
          try record(own).compare(
            in: RunFolder(path: folder), of: try system("AL3"), reference: reference,
            options: EvaluationOptions(), context: log.context())
        }
        #expect(log.messages.count { $0.contains(advice) } == expected)
      }
    }
  }
}
