import Evaluation
import Foundation
import Kernels
import Molecules
import Trajectories

/// Proposals compared with a reference.
struct ComparedProposals {
  let result: EvaluationResult
  let histogram: EnergyHistogram
}

/// Reweights proposals and compares them with a reference trajectory of the same system.
///
/// - Parameters:
///   - energies: Energies of the proposals over kT, [samples].
///   - logDensities: log q, nats, [samples]; not finite: weight zero.
func compare(
  _ proposals: Trajectory, energies: [Double], logDensities: [Double], with reference: Trajectory,
  system: MolecularSystem, configuration: RunConfiguration, execution: Execution
) throws -> ComparedProposals {
  let backbone = Backbone(system.topology)
  let atoms = system.topology.atoms
  func torsions(_ trajectory: Trajectory) -> TorsionAngles {
    TorsionAngles(
      backbone.angles(of: trajectory.coordinates, atoms: atoms, execution: execution),
      torsions: backbone.torsions.count)
  }
  func handedness(_ trajectory: Trajectory) -> [Int] {
    backbone.handedness(of: trajectory.coordinates, atoms: atoms, execution: execution)
  }
  let options = configuration.evaluationOptions
  let referenceEnergies = system.reducedEnergies(reference.coordinates, execution: execution)
  let input = EvaluationInput(
    energies: energies, logDensities: logDensities, referenceEnergies: referenceEnergies,
    torsions: torsions(proposals), referenceTorsions: torsions(reference),
    chirality: handedness(proposals),
    referenceChirality: Array(handedness(reference).prefix(backbone.chiralCentres.count)))
  let result = try evaluate(input, options: options)
  let histogram = try energyHistogram(
    energies: energies, logDensities: logDensities, referenceEnergies: referenceEnergies,
    clip: options.clippedFraction)
  return ComparedProposals(result: result, histogram: histogram)
}

/// Histograms of the reference's, the proposals' and the reweighted energies, all in kT.
func energyHistogram(
  energies: [Double], logDensities: [Double], referenceEnergies: [Double], clip: Double,
  bins: Int = 100
) throws -> EnergyHistogram {
  let weights = try LogWeights(
    energies: energies, logDensities: logDensities, clippedFraction: clip)
  let kept = zip(weights.values, weights.kept).map { $1 ? $0 : -.infinity }
  return try EnergyHistogram(
    reference: referenceEnergies, proposals: energies, weights: normalizedWeights(kept), bins: bins)
}

/// The result as JSON with sorted keys, as `evaluation.json` holds it.
func json(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
  encoder.nonConformingFloatEncodingStrategy = .convertToString(
    positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
}

/// The histogram as CSV.
func csv(_ histogram: EnergyHistogram) -> String {
  let rows = histogram.rows.map { $0.map { "\($0)" }.joined(separator: ",") }
  return ([EnergyHistogram.columns.joined(separator: ",")] + rows).joined(separator: "\n") + "\n"
}
