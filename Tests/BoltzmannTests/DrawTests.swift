import Boltzmann
import Evaluation
import Foundation
import Kernels
import Reporting
import Runs
import TestSupport
import Testing

@Suite struct DrawTests {
  private func write(_ text: String, _ path: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
  }

  private func take(
    _ count: Int, in folder: String, seed: UInt64 = 1, trained: Int = 10
  ) throws -> Int {
    try DrawnStream.take(
      count, seed: seed, path: "\(folder)/drawn.json", samples: "\(folder)/samples.nc",
      weights: "\(folder)/weights.csv", trained: trained)
  }

  @Test func `no index of a stream is taken twice`() throws {
    try withTemporaryFolder { folder in
      #expect(try take(5, in: folder) == 10)
      #expect(try take(7, in: folder) == 15)
      #expect(try take(1, in: folder) == 22)
      // The record of samples that are further on counts, that of another seed does not.
      var options = SamplingOptions()
      options.count = 100
      for (seed, next) in [(UInt64(2), 23), (1, 140)] {
        let draw = Draw(options, seed: seed, from: 40, program: "x")
        try write(
          String(decoding: JSONEncoder().encode(draw), as: UTF8.self), "\(folder)/samples.json")
        #expect(Draw(beside: "\(folder)/samples.nc", count: 100) == draw)
        #expect(Draw(beside: "\(folder)/samples.nc", count: 99) == nil)
        #expect(try take(1, in: folder) == next)
      }
    }
  }

  @Test func `samples without a record count by their rows`() throws {
    try withTemporaryFolder { folder in
      try write("log_q\n" + String(repeating: "1\n", count: 30), "\(folder)/weights.csv")
      #expect(try take(5, in: folder) == 30)
      try write("?", "\(folder)/drawn.json")
      #expect(
        throws: RunError.badData(
          path: "\(folder)/drawn.json",
          problem: "does not say which samples were drawn; pass another seed")
      ) { try take(5, in: folder) }
    }
  }

  @Test func `an evaluation takes the place of one of the same settings only`() throws {
    try withTemporaryFolder { folder in
      let files = EvaluationFiles(
        figures: "\(folder)/evaluation.json", histogram: "\(folder)/histograms.csv")
      try write("1", "\(folder)/reference.nc")
      let reference = try InputFile(path: "\(folder)/reference.nc")
      var options = EvaluationOptions()
      func report(_ program: String = "tarflow-mol 1") throws -> EvaluationReport {
        let weights = try LogWeights(
          energies: [1, 2], logDensities: [0, 0], clippedFraction: options.clippedFraction)
        let input = EvaluationInput(energies: [1, 2], weights: weights, referenceEnergies: [1, 2])
        return EvaluationReport(
          try evaluate(input, options: options), options: options, program: program,
          reference: reference, drawn: nil)
      }
      let first = try report()
      #expect(files.place(for: first) == files)
      try write(String(decoding: JSONEncoder().encode(first), as: UTF8.self), files.figures)
      #expect(files.place(for: try report("tarflow-mol 2")) == files)
      options.clippedFraction = 0
      let second = EvaluationFiles(
        figures: "\(folder)/evaluation-2.json", histogram: "\(folder)/histograms-2.csv")
      #expect(files.place(for: try report()) == second)
      try write("{}", second.figures)
      #expect(files.place(for: try report()).figures == "\(folder)/evaluation-3.json")
    }
  }

  @Test func `an evaluation of another energy, model or precision does not take the place`() throws
  {
    try withTemporaryFolder { folder in
      let files = EvaluationFiles(
        figures: "\(folder)/evaluation.json", histogram: "\(folder)/histograms.csv")
      try write("1", "\(folder)/reference.nc")
      let reference = try InputFile(path: "\(folder)/reference.nc")
      let options = EvaluationOptions()
      let weights = try LogWeights(
        energies: [1, 2], logDensities: [0, 0], clippedFraction: options.clippedFraction)
      let result = try evaluate(
        EvaluationInput(energies: [1, 2], weights: weights, referenceEnergies: [1, 2]),
        options: options)
      func report(
        solvent: String? = "obc1", model: String? = "0000000a", precision: Precision = .fp32
      ) -> EvaluationReport {
        var sampling = SamplingOptions()
        sampling.precision = precision
        return EvaluationReport(
          result, options: options, program: "a test", reference: reference,
          energy: solvent.map { ["implicit_solvent": $0] },
          drawn: Draw(sampling, seed: 1, program: "a test", model: model))
      }
      func isReplaced(
        _ old: EvaluationReport, by new: EvaluationReport, isOwn: Bool = true
      ) throws -> Bool {
        try write(sealedJSONText(old), files.figures)
        return files.place(for: new, isOwn: isOwn) == files
      }
      let other = report(solvent: "obc2")
      #expect(try isReplaced(report(), by: report()))
      #expect(try isReplaced(other, by: other, isOwn: false))
      #expect(try !isReplaced(report(), by: other, isOwn: false))
      #expect(try !isReplaced(other, by: report()))
      #expect(try !isReplaced(report(), by: report(model: "0000000b")))
      #expect(try !isReplaced(report(), by: report(precision: .bf16)))
      // Files of older programs name no energy, which is then the run's own, and no model.
      #expect(try isReplaced(report(solvent: nil, model: nil), by: report()))
      #expect(try !isReplaced(report(solvent: nil), by: other, isOwn: false))
    }
  }
}
