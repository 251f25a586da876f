import Foundation
import Kernels
import TestSupport
import Testing

@testable import Flow

/// A correlated normal distribution of four numbers, two tokens of two features.
private enum Gaussian {
  private static let precision: [[Double]] = [
    [2, 0.8, 0, 0.3], [0.8, 1.5, -0.5, 0], [0, -0.5, 1, 0.2], [0.3, 0, 0.2, 3],
  ]

  /// `log p̃`, a constant away from the normalised density.
  static let density: TargetDensity = { x, inverseTemperature, _ in
    (0..<x.count / 4).map { sample in
      let x = (0..<4).map { Double(x[4 * sample + $0]) }
      let square = (0..<4).reduce(0) { sum, i in
        sum + (0..<4).reduce(0) { $0 + precision[i][$1] * x[i] * x[$1] }
      }
      return 7 - 0.5 * inverseTemperature * square
    }
  }

  /// Samples by Gibbs' method: each number given the others.
  static func samples(_ count: Int) -> [Float] {
    var generator = RandomGenerator(seed: 3, stream: .testing)
    var x = [0.0, 0, 0, 0]
    return (0..<count + 50).flatMap { _ -> [Float] in
      for i in 0..<4 {
        let pull = (0..<4).reduce(0) { $1 == i ? $0 : $0 + precision[i][$1] * x[$1] }
        x[i] = -pull / precision[i][i] + generator.normal() / precision[i][i].squareRoot()
      }
      return x.map { Float($0) }
    }.suffix(4 * count)
  }
}

@Suite struct TargetTrainingTests {
  init() throws { try loadBLAS() }

  private static func flow(classes: Int = 0) throws -> TarFlow {
    var flow = FlowConfiguration(tokens: 2, features: 2)
    flow.classes = classes
    (flow.layers, flow.width, flow.headWidth, flow.headUnits) = (1, 8, 4, 8)
    flow.components = 3
    return try TarFlow(flow)
  }

  private static func trainer(
    _ flow: TarFlow, _ optimizer: Optimizer = .adamw, batch: Int = 64, parts: Int = 0,
    ranks: Ranks = .alone,
    _ set: (inout TargetConfiguration) -> Void
  ) throws -> Trainer {
    var training = TrainingConfiguration()
    (training.steps, training.batch, training.warmUp) = (300, batch, 5)
    (training.learningRate, training.precision) = (1e-2, .fp32)
    (training.schedule, training.optimizer, training.parts) = (.cosine, optimizer, parts)
    var target = TargetConfiguration()
    (target.firstStep, target.drawn, target.drawEvery) = (3, 256, 4)
    set(&target)
    return try Trainer(
      flow, training, samples: Gaussian.samples(300), seed: 9,
      target: TrainingTarget(target, density: Gaussian.density), ranks: ranks)
  }

  @Test(arguments: FlowCase.all)
  func `the gradient has a coefficient for each sample`(flowCase: FlowCase) {
    let (flow, count) = (flowCase.flow, 3)
    let coefficients: [Float] = [0.7, -1.3, 0.2]
    let labels = flowCase.labels(count)
    func gradient(_ x: [Float], _ coefficients: [Float], labels: [Int]?) -> [Float] {
      var (x, gradient) = (x, [Float](repeating: 0, count: flow.layout.count))
      let workspace = Workspace(flow.layout, flowCase.weights, .serial, gradient: true)
      gradient.withUnsafeMutableMatrix(columns: 1) { gradient in
        _ = flow.mapChunks(
          of: &x, [0..<coefficients.count], labels: labels, weights: flowCase.weights,
          in: workspace
        ) { chunk in
          _ = flow.accumulate(chunk, gradient: gradient.base) { sample, _ in
            coefficients[sample]
          }
        }
      }
      return gradient
    }
    let x = flowCase.samples(count, seed: 4)
    var sum = [Float](repeating: 0, count: flow.layout.count)
    for sample in 0..<count {
      let one = Array(x[sample * flow.dimensions..<(sample + 1) * flow.dimensions])
      let part = gradient(one, [coefficients[sample]], labels: labels.map { [$0[sample]] })
      for index in sum.indices { sum[index] += part[index] }
    }
    let whole = gradient(x, coefficients, labels: labels)
    let scale = Double(whole.map(abs).max() ?? 0)
    expectClose(whole.doubles, sum.doubles, absolute: 1e-5 * max(1, scale), "gradient")
  }

