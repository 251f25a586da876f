import Flow
import Kernels
import TestSupport
import Testing

@Suite struct FixedPointTests {
  init() throws { try loadBLAS() }

  /// Flows of the published form whose tokens depend on each other strongly.
  private static let cases: [FlowCase] = [
    NetworkConfiguration.Transform.affine, .translation,
  ].compactMap { transform in
    try? FlowCase(
      "published \(transform)",
      .published(
        tokens: 9, features: 2, blocks: 3, layers: 2, width: 8, headWidth: 4, classes: 3,
        transform: transform))
  }

  @Test(arguments: cases, [1, 2, 3, 8, 20])
  func `without a tolerance it is sequential decoding`(flowCase: FlowCase, segment: Int) {
    let z = flowCase.samples(5)
    let labels = flowCase.labels(5)
    for guidance in [
      nil, Guidance(weight: 0.7, attentionTemperature: 0.5, isAnnealed: true),
    ] {
      let expected = flowCase.flow.decode(
        z, labels: labels, guidance: guidance, weights: flowCase.weights)
      let found = flowCase.flow.decode(
        z, labels: labels, guidance: guidance,
        by: .fixedPoint(FixedPoint(tolerance: 0, segment: segment)),
        weights: flowCase.weights)
      let scale = Double(expected.x.map(abs).max() ?? 1)
      expectClose(found.x.doubles, expected.x.doubles, absolute: 1e-5 * scale, "x")
      expectClose(found.logDeterminant, expected.logDeterminant, absolute: 1e-4, "log-determinant")
      // Never more steps than the segment has tokens; with one token, one step.
      #expect(found.passes <= Double(min(segment, 8)))
      if segment == 1 { #expect(found.passes == 1) }
    }
  }

  @Test(arguments: cases)
  func `a tolerance saves passes and costs accuracy of its size`(flowCase: FlowCase) {
    let z = flowCase.samples(40)
    let labels = flowCase.labels(40)
    func decode(_ tolerance: Double) -> DecodedSamples {
      flowCase.flow.decode(
        z, labels: labels, by: .fixedPoint(FixedPoint(tolerance: tolerance, segment: 8)),
        weights: flowCase.weights)
    }
    let exact = decode(0)
    let tolerances = [1e-1, 1e-2, 1e-3, 1e-4]
    let found = tolerances.map(decode)
    for (tolerance, decoded) in zip(tolerances, found) {
      // A step that shrinks the error by κ leaves κ/(1 − κ) of the last change. Here κ is at most
      // ¼, as the number of passes below says, so that each of three blocks leaves a third of the
      // tolerance; they pass errors on without magnifying them. (Found: 0.27 of the tolerance.)
      let worst = zip(decoded.x, exact.x).map { Double(abs($0 - $1)) }.max() ?? 1
      #expect(worst <= tolerance, "tolerance \(tolerance)")
    }
    // Three decades of accuracy in at most log 1000/log 4 passes.
    #expect(found[3].passes <= found[0].passes + 5)
    #expect(found[0].passes < exact.passes)
    #expect(found[0].x != exact.x)
  }

  @Test func `workers do not change a bit, and a flow that is the identity takes one step`() throws
  {
    let flowCase = try #require(Self.cases.first)
    let z = flowCase.samples(300)
    func decode(_ workers: Int) -> [Float] {
      flowCase.flow.decode(
        z, labels: flowCase.labels(300), by: .fixedPoint(FixedPoint(tolerance: 1e-3, segment: 4)),
        weights: flowCase.weights, execution: Execution(workers: workers)
      ).x
    }
    #expect(decode(1) == decode(3))
    // At the start of a training a = b = 0.
    let identity = flowCase.flow.layout.initialValues(seed: 1)
    let found = flowCase.flow.decode(
      z, by: .fixedPoint(FixedPoint(tolerance: 0, segment: 8)), weights: identity)
    #expect(found.x == z && found.passes == 1)
    #expect(
      flowCase.flow.decode(
        [], by: .fixedPoint(FixedPoint(tolerance: 0, segment: 8)), weights: identity
      ).x == [])
  }
}
