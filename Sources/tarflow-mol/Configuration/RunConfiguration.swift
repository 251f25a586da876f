import Evaluation
import Flow
import Kernels
import Molecules

/// Everything that decides what a run computes, apart from its input files.
struct RunConfiguration: LayeredConfiguration, Equatable {
  struct Sampling: Codable, Equatable, Sendable {
    /// Conformations to draw.
    var count = 10_000
    /// The standard deviation of the prior that they are drawn from.
    var priorScale = 1.01
    /// The arithmetic of the flow's large products; the densities are always those of what was drawn.
    var precision = Precision.fp32

    private enum CodingKeys: String, CodingKey {
      case count, precision
      case priorScale = "prior_scale"
    }
  }

  struct Evaluation: Codable, Equatable, Sendable {
    /// At most this many samples and reference frames are compared (the benchmark's number).
    var count = 10_000
    var resample = Resampling.multinomial
    /// Draws that multinomial resampling averages over.
    var seeds = 5
    /// Frames of each set that T-W2 compares; 0 for none.
    var torusPoints = 2_000
    /// The share of the largest weights that is dropped (the benchmark's 0.2 %).
    var clip = LogWeights.benchmarkClip

    private enum CodingKeys: String, CodingKey {
      case count, resample, seeds, clip
      case torusPoints = "torus_points"
    }
  }

  var seed: UInt64 = 1
  var representation = Representation.Kind.internal
  var atomOrder = AtomOrder.topology
  /// Whether training frames get random labels of equivalent atoms (methyl and ammonium hydrogens).
  var relabelEquivalentAtoms = true
  var flow = FlowOptions()
  var training = TrainingConfiguration()
  var sampling = Sampling()
  var evaluation = Evaluation()

  private enum CodingKeys: String, CodingKey {
    case seed, representation, flow, training, sampling, evaluation
    case atomOrder = "atom_order"
    case relabelEquivalentAtoms = "relabel_equivalent_atoms"
  }

  /// The words that a setting takes, by its key.
  static let choices: [String: [String]] = [
    "representation": Representation.Kind.allCases.map(\.rawValue),
    "atom_order": AtomOrder.allCases.map(\.rawValue),
    "flow.transform": FlowConfiguration.Transform.allCases.map(\.rawValue),
    "training.schedule": Schedule.allCases.map(\.rawValue),
    "training.precision": Precision.allCases.map(\.rawValue),
    "sampling.precision": Precision.allCases.map(\.rawValue),
    "evaluation.resample": Resampling.allCases.map(\.rawValue),
  ]

  /// Checks what can be checked without data.
  func validate() throws {
    func require(_ holds: Bool, _ problem: String) throws {
      if !holds { throw CommandError.configuration(source: "configuration", problem: problem) }
    }
    try require(sampling.count >= 1, "sampling.count is \(sampling.count), expected at least 1")
    try require(
      (0.5...2).contains(sampling.priorScale),
      "sampling.prior_scale is \(sampling.priorScale), expected 0.5 to 2")
    // Far above what is of use, far below what overflows.
    let sizes = [
      ("blocks", flow.blocks, 1_000), ("layers", flow.layers, 1_000), ("width", flow.width, 10_000),
      ("head_width", flow.headWidth, 10_000), ("expansion", flow.expansion, 100),
      ("components", flow.components, 64), ("head_units", flow.headUnits, 10_000),
    ]
    for (name, size, limit) in sizes {
      try require(
        (1...limit).contains(size), "flow.\(name) is \(size), expected 1 to \(limit)")
    }
    try require(
      flow.width % flow.headWidth == 0,
      "flow.width is \(flow.width), expected a multiple of flow.head_width, \(flow.headWidth)")
    try require(
      evaluation.count >= 1, "evaluation.count is \(evaluation.count), expected at least 1")
    try require(
      evaluation.seeds >= 1, "evaluation.seeds is \(evaluation.seeds), expected at least 1")
    try require(
      evaluation.torusPoints >= 0,
      "evaluation.torus_points is \(evaluation.torusPoints), expected 0 or more")
    try require(
      (0..<1).contains(evaluation.clip), "evaluation.clip is \(evaluation.clip), expected 0 to 1")
  }

  /// How proposals are compared with a reference.
  var evaluationOptions: EvaluationOptions {
    var options = EvaluationOptions()
    options.count = evaluation.count
    options.resampling = evaluation.resample
    options.seeds = evaluation.seeds
    options.torusPoints = evaluation.torusPoints
    options.clippedFraction = evaluation.clip
    return options
  }
}

/// The shape of the flow, apart from the tokens and features, which the molecule decides.
struct FlowOptions: Codable, Equatable, Sendable {
  private static let defaults = FlowConfiguration(tokens: 1, features: 1)

  var blocks = defaults.blocks
  var layers = defaults.layers
  var width = defaults.width
  var headWidth = defaults.headWidth
  var expansion = defaults.expansion
  var transform = defaults.transform
  var components = defaults.components
  var withinToken = defaults.withinToken
  var headUnits = defaults.headUnits
  var startToken = defaults.startToken
  var finalNorm = defaults.finalNorm
  var orders: [[Int]] = []

  private enum CodingKeys: String, CodingKey {
    case blocks, layers, width, expansion, transform, components, orders
    case headWidth = "head_width"
    case withinToken = "within_token"
    case headUnits = "head_units"
    case startToken = "start_token"
    case finalNorm = "final_norm"
  }

  func configuration(tokens: Int, features: Int) -> FlowConfiguration {
    var flow = FlowConfiguration(tokens: tokens, features: features)
    flow.blocks = blocks
    flow.layers = layers
    flow.width = width
    flow.headWidth = headWidth
    flow.expansion = expansion
    flow.transform = transform
    flow.components = components
    flow.withinToken = withinToken
    flow.headUnits = headUnits
    flow.startToken = startToken
    flow.finalNorm = finalNorm
    flow.orders = orders
    return flow
  }
}
