import Kernels
import TestSupport
import Testing

@testable import Flow

/// The flow of one class.
@Suite struct ClassTests {
  init() throws { try loadBLAS() }

  @Test(arguments: FlowCase.all)
  func `the flow of a class has the densities and samples of its label`(flowCase: FlowCase) {
    let (flow, x) = (flowCase.flow, flowCase.samples(4))
    for label in 0..<max(1, flow.configuration.classes) {
      let (one, weights) = flow.ofClass(label, weights: flowCase.weights)
      #expect(one.configuration.classes == 0)
      let labels = flow.configuration.classes == 0 ? nil : [Int](repeating: label, count: 4)
      expectClose(
        one.logDensity(x, weights: weights),
        flow.logDensity(x, labels: labels, weights: flowCase.weights), absolute: 1e-4, "density")
      expectClose(
        one.decode(x, weights: weights).x.doubles,
        flow.decode(x, labels: labels, weights: flowCase.weights).x.doubles, absolute: 1e-3,
        "samples")
    }
  }

  @Test func `classes have other densities, and a flow without classes stays as it is`() throws {
    for flowCase in FlowCase.all {
      let (flow, x) = (flowCase.flow, flowCase.samples(4))
      guard flow.configuration.classes > 0 else {
        let (same, weights) = flow.ofClass(0, weights: flowCase.weights)
        #expect(same.layout == flow.layout && weights == flowCase.weights)
        continue
      }
      let densities = (0..<2).map { label in
        let (one, weights) = flow.ofClass(label, weights: flowCase.weights)
        return one.logDensity(x, weights: weights)
      }
      #expect(zip(densities[0], densities[1]).allSatisfy { abs($0 - $1) > 1e-3 })
    }
  }
}
