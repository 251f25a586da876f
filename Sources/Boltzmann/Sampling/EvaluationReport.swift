import Evaluation
import Foundation
import Reporting
import Runs
import TensorFiles

/// The figures of an evaluation with all that they depend on; encoded, an object of both.
package struct EvaluationReport: Equatable, Sendable {
  package let result: EvaluationResult
  package let options: EvaluationOptions
  /// The program with its version.
  package let program: String
  /// The reference trajectory.
  package let reference: InputFile
  /// Which energy the proposals were weighed for, as a model's file says it; nil in files of programs
  /// that wrote none.
  package let energy: [String: String]?
  /// Which random numbers the proposals were made from, where that is known.
  package let drawn: Draw?

  package init(
    _ result: EvaluationResult, options: EvaluationOptions, program: String, reference: InputFile,
    energy: [String: String]? = nil, drawn: Draw?
  ) {
    (self.result, self.options, self.program) = (result, options, program)
    (self.reference, self.energy, self.drawn) = (reference, energy, drawn)
  }

  /// Whether its proposals and those of a draw begin alike, as far as is known: either may have more.
  func isOf(_ draw: Draw?) -> Bool {
    guard let drawn, let draw else { return true }
    if let own = drawn.model, let other = draw.model, own != other { return false }
    return drawn.seed == draw.seed && drawn.first == draw.first
      && drawn.priorScale == draw.priorScale && drawn.precision == draw.precision
  }

  /// Whether its proposals were weighed for an energy.
  ///
  /// - Parameter isOwn: Whether that is the run's own, which figures without an energy are of.
  func isOf(energy: [String: String]?, isOwn: Bool) -> Bool {
    self.energy.map { $0 == energy } ?? isOwn
  }

  /// Whether another evaluation has the same settings, proposals, energy and reference, so that it may
  /// take this one's place; the version of the program does not count.
  ///
  /// - Parameter isOwn: Whether the other's energy is the run's own.
  package func hasSameSettings(as other: EvaluationReport, isOwn: Bool = true) -> Bool {
    options == other.options && reference.fnv1a == other.reference.fnv1a
      && reference.bytes == other.reference.bytes && isOf(energy: other.energy, isOwn: isOwn)
      && drawn?.count == other.drawn?.count && isOf(other.drawn)
  }
}

extension EvaluationReport: Codable {
  private enum CodingKeys: String, CodingKey {
    case program, energy, drawn
    case reference = "reference_file"
  }

  package init(from decoder: any Decoder) throws {
    result = try EvaluationResult(from: decoder)
    options = try EvaluationOptions(from: decoder)
    let container = try decoder.container(keyedBy: CodingKeys.self)
    program = try container.decode(String.self, forKey: .program)
    reference = try container.decode(InputFile.self, forKey: .reference)
    energy = try container.decodeIfPresent([String: String].self, forKey: .energy)
    drawn = try container.decodeIfPresent(Draw.self, forKey: .drawn)
  }

  package func encode(to encoder: any Encoder) throws {
    try options.encode(to: encoder)
    try result.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(program, forKey: .program)
    try container.encode(reference, forKey: .reference)
    try container.encode(energy, forKey: .energy)
    try container.encode(drawn, forKey: .drawn)
  }
}

/// What histograms on their own were made from.
package struct HistogramSettings: Encodable {
  private let program: String
  private let samples: Int
  private let reference: InputFile
  private let drawn: Draw?

  private enum CodingKeys: String, CodingKey {
    case program, samples, drawn
    case reference = "reference_file"
  }

  package init(
    _ weighted: WeightedProposals, reference: InputFile, program: String, drawn: Draw?
  ) {
    samples = weighted.proposals.count
    (self.reference, self.program, self.drawn) = (reference, program, drawn)
  }

  /// Writes a histogram and these settings, which get their names together.
  /// - Throws: `FileError.unwritable`.
  package func write(histogram: String, path: String, settings: String) throws {
    var files = FileSet()
    try files.write(histogram, path: path)
    try files.write(try jsonText(self), path: settings)
    try files.commit()
  }
}

/// The two files of an evaluation: its figures with their settings, and the histograms.
package struct EvaluationFiles: Equatable, Sendable {
  package let figures: String
  package let histogram: String

  package init(figures: String, histogram: String) {
    (self.figures, self.histogram) = (figures, histogram)
  }

  /// Where the figures are, in words.
  package var note: String { "these figures are in \(figures) and \(histogram)" }

  /// The files themselves when they are absent or hold an evaluation of the same settings,
  /// proposals, energy and reference, otherwise the first of NAME-2, NAME-3, … for which that is so.
  ///
  /// - Parameter isOwn: Whether the report's energy is the run's own.
  package func place(for report: EvaluationReport, isOwn: Bool = true) -> EvaluationFiles {
    var (place, number) = (self, 2)
    while !place.accept(report, isOwn: isOwn) {
      place = EvaluationFiles(
        figures: numbered(figures, number), histogram: numbered(histogram, number))
      number += 1
    }
    return place
  }

  private func accept(_ report: EvaluationReport, isOwn: Bool) -> Bool {
    let files = FileManager.default
    guard files.fileExists(atPath: figures) else { return !files.fileExists(atPath: histogram) }
    let found = readRecord(EvaluationReport.self, path: figures)
    return found?.hasSameSettings(as: report, isOwn: isOwn) ?? false
  }
}

/// "evaluation.json" as "evaluation-2.json".
private func numbered(_ path: String, _ number: Int) -> String {
  let url = URL(fileURLWithPath: path)
  let name = url.deletingPathExtension().lastPathComponent
  return (path as NSString).deletingLastPathComponent
    + "/\(name)-\(number).\(url.pathExtension)"
}
