import Foundation
import Kernels
import TestSupport
import Testing

@testable import Flow

/// Products in bfloat16, by what this CPU has for them and by the model of the matrix unit.
@Suite struct PrecisionTests {
  init() throws { try loadBLAS() }

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
    // What comes before an element does not depend on it, however it is rounded: the Jacobian is triangular, and its
    // diagonal is smooth.
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
    expectClose(x.map(Double.init), exact.x.map(Double.init), absolute: 0.1, "x")
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
    func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    let (exact, rounded) = (gradient(nil), gradient(unit))
    #expect(abs(exact.loss - rounded.loss) < 0.02 * (1 + abs(exact.loss)))
    let cosine =
      dot(exact.gradient, rounded.gradient)
      / (dot(exact.gradient, exact.gradient) * dot(rounded.gradient, rounded.gradient)).squareRoot()
    #expect(cosine > 0.999)
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