  /// Every second sample is of class 1, and not finite where that is wanted.
  private static func classedTrainer(
    _ flow: TarFlow, finite: Bool, ranks: Ranks = .alone, from first: Int
  ) throws -> Trainer {
    let plain = try trainer(flow, parts: 4, ranks: ranks) {
      ($0.samples, $0.proposals, $0.perturbed, $0.weighted) = (0.1, 0.3, 0.1, 0.2)
      $0.firstStep = first
    }
    let others = Gaussian.samples(300).map { finite ? 2 * $0 : .nan }
    return try Trainer(
      flow, plain.configuration, samples: Gaussian.samples(300) + others,
      labels: TrainingLabels((0..<600).map { $0 / 300 }), seed: 9, target: plain.target,
      ranks: ranks)
  }

  @Test func `where the target is used, samples are those of class 0`() throws {
    let flow = try Self.flow(classes: 2)
    var trainer = try Self.classedTrainer(flow, finite: false, from: 0)
    var state = TrainingState(flow, seed: 1)
    for _ in 0..<6 { #expect(try trainer.step(&state, workers: 1).isFinite) }
    #expect(state.dispersion.means.allSatisfy { $0 != nil })
    var earlier = try Self.classedTrainer(flow, finite: false, from: 1)
    var beginning = TrainingState(flow, seed: 1)
    #expect(throws: FlowError.self) { try earlier.step(&beginning, workers: 1) }
  }

  @Test func `classes and a target have the same bits for any ranks and after a resume`() throws {
    let flow = try Self.flow(classes: 2)
    @Sendable func train(
      _ state: inout TrainingState, to step: Int, _ ranks: Ranks = .alone
    ) throws {
      var trainer = try Self.classedTrainer(flow, finite: true, ranks: ranks, from: 3)
      while state.step < step { _ = try trainer.step(&state, workers: 1) }
    }
    var whole = TrainingState(flow, seed: 1)
    try train(&whole, to: 12)
    for stop in [2, 3, 5] {
      var state = TrainingState(flow, seed: 1)
      try train(&state, to: stop)
      try train(&state, to: 12)
      #expect(state == whole)
    }
    let shared = try onRanks(2) { ranks in
      var state = TrainingState(flow, seed: 1)
      try train(&state, to: 12, ranks)
      return state
    }
    #expect(shared.allSatisfy { $0 == whole })
    // Proposals are those of the flow of class 0, and so is the target's part of the gradient.
    #expect(whole.drawing != nil && whole.dispersion.means.allSatisfy { $0 != nil })
  }

  @Test(arguments: TargetConfiguration.Dispersion.allCases)
  func `the dispersion's slope is that of the loss`(form: TargetConfiguration.Dispersion) {
    var settings = TargetConfiguration()
    (settings.dispersion, settings.samples, settings.proposals) = (form, 0.3, 0.8)
    for (kind, λ) in [(SampleKind.sample, 0.3), (.proposal, 0.8)] {
      for deviation in [-2.0, -0.5, 1.25] {
        func loss(_ d: Double) -> Double { λ * (form == .variance ? d * d : abs(d)) }
        let slope = (loss(deviation + 1e-4) - loss(deviation - 1e-4)) / 2e-4
        expectClose(
          [settings.slope(of: kind, at: deviation)], [slope], absolute: 1e-8, "\(kind)")
      }
    }
  }

  @Test func `running means begin at the median and count outliers as the limit`() {
    var dispersion = LogDispersion()
    #expect(dispersion.deviation(3, kind: .proposal, limit: 2) == 0)
    dispersion.begin(.proposal, with: [1, 2, 30, -.infinity, 3])
    #expect(dispersion.means == [nil, nil, 3])
    #expect(dispersion.deviation(100, kind: .proposal, limit: 2) == 2)
    #expect(dispersion.deviation(-.infinity, kind: .proposal, limit: 2) == -2)
    dispersion.update(.proposal, with: [4, 1e9, -.infinity, 3], limit: 2)
    expectClose([dispersion.means[2] ?? 0], [3 + 0.05 * 0.25], absolute: 1e-12, "mean")
  }

  /// With no likelihood to lead it, the flow has to find the density from its energies alone.
  @Test(arguments: ["dispersion", "weighted"])
  func `proposals alone teach the target`(term: String) throws {
    let flow = try Self.flow()
    var trainer = try Self.trainer(flow) { target in
      (target.firstStep, target.likelihood) = (0, 0)
      if term == "weighted" { target.weighted = 1 } else { target.proposals = 0.5 }
    }
    var state = TrainingState(flow, seed: 1)
    var sizes: [Double] = []
    for _ in 0..<200 {
      _ = try trainer.step(&state, workers: 1)
      sizes.append(state.drawing?.effectiveSampleSize ?? 0)
    }
    #expect(sizes[0] < 0.5)
    #expect(sizes[199] > 0.7)
  }

  @Test(arguments: Optimizer.allCases)
  func `every term together has the same bits for any workers and after a resume`(
    optimizer: Optimizer
  ) throws {
    let flow = try Self.flow()
    func trainer() throws -> Trainer {
      try Self.trainer(flow, optimizer) {
        ($0.samples, $0.proposals, $0.perturbed, $0.weighted) = (0.1, 0.3, 0.1, 0.2)
      }
    }
    func train(_ state: inout TrainingState, to step: Int, workers: Int) throws {
      var trainer = try trainer()
      while state.step < step { _ = try trainer.step(&state, workers: workers) }
    }
    var whole = TrainingState(flow, seed: 1)
    try train(&whole, to: 12, workers: 1)
    #expect(whole.dispersion.means.allSatisfy { $0 != nil })
    for stop in [2, 3, 5, 7, 11] {
      var state = TrainingState(flow, seed: 1)
      try train(&state, to: stop, workers: 2)
      try withTemporaryFolder { folder in
        let saved = Checkpoint(flow: flow.configuration, state: state, notes: [:])
        try saved.write(path: folder + "/a")
        var resumed = try Checkpoint(path: folder + "/a").state
        #expect(resumed == state)
        try train(&resumed, to: 12, workers: 1)
        #expect(resumed == whole)
      }
    }
  }

  /// Of the last, some have no sample to label and no proposal to draw.
  @Test(arguments: [(2, 64, 256), (3, 64, 256), (4, 4, 3)])
  func `every term together has the same bits for any number of ranks`(
    count: Int, batch: Int, drawn: Int
  ) throws {
    let flow = try Self.flow()
    let states = try [1, count].flatMap { count in
      try onRanks(count) { ranks in
        var trainer = try Self.trainer(flow, batch: batch, parts: 4, ranks: ranks) {
          ($0.samples, $0.proposals, $0.perturbed, $0.weighted) = (0.1, 0.3, 0.1, 0.2)
          $0.drawn = drawn
        }
        var state = TrainingState(flow, seed: 1)
        for _ in 0..<12 { _ = try trainer.step(&state, workers: 1) }
        return state
      }
    }
    #expect(states.count == 1 + count && states.allSatisfy { $0 == states[0] })
    #expect(states[0].dispersion.means.allSatisfy { $0 != nil } && states[0].drawing != nil)
  }

  @Test func `without a term the training is that of the samples`() throws {
    let flow = try Self.flow()
    let states = try [true, false].map { hasTarget in
      var trainer =
        hasTarget
        ? try Self.trainer(flow) { _ in }
        : try Trainer(
          flow, try Self.trainer(flow) { _ in }.configuration, samples: Gaussian.samples(300),
          seed: 9)
      var state = TrainingState(flow, seed: 1)
      for _ in 0..<6 { _ = try trainer.step(&state, workers: 1) }
      return state
    }
    #expect(states[0] == states[1])
  }

  @Test func `terms that wait leave the training to the samples`() throws {
    let flow = try Self.flow()
    let states = try [0.999, nil].map { least in
      var trainer = try Self.trainer(flow) {
        guard let least else { return }
        ($0.samples, $0.proposals, $0.leastSize) = (0.1, 0.3, least)
      }
      var state = TrainingState(flow, seed: 1)
      for _ in 0..<10 { _ = try trainer.step(&state, workers: 1) }
      #expect(trainer.awaitsProposals(state) == (least != nil))
      return state
    }
    #expect(states[0].weights == states[1].weights && !states[0].dispersion.hasBegun)
    #expect(states[0].drawing?.step == 7 && states[1].drawing == nil)
  }

  @Test func `terms begin with the first useful drawing and stay, whatever stops between`() throws {
    let flow = try Self.flow()
    func trainer() throws -> Trainer {
      try Self.trainer(flow) { ($0.samples, $0.proposals, $0.leastSize) = (0.1, 0.3, 0.7) }
    }
    var (whole, state) = (TrainingState(flow, seed: 1), TrainingState(flow, seed: 1))
    var steady = try trainer()
    var hasWaited = false
    for _ in 0..<120 {
      let had = whole.dispersion.hasBegun
      _ = try steady.step(&whole, workers: 1)
      let size = try #require(whole.step <= 3 ? 0.7 : whole.drawing?.effectiveSampleSize)
      if !had, whole.step > 3 { #expect(whole.dispersion.hasBegun == (size >= 0.7)) }
      hasWaited = hasWaited || steady.awaitsProposals(whole)
    }
    #expect(hasWaited && whole.dispersion.hasBegun)
    while state.step < 120 {
      var resumed = try trainer()
      for _ in 0..<min(7, 120 - state.step) { _ = try resumed.step(&state, workers: 2) }
    }
    #expect(state == whole)
  }

  @Test func `settings from before terms could wait do not wait`() throws {
    var settings = TargetConfiguration()
    settings.proposals = 0.5
    #expect(settings.waits)
    var keys = try #require(
      JSONSerialization.jsonObject(with: JSONEncoder().encode(settings)) as? [String: Any])
    #expect(
      try JSONDecoder().decode(
        TargetConfiguration.self, from: JSONSerialization.data(withJSONObject: keys)) == settings)
    #expect(keys.removeValue(forKey: "least_ess") != nil)
    let read = try JSONDecoder().decode(
      TargetConfiguration.self, from: JSONSerialization.data(withJSONObject: keys))
    settings.leastSize = 0
    #expect(read == settings && !read.waits)
  }

