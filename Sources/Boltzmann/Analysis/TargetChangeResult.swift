import Evaluation
import Foundation
import Reporting

/// What weighing proposals for another target gave, for people and as JSON.
package struct TargetChangeResult: Codable, Equatable, Sendable {
  /// A target: the system and its temperature, K.
  package struct Target: Codable, Equatable, Sendable {
    package var system, description: String
    package var temperature: Double

    private enum CodingKeys: String, CodingKey {
      case system, description
      case temperature = "temperature_K"
    }

    fileprivate init(_ system: MolecularSystem) {
      (self.system, description) = (system.description.name, system.descriptionPath)
      temperature = system.description.temperature
    }
  }

  /// How far a set of weights carries.
  package struct Weights: Codable, Equatable, Sendable {
    /// The effective sample size over all weights, as a share.
    package var effectiveSampleSize: Double
    /// The same as a number of samples; of annealed proposals that of their ancestors.
    package var effectiveSamples: Double
    package var largestShare: Double
    /// The shape of the tail; nil without one.
    package var paretoShape: Double?
    package var logNormalization: Estimate

    private enum CodingKeys: String, CodingKey {
      case effectiveSampleSize = "ess_raw"
      case effectiveSamples = "effective_samples"
      case largestShare = "largest_weight_share"
      case paretoShape = "pareto_k"
      case logNormalization = "log_z"
    }

    fileprivate init(_ logWeights: [Double], _ groups: ProposalGroups) {
      effectiveSampleSize = Evaluation.effectiveSampleSize(logWeights)
      let sample = groups.sample(logWeights)
      effectiveSamples = sample.independentSamples
      largestShare = largestWeightShare(logWeights)
      paretoShape = ParetoTail(logWeights: logWeights)?.shape
      logNormalization = sample.logNormalization
    }
  }

  /// Frames that BAR and MBAR used, thinned until they are about independent.
  package struct Frames: Codable, Equatable, Sendable {
    package var base, target: Int
    /// Whether one chain's frames show no memory at all, as if they had been shuffled.
    package var baseLooksIndependent = false
    package var targetLooksIndependent = false

    private enum CodingKeys: String, CodingKey {
      case base, target
      case baseLooksIndependent = "base_looks_independent"
      case targetLooksIndependent = "target_looks_independent"
    }

    package init(base: Int, target: Int) { (self.base, self.target) = (base, target) }
  }

  /// How far the proposals carry.
  package enum Verdict: String, Codable, Sendable {
    case carries, roughly, fails
  }

  package var program: String
  package var base, target: Target
  package var sources: [String]
  /// The tables of new weights, [sources].
  package var tables: [String]
  package var samples: Int
  package var before, after: Weights
  /// `−ln(Z_target/Z_base)`, kT each: by exponential averaging over the weights, by the acceptance
  /// ratio with frames, and by the multistate one over everything; nil where it cannot be had.
  package var exponential: Estimate
  package var acceptanceRatio, multistate: Estimate?
  package var frames: Frames?
  package var verdict: Verdict

  private enum CodingKeys: String, CodingKey {
    case program, base, target, sources, samples, before, after, frames, verdict
    case tables = "weights"
    case exponential = "free_energy_weights"
    case acceptanceRatio = "free_energy_bar"
    case multistate = "free_energy_mbar"
  }

  init(
    program: String, base: MolecularSystem, target: MolecularSystem, sources: [String],
    weights tables: [String], before: [Double], after: [Double], groups: ProposalGroups
  ) {
    self.program = program
    (self.base, self.target) = (Target(base), Target(target))
    (self.sources, self.tables, samples) = (sources, tables, after.count)
    (self.before, self.after) = (Weights(before, groups), Weights(after, groups))
    exponential = freeEnergyDifference(from: before, to: after, runs: groups.counts)
    let shape = self.after.paretoShape ?? 0
    let effective = self.after.effectiveSamples
    verdict =
      shape > ParetoTail.largestReliableShape || effective < leastReliableSamples
      ? .fails : shape > 0.5 || effective < 1_000 ? .roughly : .carries
  }

  /// The figures and the verdict, for people.
  package var text: String {
    func row(_ name: String, _ weights: Weights) -> [String] {
      [
        name, weights.effectiveSampleSize.fixed(4), weights.effectiveSamples.fixed(0),
        "\((100 * weights.largestShare).fixed(2)) %", weights.paretoShape?.fixed(2) ?? "–",
        "\(weights.logNormalization.value.fixed(3)) ± \(weights.logNormalization.error.fixed(3))",
      ]
    }
    var weights = TextTable([.init(.left)] + [TextTable.Column](repeating: .init(.right), count: 5))
    weights.rows = [
      ["weights for", "ESS, raw", "effective", "largest", "Pareto k", "log Z"],
      row(name(base), before), row(name(target), after),
    ]
    var energies = TextTable([.init(.left), .init(.right), .init(.left)])
    energies.rows = [["−ln(Z/Z₀)", "kT", ""]]
    let estimates: [(String, Estimate?, String)] = [
      ("weights", exponential, "exponential averaging over the proposals"),
      (
        "BAR", acceptanceRatio,
        "proposals and \((frames?.target ?? 0).counted("frame")) of the target"
      ),
      (
        "MBAR", multistate,
        "all proposals, \((frames?.base ?? 0).counted("frame")) of the base, "
          + "\(frames?.target ?? 0) of the target"
      ),
    ]
    for (name, estimate, what) in estimates {
      guard let estimate else { continue }
      energies.rows.append(
        [name, "\(estimate.value.fixed(4)) ± \(estimate.error.fixed(4))", what])
    }
    let title = "\(samples.counted("proposal")) of \(sources.joined(separator: ", "))"
    return
      ([title, ""] + weights.lines + [""]
      + energies.lines + [""] + remarks
      + ["The new weights are in \(tables.joined(separator: ", ")).", ""]).joined(separator: "\n")
  }

  private func name(_ target: Target) -> String {
    let folder = URL(fileURLWithPath: target.description).deletingLastPathComponent()
    return "\(folder.lastPathComponent), \(target.temperature.fixed(1)) K"
  }

  /// The verdict, and where the estimates disagree.
  private var remarks: [String] {
    let effective = Int(after.effectiveSamples.rounded()).counted("effective sample")
    let figures = "\(effective), Pareto k \(after.paretoShape?.fixed(2) ?? "–")"
    let first =
      switch verdict {
      case .carries:
        "The proposals carry the target (\(figures)): averages over the new weights hold."
      case .roughly:
        "The proposals carry the target roughly (\(figures)): averages hold within their errors, rare "
          + "states may not; more proposals help."
      case .fails:
        "The proposals do not carry the target (\(figures)): a few of them make all averages, and the "
          + "errors are too small. Do not use these weights; simulate the target, or train on it."
      }
    var remarks = [first]
    if let other = multistate ?? acceptanceRatio, frames?.target ?? 0 > 0,
      let deviation = exponential.deviation(from: other), abs(deviation) > 3
    {
      remarks.append(
        "Weights and frames disagree by \(abs(deviation).fixed(1)) standard errors: the flow misses a "
          + "part of the target, or the frames are too few or too dependent.")
    }
    for (name, looksIndependent) in [
      ("base", frames?.baseLooksIndependent), ("target", frames?.targetLooksIndependent),
    ] where looksIndependent == true {
      remarks.append(
        "The frames of the \(name) look independent of each other; if they were shuffled, the errors "
          + "of BAR and MBAR are too small.")
    }
    if base.temperature != target.temperature {
      remarks.append("At different temperatures −ln(Z/Z₀) is the difference of F/kT.")
    }
    return remarks
  }
}
