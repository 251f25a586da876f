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
  /// Whether training frames get random labels of equivalent atoms (methyl and ammonium hydrogens).
  package var relabelEquivalentAtoms = true
  package var flow = FlowOptions()
  package var training = TrainingConfiguration()
  package var sampling = SamplingOptions()
  package var evaluation = EvaluationOptions()

  package init() {}

  private enum CodingKeys: String, CodingKey {
    case seed, representation, flow, training, sampling, evaluation
    case atomOrder = "atom_order"
    case relabelEquivalentAtoms = "relabel_equivalent_atoms"
  }

  /// The words that a setting takes, by its key.
  package static let choices: [String: [String]] = [
    "representation": Representation.Kind.allCases.map(\.rawValue),
    "atom_order": AtomOrder.allCases.map(\.rawValue),
    "flow.transform": FlowConfiguration.Transform.allCases.map(\.rawValue),
    "training.schedule": Schedule.allCases.map(\.rawValue),
    "training.precision": Precision.allCases.map(\.rawValue),
    "sampling.precision": Precision.allCases.map(\.rawValue),
    "evaluation.resample": Resampling.allCases.map(\.rawValue),
  ]

  /// Checks what can be checked without data.
  package func validate() throws {
    func require(_ holds: Bool, _ problem: String) throws {
      if !holds { throw RunError.configuration(source: "configuration", problem: problem) }
    }
    try sampling.validate(source: "configuration")
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
    do throws(EvaluationError) {
      try evaluation.validate()
    } catch {
      throw RunError.configuration(source: "configuration", problem: "evaluation.\(error)")
    }
  }
}

/// The shape of the flow, apart from the tokens and features, which the molecule decides.
package struct FlowOptions: Codable, Equatable, Sendable {
  private static let defaults = FlowConfiguration(tokens: 1, features: 1)

  package var blocks = defaults.blocks
  package var layers = defaults.layers
  package var width = defaults.width
  package var headWidth = defaults.headWidth
  package var expansion = defaults.expansion
  package var transform = defaults.transform
  package var components = defaults.components
  package var withinToken = defaults.withinToken
  package var headUnits = defaults.headUnits
  package var startToken = defaults.startToken
  package var finalNorm = defaults.finalNorm
  package var orders: [[Int]] = []

  private enum CodingKeys: String, CodingKey {
    case blocks, layers, width, expansion, transform, components, orders
    case headWidth = "head_width"
    case withinToken = "within_token"
    case headUnits = "head_units"
    case startToken = "start_token"
    case finalNorm = "final_norm"
  }

  package func configuration(tokens: Int, features: Int) -> FlowConfiguration {
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