  @Test func `a target cools down by a constant factor`() {
    var settings = TargetConfiguration()
    (settings.firstStep, settings.startRatio, settings.annealSteps) = (100, 4, 40)
    expectClose(
      [100, 120, 140, 900].map { settings.inverseTemperature(drawnAt: $0) }, [0.25, 0.5, 1, 1],
      absolute: 1e-12, "inverse temperature")
  }

  @Test func `running means of samples begin again when the temperature changes`() throws {
    let flow = try Self.flow()
    let plain = try Self.trainer(flow) {
      ($0.samples, $0.proposals, $0.perturbed) = (0.1, 0.3, 0.1)
      ($0.startRatio, $0.annealSteps, $0.leastSize) = (4, 8, 0)
    }
    let target = try #require(plain.target)
    // log p̃ of every sample jumps by 25 and by 50; a mean that is kept moves by 0.25 at most.
    var trainer = try Trainer(
      flow, plain.configuration, samples: Gaussian.samples(300), seed: 9,
      target: TrainingTarget(target.settings) { x, inverseTemperature, workers in
        Gaussian.density(x, inverseTemperature, workers).map { $0 + 100 * inverseTemperature }
      })
    var state = TrainingState(flow, seed: 1)
    for _ in 0..<4 { _ = try trainer.step(&state, workers: 1) }
    for (step, jump) in [(4, 0.0), (5, 0), (6, 0), (7, 25), (8, 0), (9, 0), (10, 0), (11, 50)] {
      let before = state.dispersion.means
      _ = try trainer.step(&state, workers: 1)
      for kind in [SampleKind.sample, .perturbed] {
        let (old, new) = (before[kind.rawValue], state.dispersion.means[kind.rawValue])
        let moved = try #require(new) - (try #require(old))
        #expect(abs(moved - jump) < 10, "step \(step): \(moved)")
      }
    }
  }

