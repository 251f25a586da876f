import Evaluation
import Flow
import Runs

extension RunConfiguration {
  /// What the settings of a molecule's training mean.
  package static let settings: [Setting] =
    [
      Setting("seed", "the seed of all randomness", .atLeast(0)),
      Setting("representation", "what the flow learns: internal coordinates or Cartesian ones"),
      Setting("atom_order", "the order in which atoms are placed"),
      Setting(
        "atoms_per_token", "the most atoms that a token of internal coordinates places",
        .between(1...mostAtomsPerToken)),
      Setting(
        "relabel_equivalent_atoms", "whether frames get random labels of equivalent atoms"),
      Setting(
        "relabel_flips", "whether frames get either label where rings and carboxylates flip"),
      Setting(
        "frames_of_every_rung",
        "whether frames of a simulation's hotter rungs, in NAME.rung2.nc, … beside the training "
          + "trajectory NAME.nc, are learned, too, each rung as a class of its own"),
    ]
    + NetworkConfiguration.settings.map { $0.inGroup("flow") }
    + TrainingConfiguration.settings.map { $0.inGroup("training") }
    + TargetConfiguration.settings.map { $0.inGroup("energies") }
    + [
      Setting("count", "conformations that are drawn", .between(SamplingOptions.counts))
        .inGroup("sampling"),
      Setting("prior_scale", "the standard deviation of the prior", SamplingOptions.priorScales)
        .inGroup("sampling"),
      Setting("precision", "the arithmetic of the flow's large products").inGroup("sampling"),
      Setting("count", "frames of each set that are compared", .between(EvaluationOptions.counts))
        .inGroup("evaluation"),
      Setting(
        "seeds", "draws of multinomial resampling to average over",
        .between(EvaluationOptions.seedCounts)
      ).inGroup("evaluation"),
      Setting("resample", "how weighted proposals become a sample").inGroup("evaluation"),
      Setting(
        "torus_points", "frames that T-W2 compares, 0 for no T-W2",
        .between(EvaluationOptions.torusPointCounts)
      ).inGroup("evaluation"),
      Setting("clip", "the share of the largest weights that is dropped", .below(0, 1))
        .inGroup("evaluation"),
    ]
}
