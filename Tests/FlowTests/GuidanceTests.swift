import Kernels
import TestSupport
import Testing

@testable import Flow

@Suite struct GuidanceTests {
  init() throws { try loadBLAS() }

  /// The flows that can be guided, with and without a start token.
  private static let cases = FlowCase.all.filter {
    $0.flow.configuration.transform != .mixture && !$0.flow.configuration.withinToken
  }

  @Test(arguments: cases)
  func `weight 0 is plain decoding, and only a difference between the passes counts`(
    flowCase: FlowCase
  ) {
    let z = flowCase.samples(5)
    func decode(_ guidance: Guidance?, labels: [Int]?) -> [Float] {
      flowCase.flow.decode(z, labels: labels, guidance: guidance, weights: flowCase.weights).x
    }
    let labels = flowCase.labels(5)
    #expect(decode(Guidance(weight: 0), labels: labels) == decode(nil, labels: labels))
    // Without a class and with the same temperature both passes are the same.
    let without = flowCase.flow.configuration.classes == 0 ? nil : [Int](repeating: -1, count: 5)
    expectClose(
      decode(Guidance(weight: 3), labels: without).doubles, decode(nil, labels: without).doubles,
      absolute: 1e-5, "no difference")
    let hot = Guidance(weight: 1, attentionTemperature: 0.2)
    #expect(decode(hot, labels: labels) != decode(nil, labels: labels))
  }

  @Test func `annealing grows from 0 at the first token to the weight at the last`() {
    let annealed = Guidance(weight: 3, isAnnealed: true)
    #expect([0, 1, 2, 3, 4].map { annealed.weight(at: $0, of: 5) } == [0, 0.75, 1.5, 2.25, 3])
    #expect(annealed.weight(at: 0, of: 1) == 0)
    #expect(Guidance(weight: 3).weight(at: 1, of: 5) == 3)
  }

  @Test func `a target leaves the other parameter as it is`() throws {
    var flow = FlowConfiguration.published(
      tokens: 2, features: 2, blocks: 1, layers: 1, width: 4, headWidth: 4)
    func pushed(_ target: Guidance.Target) -> [Float] {
      var parameters: [Float] = [1, 2, 3, 4]
      var other: [Float] = [0, 1, 1, 0]
      parameters.withUnsafeMutableMatrix(columns: 4) { parameters in
        other.withUnsafeMutableMatrix(columns: 4) { other in
          Guidance(weight: 2, target: target).apply(
            to: parameters, unconditional: other, index: AffineIndex(flow), features: 2, weight: 2)
        }
      }
      return parameters
    }
    #expect(pushed(.logScale) == [3, 4, 3, 4])
    #expect(pushed(.shift) == [1, 2, 7, 12])
    #expect(pushed(.both) == [3, 4, 7, 12])
    // A volume-preserving flow has no scale.
    (flow.transform, flow.features) = (.translation, 2)
    #expect(pushed(.logScale) == [1, 2, 3, 4])
  }

  @Test func `blocks one after the other are the whole`() throws {
    let flowCase = try #require(FlowCase.all.first { $0.flow.configuration.blocks == 3 })
    let z = flowCase.samples(4)
    let whole = flowCase.flow.decode(z, weights: flowCase.weights)
    var x = z
    var sum = [Double](repeating: 0, count: 4)
    for block in (0..<3).reversed() {
      let next = flowCase.flow.decode(
        x, blocks: block..<block + 1, weights: flowCase.weights)
      x = next.x
      sum = zip(sum, next.logDeterminant).map { $0 + $1 }
    }
    #expect(x == whole.x)
    expectClose(sum, whole.logDeterminant, absolute: 1e-12, "log-determinant")
  }
}

@Suite struct DenoisingTests {
  init() throws { try loadBLAS() }

  @Test(arguments: FlowCase.all.filter { $0.flow.configuration.context == nil })
  func `the gradient of the log-density is that of the loss, sample by sample`(
    flowCase: FlowCase
  ) {
    let count = 2 * flowCase.flow.chunkSize + 3
    let x = flowCase.samples(count)
    let labels = flowCase.labels(count)
    let found = flowCase.flow.logDensityAndGradient(
      x, labels: labels, weights: flowCase.weights, execution: Execution(workers: 2)
    ).gradient
    var ignored = [Float](repeating: 0, count: flowCase.weights.count)
    let (_, gradient) = flowCase.flow.lossAndGradient(
      x, labels: labels, weights: flowCase.weights, gradient: &ignored)
    let scale = Double(x.count)
    expectClose(
      found.doubles, gradient.map { -scale * Double($0) }, absolute: 1e-4, relative: 1e-4, "score")
    let half = flowCase.flow.denoised(
      x, labels: labels, deviation: 0.2, strength: 0.5, weights: flowCase.weights,
      execution: .serial)
    expectClose(
      half.doubles, zip(x, found).map { Double($0) + 0.5 * 0.04 * Double($1) }, absolute: 1e-5,
      "step")
  }
}
