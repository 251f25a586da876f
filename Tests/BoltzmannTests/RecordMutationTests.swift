import Evaluation
import Foundation
import Molecules
import Reporting
import Runs
import RunsTestSupport
import TensorFiles
import TestSupport
import Testing
import Trajectories

@testable import Boltzmann

/// Damaged records of runs and draws give an error, or what the whole ones give.
@Suite struct RecordMutationTests {
  private let context = CapturedLog().context()

  private func draw(seed: UInt64, first: Int) -> Draw {
    var options = SamplingOptions()
    (options.count, options.priorScale) = (64, 1.25)
    return Draw(options, seed: seed, from: first, program: "a test").of("0123abcd")
  }

  @Test func `no damage gives another draw, stream or weighting`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/samples.json"
      try expectDamageNoticed(
        path, as: sealedJSONText(draw(seed: 1, first: 128)),
        splicedWith: sealedJSONText(draw(seed: 23, first: 256)), limit: 400
      ) { readRecord(Draw.self, path: path) }
      try expectDamageNoticed(
        path, as: sealedJSONText(DrawnStream(seed: 1, next: 10)),
        splicedWith: sealedJSONText(DrawnStream(seed: 2, next: 34)), limit: 400
      ) { readRecord(DrawnStream.self, path: path) }
      func weighting(_ clip: Double) -> Weighting {
        Weighting(program: "a test", clip: clip, energy: ["solvent": "obc2"], table: "0123abcd")
      }
      try expectDamageNoticed(
        path, as: sealedJSONText(weighting(0.002)), splicedWith: sealedJSONText(weighting(0.1)),
        limit: 400
      ) { try Weighting.read(path: path) }
    }
  }

  @Test func `a record without a seal is read as it was, a damaged one is named`() throws {
    try withTemporaryFolder { folder in
      let (samples, path) = ("\(folder)/samples.nc", "\(folder)/samples.json")
      func write(_ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      }
      let record = draw(seed: 1, first: 0)
      let sealed = try sealedJSONText(record)
      let plain = try jsonText(record)
      #expect(sealed.hasPrefix("{\n  \"crc32\" : \"\(Checksum(of: plain.utf8))\",\n  "))
      for text in [sealed, plain] {
        try write(text)
        #expect(readRecord(Draw.self, path: path) == record && !isDamagedRecord(path: path))
      }
      // A record of something else is none of ours.
      try write("{\"a\": 1}")
      try Draw.check(samples)
      for text in [sealed.replacing("\"seed\" : 1", with: "\"seed\" : 3"), "", "{\"a\": "] {
        try write(text)
        #expect(readRecord(Draw.self, path: path) == nil)
        #expect(
          throws: RunError.badData(
            path: path, problem: "is damaged; use a copy, draw again, or remove that file")
        ) { try Draw.check(samples) }
        #expect(
          throws: RunError.badData(
            path: path, problem: "does not say which samples were drawn; pass another seed")
        ) {
          try DrawnStream.take(
            1, seed: 1, path: "\(folder)/drawn.json", samples: samples,
            weights: "\(folder)/weights.csv", trained: 0)
        }
      }
    }
  }

  /// A run of frames of AL3, with a checkpoint that knows its settings.
  private func run(_ path: String, seed: UInt64, heldOut: Bool) throws -> RunFolder {
    let folder = try RunFolder.create(path)
    let molecule = try system("AL3")
    var configuration = RunConfiguration()
    (configuration.seed, configuration.training.batch) = (seed, 32)
    configuration.flow.orders = [[0, 2, 1], [1, 0, 2]]
    let (training, reference) = ("\(path)/mine.nc", "\(path)/other.nc")
    try writeAmberTrajectory(try alanineFrames(0..<10), path: training)
    try writeAmberTrajectory(try alanineFrames(10..<14), path: reference)
    let record = try MoleculeRecord(
      configuration, system: molecule, training: training,
      reference: heldOut ? nil : reference,
      heldOut: heldOut ? HeldOutFrames(ofFrames: 10) : nil, kernel: "K", context: context)
    try record.keepInputs(in: path)
    try folder.begin(record)
    return folder
  }

  /// What a record says that is not free to be changed, the places of files apart.
  private struct Meaning: Equatable {
    let settings: String
    let inputs: [String]
    let heldOut: HeldOutFrames?
  }

  @Test(arguments: [false, true])
  func `no damage gives another record of a run`(heldOut: Bool) throws {
    try withTemporaryFolder { path in
      let folder = try run("\(path)/run", seed: 1, heldOut: heldOut)
      let other = try run("\(path)/other", seed: 2, heldOut: heldOut)
      let texts = try [folder, other].map { try String(contentsOfFile: $0.record, encoding: .utf8) }
      try expectDamageNoticed(folder.record, as: texts[0], splicedWith: texts[1], limit: 300) {
        let record = try MoleculeRecord.read(in: folder)
        try record.heldOut?.checkCount(10, path: "mine.nc")
        try record.checkInputs()
        var configuration = record.configuration
        // Anybody may change these at any time.
        configuration.training.steps = 0
        (configuration.sampling, configuration.evaluation) = (.init(), .init())
        return Meaning(
          settings: try yamlText(configuration), inputs: record.inputs.map(\.fingerprint),
          heldOut: record.heldOut)
      }
    }
  }

  @Test func `a record that no longer says what is held out is noticed`() throws {
    try withTemporaryFolder { path in
      let folder = try run("\(path)/run", seed: 1, heldOut: true)
      let text = try String(contentsOfFile: folder.record, encoding: .utf8)
      func problem(_ old: String, _ new: String) throws -> String? {
        #expect(text.contains(old))
        try Data(text.replacing(old, with: new).utf8)
          .write(to: URL(fileURLWithPath: folder.record))
        let error = #expect(throws: RunError.self) { try MoleculeRecord.read(in: folder) }
        return error?.description.replacing(folder.record, with: "record")
      }
      let end = "but the run was trained with 8 of 10 up to step 6; restore it, or start a new run"
      #expect(try problem("held_out:", "help_out:") == "record: held_out is none, \(end)")
      #expect(try problem("frame: 8", "frame: 9") == "record: held_out is 9 of 10, \(end)")
      #expect(throws: RunError.self) {
        try #require(HeldOutFrames(ofFrames: 20)).checkCount(10, path: "mine.nc")
      }
      let wrong = try JSONDecoder().decode(
        HeldOutFrames.self, from: Data("{\"first_frame\":7,\"frames_of_trajectory\":10}".utf8))
      #expect(
        throws: RunError.badData(
          path: "mine.nc",
          problem: "has 10 frames, of which those from 8 on are held out, but the run's record "
            + "says from 7 on; restore it, or start a new run")
      ) { try wrong.checkCount(10, path: "mine.nc") }
    }
  }

  @Test func `a trajectory of a run that was damaged is noticed`() throws {
    try withTemporaryFolder { path in
      let folder = try run("\(path)/run", seed: 1, heldOut: false)
      let record = try MoleculeRecord.read(in: folder)
      let reference = try #require(record.reference)
      let place = URL(fileURLWithPath: reference.path)
      let whole = [UInt8](try Data(contentsOf: place))
      let other = [UInt8](try Data(contentsOf: URL(fileURLWithPath: record.training.path)))
      _ = try forEachMutation(of: whole, splicedWith: other, limit: 100) { change, bytes in
        guard bytes != whole else { return }
        try Data(bytes).write(to: place)
        #expect(throws: RunError.self, "\(change)") { try record.checkInputs() }
        let log = CapturedLog()
        record.warnOfChanged(reference: reference.path, log: log.log)
        #expect(log.messages.count == 1, "\(change)")
      }
      // Another one that is named instead is nobody's business.
      let log = CapturedLog()
      record.warnOfChanged(reference: "\(path)/x.nc", log: log.log)
      try Data(whole).write(to: place)
      record.warnOfChanged(reference: reference.path, log: log.log)
      #expect(log.messages.isEmpty)
    }
  }
}
