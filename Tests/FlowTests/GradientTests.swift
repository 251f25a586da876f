import Flow
import Foundation
import Kernels
import TestSupport
import Testing

/// d f(x + t · direction)/dt by fourth-order central differences.
private func directionalDerivative(
  _ x: [Float], _ direction: [Float], step: Float, _ f: ([Float]) -> Double
) -> Double {
  func at(_ steps: Float) -> Double { f(zip(x, direction).map { $0 + steps * step * $1 }) }
  return (at(-2) - 8 * at(-1) + 8 * at(1) - at(2)) / (12 * Double(step))
}

private func unit(_ v: [Float]) -> [Float] {
  let length = Float(gradientNorm(v))
  return length > 0 ? v.map { $0 / length } : v
}

private func product(_ a: [Float], _ b: [Float]) -> Double {
  zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
}

@Suite struct GradientTests {
  init() throws { try loadBLAS() }

  @Test func `every wide case is a valid flow`() { #expect(FlowCase.wide.count == 2) }

  /// One direction for each tensor: half along its gradient, half random.
  @Test(arguments: FlowCase.all + FlowCase.periodic + FlowCase.missing + FlowCase.wide)
  func `every tensor's gradient is the slope of the loss`(flowCase: FlowCase) {
    let x = flowCase.samples(4, seed: 6)
    var gradient = [Float](repeating: 0, count: flowCase.weights.count)
    let (loss, _) = flowCase.flow.lossAndGradient(
      x, labels: flowCase.labels(4), weights: flowCase.weights, gradient: &gradient)
    #expect(abs(loss - flowCase.loss(x, weights: flowCase.weights)) < 1e-6)
    for (index, parameter) in flowCase.flow.layout.parameters.enumerated() {
      let range = parameter.offset..<parameter.offset + parameter.count
      let random = unit(floats(parameter.count, seed: UInt64(100 + index)))
      let along = unit(Array(gradient[range]))
      var direction = [Float](repeating: 0, count: gradient.count)
      for (place, pair) in zip(range, zip(random, along)) { direction[place] = pair.0 + pair.1 }
      let slope = directionalDerivative(flowCase.weights, direction, step: 0x1p-7) {
        flowCase.loss(x, weights: $0)
      }
      // The loss is rounded to about 1e-7, its differences over the step to 1e-5.
      expectClose(
        [product(gradient, direction)], [slope], absolute: 2e-5, relative: 1e-3, parameter.name)
    }
  }

  /// `ContextTests` has the case with a context, which the gradient takes for constant.
  @Test(
    arguments: (FlowCase.all + FlowCase.periodic + FlowCase.missing + FlowCase.wide).filter {
      $0.flow.configuration.context == nil
    })
  func `the input's gradient is the slope of the loss`(flowCase: FlowCase) {
    let x = flowCase.samples(3, seed: 7)
    var ignored = [Float](repeating: 0, count: flowCase.weights.count)
    let (_, gradient) = flowCase.flow.lossAndGradient(
      x, labels: flowCase.labels(3), weights: flowCase.weights, gradient: &ignored)
    for index in x.indices {
      var direction = [Float](repeating: 0, count: x.count)
      direction[index] = 1
      let slope = directionalDerivative(x, direction, step: 0x1p-7) {
        flowCase.loss($0, weights: flowCase.weights)
      }
      expectClose([Double(gradient[index])], [slope], absolute: 2e-5, relative: 1e-3, "x[\(index)]")
    }
  }

  @Test(arguments: FlowCase.all + FlowCase.periodic)
  func `every parameter receives a gradient`(flowCase: FlowCase) {
    let flow = flowCase.flow.configuration
    let x = flowCase.samples(6, seed: 8)
    var gradient = [Float](repeating: 0, count: flowCase.weights.count)
    _ = flowCase.flow.lossAndGradient(
      x, labels: flowCase.labels(6), weights: flowCase.weights, gradient: &gradient)
    for parameter in flowCase.flow.layout.parameters {
      var found = Array(gradient[parameter.offset..<parameter.offset + parameter.count])
      if parameter.name.hasSuffix("attention.qkv.bias") {
        // A bias of all keys shifts every logit of a query alike: its gradient is zero but for
        // rounding.
        found.removeSubrange(flow.width..<2 * flow.width)
      } else if !flow.startToken, parameter.name.hasSuffix("pos_embed") {
        // The last token's output has no token to predict.
        let block = Int(parameter.name.split(separator: ".")[1]) ?? 0
        let last = flow.order(of: block)[flow.tokens - 1] * flow.width
        #expect(found[last..<last + flow.width].allSatisfy { $0 == 0 })
        found.removeSubrange(last..<last + flow.width)
      } else if parameter.name.hasSuffix("context.rows") {
        // Row 0 sees no entries.
        #expect(found[..<flow.contextUnits].allSatisfy { $0 == 0 })
        found.removeSubrange(..<flow.contextUnits)
      }
      #expect(found.allSatisfy { $0 != 0 && $0.isFinite }, "\(parameter.name)")
    }
  }

  @Test func `gradients are added and a class that is absent gets none`() throws {
    let flowCase = try #require(FlowCase.all.first { $0.flow.configuration.classes == 3 })
    let x = flowCase.samples(2)
    var once = [Float](repeating: 0, count: flowCase.weights.count)
    _ = flowCase.flow.lossAndGradient(
      x, labels: [0, 2], weights: flowCase.weights, gradient: &once)
    var twice = once
    _ = flowCase.flow.lossAndGradient(
      x, labels: [0, 2], weights: flowCase.weights, gradient: &twice)
    expectClose(twice.doubles, once.map { 2 * Double($0) }, absolute: 1e-6, relative: 1e-5, "twice")
    let width = flowCase.flow.configuration.width
    for parameter in flowCase.flow.layout.parameters where parameter.name.hasSuffix("class_embed") {
      let rows = (0..<3).map { row in
        once[parameter.offset + row * width..<parameter.offset + (row + 1) * width]
      }
      #expect(rows[1].allSatisfy { $0 == 0 })
      #expect(rows[0].contains { $0 != 0 } && rows[2].contains { $0 != 0 })
    }
  }
}
