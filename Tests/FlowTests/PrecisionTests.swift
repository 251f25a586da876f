import Flow
import Foundation
import Kernels
import TestSupport
import Testing

/// Products in bfloat16, by what this CPU has for them and by the model of the matrix unit.
@Suite struct PrecisionTests {
  init() throws { try loadBLAS() }

  /// The unit round-off of bfloat16, whose numbers have eight binary digits.
  private static let roundOff = 0x1p-9

  private static let rounding = MatrixUnit.allCases.filter { $0.rounds && $0.isUsable }
  private static let oneBlock = FlowCase.all.filter { $0.flow.configuration.blocks == 1 }

  @Test(arguments: rounding, oneBlock)
  func `a rounded proposal's density is its own`(unit: MatrixUnit, flowCase: FlowCase) {
    let flow = flowCase.flow
    let z = floats(flow.dimensions, seed: 3)
    func decode(_ z: [Float], _ unit: MatrixUnit? = unit) -> (x: [Float], log: Double) {
      let decoded = flow.decode(
        z, weights: flowCase.weights, execution: Execution(workers: 1, unit: unit))
      return (decoded.x, decoded.logDeterminant[0])
    }
    let (x, logDeterminant) = decode(z)
    // What comes before an element does not depend on it, however it is rounded: the Jacobian is
    // triangular, and its diagonal is smooth.
    let slopes = z.indices.map { index in
      func moved(by step: Float) -> Float {
        var shifted = z
        shifted[index] += step
        let (moved, _) = decode(shifted)
        #expect(Array(moved[..<index]) == Array(x[..<index]))
        return moved[index]
      }
      let step: Float = 1.0 / 128
      return Double(moved(by: step) - moved(by: -step)) / Double(2 * step)
    }
    let expected = slopes.map { log($0) }.reduce(0, +)
    expectClose([logDeterminant], [expected], absolute: 2e-3, "log-determinant")
    let exact = decode(z, MatrixUnit.best(for: .fp32))
    #expect(exact.x != x)
    // A layer has four products, each of two rounded factors, whose errors are as good as
    // independent: √8 round-offs of what the layer adds to the stream. That is a fraction of the
    // stream, and reaches μ and log σ through the head's weights, which are about 0.1: the eight
    // round-offs of the worst case come down to less than one of x, whose size is 1. (Found: 0.2.)
    expectClose(
      x.map(Double.init), exact.x.map(Double.init), absolute: Self.roundOff, "x")
  }

  @Test(arguments: rounding, FlowCase.all)
  func `the rounded gradient points where the exact one does`(unit: MatrixUnit, flowCase: FlowCase)
  {
    let flow = flowCase.flow
    let x = flowCase.samples(6)
    func gradient(_ unit: MatrixUnit?) -> (loss: Double, gradient: [Double]) {
      var gradient = [Float](repeating: 0, count: flow.layout.count)
      let (loss, _) = flow.lossAndGradient(
        x, labels: flowCase.labels(6), weights: flowCase.weights,
        execution: Execution(workers: 1, unit: unit),
        gradient: &gradient)
      return (loss, gradient.map(Double.init))
    }
    func length(_ a: [Double]) -> Double { a.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    let (exact, rounded) = (gradient(nil), gradient(unit))
    // As for x above, a layer moves the transform's parameters by less than one round-off; −log p
    // of a dimension has slopes of order 1 with respect to them, and layers and blocks add up.
    // (Found: 0.2 round-offs a layer and less.)
    let layers = Double(flow.configuration.blocks * flow.configuration.layers)
    #expect(abs(exact.loss - rounded.loss) < layers * Self.roundOff)
    // The gradient of a weight is a product of the rounded input and the rounded gradient of the
    // output, both already perturbed by the layers between: two round-offs a layer at most. (Found:
    // 0.2 to 1 a layer.) The angle between the gradients is no larger.
    let difference = zip(exact.gradient, rounded.gradient).map { $0 - $1 }
    #expect(length(difference) < 2 * layers * Self.roundOff * length(exact.gradient))
    #expect(exact.gradient != rounded.gradient)
  }

  @Test(arguments: FlowCase.all)
  func `BLAS and the unit for single precision agree`(flowCase: FlowCase) {
    let flow = flowCase.flow
    let x = flowCase.samples(5)
    let labels = flowCase.labels(5)
    let unit = MatrixUnit.best(for: .fp32)
    let densities = [nil, unit].map {
      flow.logDensity(
        x, labels: labels, weights: flowCase.weights, execution: Execution(workers: 2, unit: $0))
    }
    expectClose(densities[0], densities[1], absolute: 1e-4, "log-densities")
    let decoded = [nil, unit].map {
      flow.decode(
        x, labels: labels, weights: flowCase.weights, execution: Execution(workers: 2, unit: $0)
      ).x
        .map(Double.init)
    }
    expectClose(decoded[0], decoded[1], absolute: 1e-4, "decoded")
  }
}