  @Test func `a training that ends before its energies do says so`() throws {
    var settings = TargetConfiguration()
    settings.proposals = 1
    (settings.firstStep, settings.drawEvery) = (100, 20)
    #expect(settings.doubts(steps: 101).isEmpty)
    #expect(settings.doubts(steps: 100).first?.hasPrefix("energies have no part in 100") == true)
    #expect(!(100..<200).contains { settings.changesTemperature(at: $0) })
    (settings.startRatio, settings.annealSteps) = (4, 40)
    #expect((0..<300).filter { settings.changesTemperature(at: $0) } == [120, 140])
    // The last proposals are drawn at step 120 of 140, and at 140 of 141.
    #expect(settings.doubts(steps: 140).first?.hasPrefix("the flow ends at 2.0 times") == true)
    #expect(settings.doubts(steps: 141).isEmpty)
    // With 300 steps between drawings those at 400, 700, 1000 and 1300 are hotter.
    for (first, steps, every, needed) in [(400, 1_000, 300, 1_601), (100, 40, 20, 141)] {
      (settings.firstStep, settings.annealSteps, settings.drawEvery) = (first, steps, every)
      for few in [first + 1, first + steps, needed - 1] {
        let doubt = try #require(settings.doubts(steps: few).first)
        #expect(doubt.hasSuffix("training.steps is \(few); expected \(needed) or more"))
      }
      #expect(settings.doubts(steps: needed).isEmpty)
    }
    settings.proposals = 0
    #expect(settings.doubts(steps: 100).isEmpty)
  }

  @Test func `proposals that moved too far push no further`() throws {
    let flow = try Self.flow()
    var settings = TargetConfiguration()
    (settings.proposals, settings.trust, settings.drawn) = (0.5, 0.5, 8)
    let weights = flow.layout.initialValues(seed: 1)
    let buffer = ProposalBuffer(
      flow, settings, target: Gaussian.density, weights: weights, seed: 1, step: 0, ranks: .alone,
      workers: 1)
    var targets = BatchTargets(BatchComposition(batch: 16, target: settings))
    targets.set(0, of: buffer, at: 8)
    var dispersion = LogDispersion()
    // log w is above the mean: the density of this proposal shall rise.
    let drawn = buffer.logDensities[0]
    dispersion.begin(.proposal, with: [buffer.targets[0] - drawn - 2])
    func coefficient(moved: Double) -> Double {
      targets.coefficient(at: 8, logDensity: drawn + moved, dispersion, settings)
    }
    expectClose([coefficient(moved: 0)], [-2.0 / 8], absolute: 1e-12, "coefficient")
    #expect(coefficient(moved: 0.4) < 0)
    #expect(coefficient(moved: 0.6) == 0)
    #expect(coefficient(moved: -0.6) < 0)
  }
}
