import Evaluation
import Foundation
import Kernels
import Molecules
import Reporting
import Runs
import TensorFiles
import Trajectories

/// Weighted proposals beside a reference trajectory of the same system.
package struct Comparison {
  package let result: EvaluationResult
  package let histogram: EnergyHistogram

  /// Compares proposals with a reference.
  ///
  /// - Throws: `EvaluationError`.
  /// - Precondition: The weights' clip is that of the options.
  package init(
    _ weighted: WeightedProposals, with reference: Trajectory, of system: MolecularSystem,
    options: EvaluationOptions, execution: Execution
  ) throws(EvaluationError) {
    let backbone = Backbone(system.topology)
    let atoms = system.topology.atoms
    func torsions(_ trajectory: Trajectory) -> TorsionAngles {
      TorsionAngles(
        backbone.angles(of: trajectory.coordinates, atoms: atoms, execution: execution),
        torsions: backbone.torsions.count)
    }
    let referenceEnergies = system.reducedEnergies(reference.coordinates, execution: execution)
    let proposals = weighted.proposals.conformations
    let stereochemistry = Stereochemistry(system.topology)
    func signs(
      _ names: (Topology) -> [String], _ signs: ([Double], Int, Execution) -> [Int]
    ) -> IsomerSigns {
      IsomerSigns(
        names: names(system.topology), samples: signs(proposals.coordinates, atoms, execution),
        reference: signs(reference.coordinates, atoms, execution))
    }
    result = try evaluate(
      EvaluationInput(
        energies: weighted.energies, weights: weighted.weights,
        referenceEnergies: referenceEnergies,
        torsions: torsions(proposals), referenceTorsions: torsions(reference),
        chirality: signs(
          stereochemistry.centreNames, stereochemistry.handedness(of:atoms:execution:)),
        amides: signs(stereochemistry.amideNames, stereochemistry.isomers(of:atoms:execution:))),
      options: options)
    histogram = try weighted.energyHistogram(referenceEnergies: referenceEnergies)
  }

  /// What is doubtful about the reference's stereocentres, a sentence each.
  package var warnings: [String] {
    result.stereocentres.filter(\.isMixed).map { centre in
      let share = "\((100 * centre.reference).fixed(2)) %"
      return "the reference holds both mirror images of the stereocentre \(centre.atom): "
        + (centre.correct == nil
          ? "neither has the majority, so that it is not compared"
          : "\(share) of its frames have the one that samples are compared with")
    }
  }

  /// Writes the figures as JSON and the histogram as CSV.
  /// - Throws: `FileError.unwritable`.
  package func write(figures: String, histogram path: String) throws {
    try writeText(try jsonText(result), path: figures)
    try writeText(histogram.csvText, path: path)
  }
}

extension WeightedProposals {
  /// Histograms of the reference's, the proposals' and the reweighted energies, all in kT; the
  /// clipped proposals have no weight.
  /// - Throws: `EvaluationError`.
  package func energyHistogram(
    referenceEnergies: [Double], bins: Int = 100
  ) throws(EvaluationError) -> EnergyHistogram {
    let kept = zip(weights.values, weights.kept).map { $1 ? $0 : -.infinity }
    return try EnergyHistogram(
      reference: referenceEnergies, proposals: energies, weights: normalizedWeights(kept),
      bins: bins)
  }
}

extension EnergyHistogram {
  /// The histogram as `histograms.csv` holds it.
  package var csvText: String {
    Reporting.csvText(columns: Self.columns, rows: rows.map { $0.map { "\($0)" } })
  }
}
