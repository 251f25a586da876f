import Evaluation
import Flow
import Kernels
import Molecules
import Runs

/// Everything that decides what a run computes, apart from its input files.
package struct RunConfiguration: LayeredConfiguration, Equatable {
  package var seed: UInt64 = 1
  package var representation = Representation.Kind.internal
  package var atomOrder = AtomOrder.topology
  /// The most atoms that a token of internal coordinates places.
  package var atomsPerToken = 1
  /// Whether training frames get random labels of equivalent atoms (methyl and ammonium hydrogens).
  package var relabelEquivalentAtoms = true
  /// Whether training frames get random labels where rings and carboxylates flip.
  package var relabelFlips = false
  /// Whether the flow learns the frames of every rung of the simulation, each as a class of its own.
  package var framesOfEveryRung = false
  package var flow = NetworkConfiguration()
  package var training = TrainingConfiguration()
  /// The terms of the loss that use energies.
  package var energies = TargetConfiguration()
  package var sampling = SamplingOptions()
  package var evaluation = EvaluationOptions()

  /// The limit of `atomsPerToken`.
  static let mostAtomsPerToken = 64

  package init() {}

  private enum CodingKeys: String, CodingKey {
    case seed, representation, flow, training, energies, sampling, evaluation
    case atomOrder = "atom_order"
    case atomsPerToken = "atoms_per_token"
    case relabelEquivalentAtoms = "relabel_equivalent_atoms"
    case relabelFlips = "relabel_flips"
    case framesOfEveryRung = "frames_of_every_rung"
  }

  /// The words that a setting takes, by its key.
  package static let choices: [String: [String]] = [
    "representation": Representation.Kind.allCases.map(\.rawValue),
    "atom_order": AtomOrder.allCases.map(\.rawValue),
    "flow.transform": NetworkConfiguration.Transform.allCases.map(\.rawValue),
    "training.optimizer": Optimizer.allCases.map(\.rawValue),
    "training.schedule": Schedule.allCases.map(\.rawValue),
    "training.precision": Precision.allCases.map(\.rawValue),
    "energies.dispersion": TargetConfiguration.Dispersion.allCases.map(\.rawValue),
    "sampling.precision": Precision.allCases.map(\.rawValue),
    "evaluation.resample": Resampling.allCases.map(\.rawValue),
  ]

  /// Whether the training has no frames of the target, but its energy alone.
  package var learnsFromEnergy: Bool { !energies.usesSamples }

  /// Reads what was encoded; records of programs without a group have its defaults.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    seed = try container.decode(UInt64.self, forKey: .seed)
    representation = try container.decode(Representation.Kind.self, forKey: .representation)
    atomOrder = try container.decode(AtomOrder.self, forKey: .atomOrder)
    // Records of programs without the setting are of tokens of one atom.
    atomsPerToken = try container.decodeIfPresent(Int.self, forKey: .atomsPerToken) ?? 1
    relabelEquivalentAtoms = try container.decode(Bool.self, forKey: .relabelEquivalentAtoms)
    relabelFlips = try container.decodeIfPresent(Bool.self, forKey: .relabelFlips) ?? relabelFlips
    framesOfEveryRung =
      try container.decodeIfPresent(Bool.self, forKey: .framesOfEveryRung) ?? framesOfEveryRung
    flow = try container.decode(NetworkConfiguration.self, forKey: .flow)
    training = try container.decode(TrainingConfiguration.self, forKey: .training)
    energies =
      try container.decodeIfPresent(TargetConfiguration.self, forKey: .energies) ?? energies
    sampling = try container.decode(SamplingOptions.self, forKey: .sampling)
    evaluation = try container.decode(EvaluationOptions.self, forKey: .evaluation)
  }

  /// Checks what can be checked without data.
  package func validate() throws {
    try sampling.validate(source: "configuration")
    guard (1...Self.mostAtomsPerToken).contains(atomsPerToken) else {
      throw RunError.configuration(
        source: "configuration",
        problem: "atoms_per_token is \(atomsPerToken), expected 1 to \(Self.mostAtomsPerToken)")
    }
    try checkLimits(of: "flow", flow.validate)
    try checkLimits(of: "training", training.validate)
    try checkLimits(of: "energies", energies.validate)
    guard !energies.isUsed || representation == .internal else {
      throw RunError.configuration(
        source: "energies", problem: "need the internal representation, not \(representation)")
    }
    guard !framesOfEveryRung || energies.usesSamples else {
      throw RunError.configuration(
        source: "configuration",
        problem: "frames_of_every_rung is true, but a training from the energy alone has no frames")
    }
    guard !flow.periodic || representation == .internal else {
      throw RunError.configuration(
        source: "configuration",
        problem: "flow.periodic is true, but the cartesian representation has no periodic feature; "
          + "use the internal one")
    }
    do throws(EvaluationError) {
      try evaluation.validate()
    } catch {
      throw RunError.configuration(source: "configuration", problem: "evaluation.\(error)")
    }
  }
}
