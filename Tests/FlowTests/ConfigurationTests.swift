import Flow
import Foundation
import Kernels
import Testing

@Suite struct ConfigurationTests {
  private static let flowCases: [(String, @Sendable (inout FlowConfiguration) -> Void)] = [
    ("tokens is 0, expected 1 to 16384", { $0.tokens = 0 }),
    ("features is -1, expected 1 to 16384", { $0.features = -1 }),
    ("blocks is 0, expected 1 to 256", { $0.blocks = 0 }),
    ("layers is 257, expected 1 to 256", { $0.layers = 257 }),
    ("width is \(Int.max), expected 1 to 16384", { $0.width = .max }),
    ("head_width is 0, expected 1 to 16384", { $0.headWidth = 0 }),
    ("expansion is 0, expected 1 to 64", { $0.expansion = 0 }),
    ("head_units is 0, expected 1 to 16384", { $0.headUnits = 0 }),
    ("width is 96, expected a multiple of head_width, 36", { $0.headWidth = 36 }),
    ("components is 65, expected 1 to 64", { $0.components = 65 }),
    ("classes is -2, expected 0 to 65536", { $0.classes = -2 }),
    (
      "start_token is false, but the mixture and the within-token head need it",
      { $0.startToken = false }
    ),
    (
      "orders has 1 entries, expected none or one for each of 2 blocks",
      { ($0.blocks, $0.orders) = (2, [[0, 1, 2]]) }
    ),
    ("orders has one that is no permutation of 3 tokens", { $0.orders = [[0, 1, 1]] }),
    ("context_units is -1, expected 0 to 16384", { $0.contextUnits = -1 }),
    (
      "context_units is 8, but only a single block with a start token can have any",
      { ($0.blocks, $0.contextUnits) = (2, 8) }
    ),
    (
      "context_units is 8, but only a single block with a start token can have any",
      {
        ($0.contextUnits, $0.startToken, $0.withinToken) = (8, false, false)
        $0.transform = .affine
      }
    ),
    (
      "context_units is 8, but these tokens have no context; set it to 0", { $0.contextUnits = 8 }
    ),
    ("context_units is 0, but there is a context", { $0.context = context([0, 1, 2]) }),
    (
      "context_units is 8, which needs the tokens in their natural order",
      { ($0.contextUnits, $0.context, $0.orders) = (8, context([0, 1, 2]), [[1, 0, 2]]) }
    ),
    (
      "context has entries for 2 of 3 tokens",
      { ($0.contextUnits, $0.context) = (8, context([0, 1])) }
    ),
    (
      "context has rows with 0 to 0 entries, expected 0 to 32768",
      { ($0.contextUnits, $0.context) = (8, context([0, 0, 0])) }
    ),
    (
      "context has rows with -1 to 2 entries, expected 0 to 32768",
      { ($0.contextUnits, $0.context) = (8, context([0, -1, 2])) }
    ),
    (
      "context has 0 features, expected 1 to 4096",
      { ($0.contextUnits, $0.context) = (8, ContextShape(entries: [0, 1, 2], features: 0)) }
    ),
  ]

  @Test(arguments: flowCases.indices)
  func `a flow that cannot be is refused`(index: Int) throws {
    let (message, change) = Self.flowCases[index]
    var flow = FlowConfiguration(tokens: 3, features: 2)
    try flow.validate()
    change(&flow)
    #expect(throws: FlowError.configuration(message)) { try flow.validate() }
    #expect(throws: FlowError.configuration(message)) { _ = try TarFlow(flow) }
  }

  @Test func `a configuration at its limits has a number of parameters`() throws {
    var flow = FlowConfiguration(tokens: 16_384, features: 64)
    (flow.width, flow.headWidth, flow.expansion, flow.headUnits) = (16_384, 16_384, 64, 16_384)
    (flow.components, flow.classes, flow.blocks, flow.layers) = (64, 65_536, 4, 4)
    #expect(try TarFlow(flow).layout.count > 500_000_000_000)
  }

  @Test func `orders alternate unless given`() {
    var flow = FlowConfiguration(tokens: 3, features: 1)
    #expect((0..<3).map { flow.order(of: $0) } == [[0, 1, 2], [2, 1, 0], [0, 1, 2]])
    flow.orders = [[1, 0, 2]]
    #expect(flow.order(of: 0) == [1, 0, 2])
  }

