import Foundation
import Kernels
import Molecules
import TestSupport
import Testing

/// The energies of peptides built from sequences against those of the systems that OpenMM's own
/// force field makes, term by term.
struct BuiltEnergyTests {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    var sequence: String
    var forceField: String
    var radii: String
    var solventDielectric: Double
    var residues: [String]
    /// nm, [frames, 3 × atoms].
    var positions: [[Double]]
    /// kJ/mol, by term.
    var energies: [[String: Double]]

    var testDescription: String { "\(sequence) \(forceField) \(radii)" }
  }

  private struct Cases: Decodable { var cases: [Case] }

  /// kJ/mol; the larger of the two counts.
  private static let tolerance = (absolute: 1e-3, relative: 1e-6)
  private static let terms: [(name: String, value: @Sendable (EnergyTerms) -> Double)] = [
    ("bond", \.bond), ("angle", \.angle), ("proper", \.properTorsion),
    ("improper", \.improperTorsion), ("lj", \.distantLennardJones), ("lj14", \.lennardJones14),
    ("coulomb", \.distantCoulomb), ("coulomb14", \.coulomb14), ("polarization", \.polarization),
    ("surface", \.surfaceArea), ("cmap", \.correctionMap),
  ]

  /// The stored sample, and what the folder that TARFLOW_TEST_GOLDENS names holds as
  /// `built-*.json`.
  static let files: [URL] = {
    let stored = goldenFolder.appending(path: "building/energies.json")
    guard let more = ProcessInfo.processInfo.environment["TARFLOW_TEST_GOLDENS"] else {
      return [stored]
    }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: more)) ?? []
    return [stored]
      + names.filter { $0.hasPrefix("built-") && $0.hasSuffix(".json") }.sorted()
      .map { URL(fileURLWithPath: more).appending(path: $0) }
  }()

  @Test(arguments: files)
  func `every term equals that of OpenMM's system`(file: URL) throws {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let cases = try decoder.decode(Cases.self, from: Data(contentsOf: file)).cases
    #expect(cases.count > 30)
    var worst = [(share: Double, deviation: Double, place: String)](
      repeating: (0, 0, ""), count: Self.terms.count)
    for test in cases {
      let found = try energies(test)
      for (frame, expected) in test.energies.enumerated() {
        for (term, (name, value)) in Self.terms.enumerated() {
          // Without maps there is no such force.
          let wanted = try name == "cmap" ? expected[name] ?? 0 : #require(expected[name])
          let deviation = abs(value(found[frame]) - wanted)
          let allowed = max(Self.tolerance.absolute, Self.tolerance.relative * abs(wanted))
          #expect(deviation <= allowed, "\(test.testDescription), frame \(frame), \(name)")
          if deviation / allowed >= worst[term].share {
            worst[term] = (
              deviation / allowed, deviation, "\(test.testDescription) frame \(frame): \(wanted)"
            )
          }
        }
      }
    }
    try report(file, worst, cases.count)
  }

  private func energies(_ test: Case) throws -> [EnergyTerms] {
    var sequence = try PeptideSequence(test.sequence)
    try sequence.closeDisulfides()
    let forceField = try #require(AmberForceField(rawValue: test.forceField))
    let radii = try #require(RadiusSet(rawValue: test.radii))
    let peptide = try Peptide(sequence, forceField: forceField)
    let solvent = ImplicitSolvent(model: .obc2, solventDielectric: test.solventDielectric)
    let energy = Energy(peptide.parameters(radii: radii), solvent: solvent)
    return energy.terms(
      coordinates: test.positions.flatMap { $0 }, execution: Execution(workers: 2))
  }

  /// Leaves the largest deviations in the folder that TARFLOW_TEST_REPORTS names, if it is set.
  private func report(
    _ file: URL, _ worst: [(share: Double, deviation: Double, place: String)], _ count: Int
  ) throws {
    guard let folder = ProcessInfo.processInfo.environment["TARFLOW_TEST_REPORTS"] else { return }
    let lines = zip(Self.terms, worst).map {
      "\($0.name),\($1.deviation),\($1.share),\($1.place)\n"
    }
    let text = "term,deviation,share of the tolerance,where (\(count) peptides)\n" + lines.joined()
    let name = file.deletingPathExtension().lastPathComponent
    try text.write(
      to: URL(fileURLWithPath: folder).appending(path: "\(name).csv"), atomically: true,
      encoding: .utf8)
  }
}
