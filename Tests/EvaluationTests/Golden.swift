import Evaluation
import Foundation
import TestSupport

/// What NumPy, POT and mdtraj found: Tests/Golden/evaluation/evaluation.json, made by the script
/// beside it.
struct Golden: Decodable {
  struct Evaluated: Decodable {
    var picks: [Int]
    var quantile: Double
    /// The figures by their keys in `evaluation.json`.
    var result: [String: Double?]
  }
  struct Distances: Decodable {
    var a: [Double]
    var b: [Double]
    var c: [Double]
    var aWeights: [Double]
    var cWeights: [Double]
    var equal: [Double]
    var unequal: [Double]
    var weighted: [Double]
  }
  struct Draws: Decodable {
    var indicesSeed: UInt64
    var indicesBelow: Int
    var indices: [Int]
    var uniformsSeed: UInt64
    var uniforms: [Double]
  }

  var energies: [Double?]
  var logDensities: [Double?]
  var referenceEnergies: [Double]
  var torsions: [Double]
  var referenceTorsions: [Double]
  var torsionCount: Int
  var count: Int
  var torusPoints: Int
  var systematic: Evaluated
  var multinomial: Evaluated
  var distances: Distances
  /// Rows of (points of the first set, points of the second set, T-W2).
  var torusDistances: [Double]
  var draws: Draws
  var numbers: [Double]
  /// Rows of (fraction, quantile).
  var quantiles: [Double]

  static func load() throws -> Golden {
    let file = goldenFolder.appending(path: "evaluation/evaluation.json")
    return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file))
  }

  /// u and log q of the proposals; not finite where there is none.
  var finiteOrNot: (energies: [Double], logDensities: [Double]) {
    (energies.map { $0 ?? .infinity }, logDensities.map { $0 ?? .nan })
  }

  func input(clip: Double = LogWeights.benchmarkClip) throws -> EvaluationInput {
    try EvaluationInput(
      energies: finiteOrNot.energies, logDensities: finiteOrNot.logDensities, clip: clip,
      referenceEnergies: referenceEnergies,
      torsions: TorsionAngles(torsions, torsions: torsionCount),
      referenceTorsions: TorsionAngles(referenceTorsions, torsions: torsionCount))
  }
}

extension EvaluationInput {
  /// Proposals with weights from their energies and log-densities.
  init(
    energies: [Double], logDensities: [Double], clip: Double = LogWeights.benchmarkClip,
    referenceEnergies: [Double], torsions: TorsionAngles? = nil,
    referenceTorsions: TorsionAngles? = nil, residues: [ResidueTorsions] = [],
    referenceLogDensities: [Double]? = nil, chirality: IsomerSigns = .none,
    amides: IsomerSigns = .none
  ) throws {
    self.init(
      energies: energies,
      weights: try LogWeights(
        energies: energies, logDensities: logDensities, clippedFraction: clip),
      referenceEnergies: referenceEnergies, torsions: torsions,
      referenceTorsions: referenceTorsions, residues: residues,
      referenceLogDensities: referenceLogDensities, chirality: chirality, amides: amides)
  }
}

extension Array {
  /// The array cut into rows of equal length.
  func chunks(of length: Int) -> [[Element]] {
    stride(from: 0, to: count, by: length).map { Array(self[$0..<$0 + length]) }
  }
}

/// Normal deviates by Box and Muller.
func normals(_ count: Int, mean: Double = 0, deviation: Double = 1, seed: UInt64) -> [Double] {
  var generator = PCG64(seed: seed)
  return (0..<count).map { _ in
    let radius = (-2 * log(1 - generator.uniform())).squareRoot()
    return mean + deviation * radius * cos(2 * .pi * generator.uniform())
  }
}
