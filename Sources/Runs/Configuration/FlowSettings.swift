import Flow

extension NetworkConfiguration {
  /// What its keys mean.
  package static let settings: [Setting] = [
    Setting(
      "blocks", "flow blocks, each with its own causal Transformer", .between(1...mostBlocks)),
    Setting("layers", "Transformer layers of a block", .between(1...mostLayers)),
    Setting(
      "width", "width of the residual stream, a multiple of head_width", .between(1...mostUnits)),
    Setting("head_width", "width of an attention head", .between(1...mostUnits)),
    Setting(
      "expansion", "hidden units of the MLP, in units of the width",
      .between(1...mostExpansion)),
    Setting("transform", "the map of a feature"),
    Setting("components", "components of the mixture", .between(1...mostComponents)),
    Setting("within_token", "whether a feature also depends on those before it in its token"),
    Setting("head_units", "hidden units of the within-token head", .between(1...mostUnits)),
    Setting("start_token", "whether a learned token precedes the sequence"),
    Setting("final_norm", "whether a LayerNorm follows the last layer"),
    Setting("periodic", "whether torsions have a density on the circle"),
    Setting(
      "context_units", "hidden units of the network that sees the placed atoms, 0 for none",
      .between(0...mostUnits)),
    Setting("orders", "the order of the tokens in each block; empty: as they are, reversed, …"),
  ]
}

extension StepConfiguration {
  /// What its keys mean.
  package static let settings: [Setting] = [
    Setting("batch", "samples of a step", .between(1...mostCounted)),
    Setting(
      "parts", "parts of a batch, which workers and ranks share, 0 for what the shapes suggest",
      .between(0...mostParts)),
    Setting("optimizer", "Muon for the layers' matrices and AdamW for the rest, or AdamW alone"),
    Setting("learning_rate", "the peak of the learning rate", .above(0)),
    Setting("schedule", "how the learning rate rises and falls"),
    Setting("weight_decay", "decay of the weights, in units of the learning rate", .atLeast(0)),
    Setting("beta1", "decay of the mean of the gradient", .below(0, 1)),
    Setting("beta2", "decay of the mean of its square", .below(0, 1)),
    Setting("clip", "the largest norm of the gradient, 0 for none", .atLeast(0)),
    Setting("precision", "the arithmetic of the large products; auto: bf16 where the CPU has it"),
    Setting(
      "average_decay", "decay of the moving average of the weights, which is sampled from",
      .below(0, 1)),
    Setting(
      "validate_every", "steps between validations, the best of which is kept",
      .between(1...mostCounted)),
    Setting("checkpoint_every", "steps between checkpoints", .between(1...mostCounted)),
  ]
}

extension TrainingConfiguration {
  /// What its keys mean.
  package static let settings: [Setting] =
    [
      Setting("steps", "steps of the optimizer", .between(1...mostCounted)),
      Setting("warm_up", "steps until the peak of the learning rate", .between(0...mostCounted)),
      Setting(
        "final_fraction", "the last learning rate, as a fraction of the peak", .between(0, 1)),
    ] + StepConfiguration.settings
}

extension TargetConfiguration {
  /// What its keys mean.
  package static let settings: [Setting] = [
    Setting("likelihood", "weight of the mean of −log q over the frames", .atLeast(0)),
    Setting("frames", "weight of the dispersion of log w over the frames", .atLeast(0)),
    Setting("proposals", "weight of the dispersion over the flow's own proposals", .atLeast(0)),
    Setting("perturbed", "weight of the dispersion over frames with noise", .atLeast(0)),
    Setting("weighted", "weight of the weighted likelihood of proposals", .atLeast(0)),
    Setting("dispersion", "the measure of how far log w is from constant"),
    Setting("proposal_share", "the part of a batch that are proposals", .below(0, 1)),
    Setting("perturbed_share", "the part of a batch that are frames with noise", .below(0, 1)),
    Setting("perturbation", "standard deviation of the noise, in units of the features", .above(0)),
    Setting("first_step", "the first step with energies", .between(0...mostCounted)),
    Setting("least_ess", "the ESS of the proposals that energies wait for", .below(0, 1)),
    Setting("drawn", "proposals that are drawn at once", .between(drawnCounts)),
    Setting("draw_every", "steps that they are used for", .between(1...mostCounted)),
    Setting(
      "start_ratio", "the first temperature, in units of the target's", .between(1, 1_000)),
    Setting("anneal_steps", "steps in which it falls to the target's", .between(0...mostCounted)),
    Setting("limit", "deviations of log w beyond this count as this much", unit: "nats", .above(0)),
    Setting(
      "trust", "proposals whose log q has moved by more push no further", unit: "nats", .above(0)),
    Setting("largest_weight", "the largest weight, in units of the mean", .above(0)),
  ]
}