  private static let trainingCases: [(String, @Sendable (inout TrainingConfiguration) -> Void)] = [
    ("steps is 0, expected 1 to 1000000000", { $0.steps = 0 }),
    ("steps is \(Int.max), expected 1 to 1000000000", { $0.steps = .max }),
    ("batch is 0, expected 1 to 1000000000", { $0.batch = 0 }),
    ("batch is \(Int.max), expected 1 to 1000000000", { $0.batch = .max }),
    ("warm_up is -1, expected 0 to 1000000000", { $0.warmUp = -1 }),
    ("warm_up is \(Int.max), expected 0 to 1000000000", { $0.warmUp = .max }),
    ("learning_rate is 0.0, expected above 0", { $0.learningRate = 0 }),
    ("learning_rate is inf, expected above 0", { $0.learningRate = .infinity }),
    ("learning_rate is nan, expected above 0", { $0.learningRate = .nan }),
    ("final_fraction is -0.1, expected 0 to 1", { $0.finalFraction = -0.1 }),
    ("final_fraction is nan, expected 0 to 1", { $0.finalFraction = .nan }),
    ("clip is -1.0, expected 0 or more", { $0.clip = -1 }),
    ("clip is nan, expected 0 or more", { $0.clip = .nan }),
    ("average_decay is 1.0, expected 0 to below 1", { $0.averageDecay = 1 }),
    ("beta1 is -0.5, expected 0 to below 1", { $0.beta1 = -0.5 }),
    ("beta2 is nan, expected 0 to below 1", { $0.beta2 = .nan }),
    ("weight_decay is inf, expected 0 or more", { $0.weightDecay = .infinity }),
    ("validate_every is 0, expected 1 to 1000000000", { $0.validateEvery = 0 }),
    ("checkpoint_every is 0, expected 1 to 1000000000", { $0.checkpointEvery = 0 }),
  ]

  @Test(arguments: trainingCases.indices)
  func `a training that cannot be is refused, before there are samples`(index: Int) throws {
    let (message, change) = Self.trainingCases[index]
    var training = TrainingConfiguration()
    try training.validate()
    change(&training)
    #expect(throws: FlowError.configuration(message)) { try training.validate() }
    #expect(throws: FlowError.configuration(message)) { try training.validate(samples: 600) }
  }

  @Test func `a batch of more than there is, or of nothing, is refused`() throws {
    try TrainingConfiguration().validate(samples: 512)
    #expect(throws: FlowError.configuration("batch is 512, more than the 511 samples")) {
      try TrainingConfiguration().validate(samples: 511)
    }
    let flow = try TarFlow(FlowConfiguration(tokens: 2, features: 1))
    #expect(throws: FlowError.configuration("batch is 512, more than the 0 samples")) {
      _ = try Trainer(flow, TrainingConfiguration(), samples: [], seed: 1)
    }
  }

  @Test func `configurations survive JSON`() throws {
    var flow = FlowConfiguration(tokens: 3, features: 2)
    flow.orders = [[2, 0, 1]]
    let data = try JSONEncoder().encode(flow)
    #expect(try JSONDecoder().decode(FlowConfiguration.self, from: data) == flow)
    let training = try JSONEncoder().encode(TrainingConfiguration())
    #expect(
      try JSONDecoder().decode(TrainingConfiguration.self, from: training)
        == TrainingConfiguration())
  }

  @Test func `a record without an optimizer has AdamW`() throws {
    var configuration = StepConfiguration()
    configuration.optimizer = .muon
    let text = String(decoding: try JSONEncoder().encode(configuration), as: UTF8.self)
    let old = text.replacing(/"optimizer":"muon",?/, with: "").replacing(",}", with: "}")
    let read = try JSONDecoder().decode(StepConfiguration.self, from: Data(old.utf8))
    configuration.optimizer = .adamw
    #expect(old != text && read == configuration)
  }

  @Test func `a label beyond the classes stops the program`() async {
    // The same with a label within the classes, so that nothing else can be the end of it.
    await #expect(processExitsWith: .success) { encode(label: 1) }
    await #expect(processExitsWith: .failure) { encode(label: 2) }
  }
}

private func context(_ entries: [Int]) -> ContextShape {
  ContextShape(entries: entries, features: 2)
}

private func encode(label: Int) {
  _ = try? loadBLAS()
  guard let flowCase = FlowCase.all.first(where: { $0.flow.configuration.classes == 2 }) else {
    return
  }
  _ = flowCase.flow.encode(flowCase.samples(1), labels: [label], weights: flowCase.weights)
}
