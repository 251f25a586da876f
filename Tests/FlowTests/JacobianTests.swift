import Flow
import Foundation
import Kernels
import TestSupport
import Testing

/// ∂z_i/∂x_j as [j][i], by fourth-order central differences: with this step the truncation and the
/// rounding of single precision are both near 1e-5.
private func jacobian(
  _ x: [Float], step: Float = 0x1p-5, _ f: ([Float]) -> [Float]
) -> [[Double]] {
  x.indices.map { index in
    func at(_ steps: Float) -> [Double] {
      var shifted = x
      shifted[index] += steps * step
      return f(shifted).doubles
    }
    let (a, b, c, d) = (at(-2), at(-1), at(1), at(2))
    return a.indices.map { (a[$0] - 8 * b[$0] + 8 * c[$0] - d[$0]) / (12 * Double(step)) }
  }
}

@Suite struct JacobianTests {
  init() throws { try loadBLAS() }

  @Test func `the determinant of a known matrix`() {
    expectClose(
      [logAbsoluteDeterminant([[0, 2, 1], [3, 0, 0], [1, 5, 4]])], [log(9)], absolute: 1e-12)
  }

  @Test(arguments: FlowCase.all)
  func `the log-determinant is that of the numeric Jacobian`(flowCase: FlowCase) {
    for seed in UInt64(20)..<23 {
      let x = flowCase.samples(1, seed: seed)
      let labels = flowCase.labels(1)
      let (z, forward) = flowCase.flow.encode(x, labels: labels, weights: flowCase.weights)
      let numeric = jacobian(x) {
        flowCase.flow.encode($0, labels: labels, weights: flowCase.weights).z
      }
      expectClose(forward, [logAbsoluteDeterminant(numeric)], absolute: 1e-4, "encode")
      let inverse = flowCase.flow.decode(z, labels: labels, weights: flowCase.weights)
        .logDeterminant
      // The inverse grows like an exponential: a smaller step.
      let numericInverse = jacobian(z, step: 0x1p-7) {
        flowCase.flow.decode($0, labels: labels, weights: flowCase.weights).x
      }
      expectClose(inverse, [logAbsoluteDeterminant(numericInverse)], absolute: 5e-4, "decode")
    }
  }

  @Test(arguments: FlowCase.all)
  func `nothing depends on what comes later, to the last bit`(flowCase: FlowCase) {
    let flow = flowCase.flow.configuration
    let x = flowCase.samples(1, seed: 4)
    let (width, size) = (flow.features * flow.parametersPerFeature, flow.features)
    for block in 0..<flow.blocks {
      let order = flow.order(of: block)
      let before = flowCase.block(block, x)
      for place in 0..<flow.tokens {
        for feature in 0..<size {
          var changed = x
          changed[order[place] * size + feature] += 0.7
          let after = flowCase.block(block, changed)
          let label = "block \(block), token \(place), feature \(feature)"
          // The parameters of this token may depend on it only through the within-token head.
          let known = place * width + knownParameters(feature, flow)
          #expect(after.parameters[..<known] == before.parameters[..<known], "\(label)")
          #expect(after.z[..<(place * size)] == before.z[..<(place * size)], "\(label)")
          if flow.withinToken {
            #expect(
              after.z[place * size..<place * size + feature]
                == before.z[place * size..<place * size + feature], "\(label)")
          }
          #expect(after.z[place * size + feature] != before.z[place * size + feature], "\(label)")
          if place + 1 < flow.tokens || (flow.withinToken && feature + 1 < size) {
            #expect(after.parameters[known...] != before.parameters[known...], "\(label)")
          }
        }
      }
    }
  }

  /// The parameters of a token that must not depend on its feature d: all, or those of features 0 …
  /// d.
  private func knownParameters(_ feature: Int, _ flow: FlowConfiguration) -> Int {
    (flow.withinToken ? feature + 1 : flow.features) * flow.parametersPerFeature
  }
}
