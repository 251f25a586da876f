import Evaluation
import Foundation
import Kernels
import Logging
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
  /// - Parameter referenceLogDensities: `log q` of the reference's frames, by the flow that made the
  ///   proposals; nil where it is not known.
  /// - Throws: `EvaluationError`.
  /// - Precondition: The weights' clip is that of the options.
  package init(
    _ weighted: WeightedProposals, with reference: Trajectory, of system: MolecularSystem,
    options: EvaluationOptions, referenceLogDensities: [Double]? = nil, execution: Execution
  ) throws(EvaluationError) {
    try self.init(
      ObservedProposals(weighted, of: system, execution: execution), with: reference, of: system,
      options: options, referenceLogDensities: referenceLogDensities, execution: execution)
  }

  /// Compares proposals, of which the coordinates are not kept, with a reference.
  /// - Throws: `EvaluationError`.
  package init(
    _ proposals: ObservedProposals, with reference: Trajectory, of system: MolecularSystem,
    options: EvaluationOptions, referenceLogDensities: [Double]? = nil, execution: Execution
  ) throws(EvaluationError) {
    let backbone = Backbone(system.topology)
    let stereochemistry = Stereochemistry(system.topology)
    let found = proposals.observables
    let expected = Observables(reference, of: system, execution: execution)
    func torsions(_ observables: Observables) -> TorsionAngles {
      TorsionAngles(observables.torsions, torsions: backbone.torsions.count)
    }
    func signs(_ names: [String], _ signs: KeyPath<Observables, [Int]>) -> IsomerSigns {
      IsomerSigns(
        names: names, samples: found[keyPath: signs], reference: expected[keyPath: signs])
    }
    result = try evaluate(
      EvaluationInput(
        energies: found.energies, weights: proposals.weights,
        referenceEnergies: expected.energies,
        torsions: torsions(found), referenceTorsions: torsions(expected),
        residues: backbone.residues(system.topology),
        referenceLogDensities: referenceLogDensities, referenceChains: reference.framesByChain,
        chirality: signs(stereochemistry.centreNames(system.topology), \.handedness),
        amides: signs(stereochemistry.amideNames(system.topology), \.isomers)),
      options: options)
    histogram = try EnergyHistogram(
      reference: expected.energies, proposals: found.energies,
      weights: normalizedWeights(proposals.weights.values))
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

  /// The figures with all that they depend on; passes the warnings on.
  ///
  /// - Parameters:
  ///   - system: What the proposals were weighed for.
  ///   - path: The reference's as the user knows it, for the warnings; nil for that of its record.
  ///   - drawn: How they were drawn, where that is known.
  func report(
    of system: MolecularSystem, options: EvaluationOptions, reference: InputFile,
    readAs path: String? = nil, drawn: Draw?, context: RunContext
  ) -> EvaluationReport {
    for warning in warnings { context.log.warning("\(path ?? reference.path): \(warning)") }
    // The original of the topology may go while a run trains.
    return EvaluationReport(
      result, options: options, program: context.program, reference: reference,
      energy: try? ModelTarget(of: system).notes, drawn: drawn)
  }

  /// Writes the figures with their settings as JSON, and the histogram as CSV, which get their names
  /// together.
  /// - Throws: `FileError.unwritable`.
  package func write(_ report: EvaluationReport, to files: EvaluationFiles) throws {
    var set = FileSet()
    try set.write(try sealedJSONText(report), path: files.figures)
    try set.write(histogram.csvText, path: files.histogram)
    try set.commit()
  }
}

/// Compares proposals in files with a reference.
///
/// - Parameters:
///   - isOwn: Whether they were weighed for this system, as far as the caller knows.
///   - model: The flow of their run; nil if it is not at hand. Where another made them, as a warning
///     says, or none is at hand, nothing is said of the density at the reference.
/// - Throws: What reading the files throws, `EvaluationError`.
package func compareFiles(
  samples: String, weights: String, reference: String, of system: MolecularSystem,
  isOwn: Bool = true, options: EvaluationOptions,
  model: DrawingModel? = nil, context: RunContext
) throws -> (comparison: Comparison, report: EvaluationReport) {
  let (execution, log) = (context.execution, context.log)
  let frames = try readEquilibriumFrames(reference, of: system, execution: execution, log: log)
  let weighted = try WeightedProposals(
    samples: samples, weights: weights, of: system, isOwn: isOwn, clip: options.clippedFraction,
    context: context)
  let drawn = Draw(beside: samples, count: weighted.proposals.count)
  let densities: [Double]? = model.flatMap { model -> [Double]? in
    guard let model = model.of(drawn) else {
      log.warning(
        """
        \(samples): was drawn with other weights than the model has now, whose density of the \
        reference (held_out) is left out; draw again, or let the training end
        """)
      return nil
    }
    return model.trained.referenceDensities(
      frames, comparing: options.count, of: system, model.sampling, seed: model.seed,
      execution: execution)
  }
  let comparison = try Comparison(
    weighted, with: frames, of: system, options: options, referenceLogDensities: densities,
    execution: execution)
  let report = comparison.report(
    of: system, options: options, reference: try InputFile(path: reference), readAs: reference,
    drawn: drawn, context: context)
  return (comparison, report)
}

extension WeightedProposals {
  /// Histograms of the reference's, the proposals' and the reweighted energies, all in kT; all
  /// finite weights take part.
  /// - Throws: `EvaluationError`.
  package func energyHistogram(
    referenceEnergies: [Double], bins: Int = 100
  ) throws(EvaluationError) -> EnergyHistogram {
    try EnergyHistogram(
      reference: referenceEnergies, proposals: energies,
      weights: normalizedWeights(weights.values), bins: bins)
  }
}

extension Backbone {
  /// The residues that have a φ or a ψ, with their columns among the torsions.
  func residues(_ topology: Topology) -> [ResidueTorsions] {
    func column(_ torsions: [SIMD4<Int32>], _ atom: KeyPath<SIMD4<Int32>, Int32>, _ residue: Int)
      -> Int?
    { torsions.firstIndex { topology.residueOfAtom[Int($0[keyPath: atom])] == residue } }
    return topology.residueNames.indices.compactMap { residue in
      // Both have the α-carbon of their residue: φ as its third atom, ψ as its second.
      let (phi, psi) = (column(phi, \.z, residue), column(psi, \.y, residue))
      guard phi != nil || psi != nil else { return nil }
      return ResidueTorsions(
        residue: "\(topology.residueNames[residue])\(residue + 1)", phi: phi,
        psi: psi.map { $0 + self.phi.count })
    }
  }
}

extension EnergyHistogram {
  /// The histogram as `histograms.csv` holds it.
  package var csvText: String {
    Reporting.csvText(columns: Self.columns, rows: rows.map { $0.map { "\($0)" } })
  }
}
