import Flow
import Kernels
import TestSupport
import Testing

@Suite struct InvertibilityTests {
  init() throws { try loadBLAS() }

  @Test func `every case is a valid flow`() { #expect(FlowCase.all.count == 10) }

  // Single precision: a few units in the last place per block, magnified where a mixture is steep
  // or flat.
  @Test(arguments: FlowCase.all)
  func `decoding undoes encoding`(flowCase: FlowCase) {
    let x = flowCase.samples(20)
    let (z, encoded) = flowCase.flow.encode(
      x, labels: flowCase.labels(20), weights: flowCase.weights)
    let back = flowCase.flow.decode(
      z, labels: flowCase.labels(20), weights: flowCase.weights)
    expectClose(back.x.doubles, x.doubles, absolute: 3e-5, "x")
    expectClose(back.logDeterminant, encoded.map { -$0 }, absolute: 3e-5, "log-determinant")
  }

  @Test(arguments: FlowCase.all)
  func `encoding undoes decoding`(flowCase: FlowCase) {
    let z = flowCase.samples(20, seed: 2)
    let decoded = flowCase.flow.decode(
      z, labels: flowCase.labels(20), weights: flowCase.weights)
    let (back, encoded) = flowCase.flow.encode(
      decoded.x, labels: flowCase.labels(20), weights: flowCase.weights)
    expectClose(back.doubles, z.doubles, absolute: 3e-5, "z")
    expectClose(decoded.logDeterminant, encoded.map { -$0 }, absolute: 3e-5, "log-determinant")
  }

  @Test(arguments: FlowCase.all + FlowCase.periodic)
  func `the density is the prior's times the Jacobian's determinant`(flowCase: FlowCase) {
    let x = flowCase.samples(7)
    let (z, logDeterminant) = flowCase.flow.encode(
      x, labels: flowCase.labels(7), weights: flowCase.weights)
    let expected = logDeterminant.enumerated().map { sample, logDeterminant in
      let size = flowCase.flow.dimensions
      return z[sample * size..<(sample + 1) * size].reduce(logDeterminant) {
        $0 + logNormalDensity(Double($1))
      }
    }
    let found = flowCase.flow.logDensity(
      x, labels: flowCase.labels(7), weights: flowCase.weights)
    expectClose(found, expected, absolute: 2e-5, "log p")
  }

  @Test(arguments: FlowCase.all + FlowCase.periodic)
  func `a sample's density does not depend on its batch`(flowCase: FlowCase) {
    let count = flowCase.flow.chunkSize + 3
    let x = flowCase.samples(count)
    let labels = flowCase.labels(count)
    let size = flowCase.flow.dimensions
    let all = flowCase.flow.logDensity(
      x, labels: labels, weights: flowCase.weights, execution: .serial)
    let shared = flowCase.flow.logDensity(
      x, labels: labels, weights: flowCase.weights, execution: Execution(workers: 2))
    #expect(all == shared)
    for sample in [0, 1, count - 1] {
      let alone = flowCase.flow.logDensity(
        Array(x[sample * size..<(sample + 1) * size]), labels: labels.map { [$0[sample]] },
        weights: flowCase.weights)
      expectClose(alone, [all[sample]], absolute: 2e-5, "sample \(sample)")
    }
  }

  @Test(arguments: FlowCase.all + FlowCase.periodic)
  func `encoding does not depend on workers`(flowCase: FlowCase) {
    let count = 2 * flowCase.flow.chunkSize + 3
    let x = flowCase.samples(count, seed: 3)
    let labels = flowCase.labels(count)
    let (z, logDeterminant) = flowCase.flow.encode(x, labels: labels, weights: flowCase.weights)
    let shared = flowCase.flow.encode(
      x, labels: labels, weights: flowCase.weights, execution: Execution(workers: 2))
    #expect(z == shared.z)
    #expect(logDeterminant == shared.logDeterminant)
  }

  @Test(arguments: FlowCase.all + FlowCase.periodic)
  func `decoding does not depend on workers or batches`(flowCase: FlowCase) {
    let count = 300
    let z = flowCase.samples(count, seed: 3)
    let labels = flowCase.labels(count)
    let (flow, weights) = (flowCase.flow, flowCase.weights)
    let one = flow.decode(z, labels: labels, weights: weights, execution: .serial)
    let two = flow.decode(z, labels: labels, weights: weights, execution: Execution(workers: 2))
    #expect(one.x == two.x)
    #expect(one.logDeterminant == two.logDeterminant)
    let cut = 41 * flow.dimensions
    let head = flow.decode(
      Array(z[..<cut]), labels: labels.map { Array($0[..<41]) }, weights: weights
    ).x
    let tail = flow.decode(
      Array(z[cut...]), labels: labels.map { Array($0[41...]) }, weights: weights
    ).x
    // Matrix products of another number of rows are rounded otherwise; some samples lie 30 units
    // out.
    expectClose((head + tail).doubles, one.x.doubles, absolute: 3e-5, relative: 3e-6, "split")
  }

  /// A unit multiplies every row as if it were alone; BLAS rounds by the number of rows.
  @Test(
    .enabled(if: MatrixUnit.best(for: .fp32) != nil),
    arguments: (FlowCase.all + FlowCase.periodic).filter { $0.flow.configuration.classes == 0 })
  func `samples have the same bits drawn together or apart, by any number of workers`(
    flowCase: FlowCase
  ) {
    func draw(_ samples: Range<Int>, workers: Int) -> (x: [Float], logDensity: [Double]) {
      flowCase.flow.sample(
        samples.count, from: samples.lowerBound, seed: 9, weights: flowCase.weights,
        execution: Execution(workers: workers))
    }
    let together = draw(0..<70, workers: 2)
    for cuts in [[0, 1, 70], [0, 17, 50, 70]] {
      let apart = zip(cuts, cuts.dropFirst()).map { draw($0..<$1, workers: 1) }
      #expect(apart.flatMap(\.x) == together.x)
      #expect(apart.flatMap(\.logDensity) == together.logDensity)
    }
  }
}
