import Evaluation
import TestSupport
import Testing

@Suite struct EnergyHistogramTests {
  @Test func `densities and what lies outside make one`() throws {
    let reference = normals(1_000, mean: -100, deviation: 5, seed: 1)
    let proposals = normals(500, mean: -95, deviation: 6, seed: 2) + [.infinity, 1e12, .nan]
    let weights = Array(repeating: 1.0, count: 200) + Array(repeating: 0.0, count: 303)
    let histogram = try EnergyHistogram(
      reference: reference, proposals: proposals, weights: weights, bins: 40)
    let width = histogram.edges[1] - histogram.edges[0]
    for series in [histogram.reference, histogram.proposal, histogram.reweighted] {
      let inside = series.densities.reduce(0, +) * width
      expectClose([inside + series.below + series.above], [1], relative: 1e-12)
    }
    #expect(histogram.reference.below == 0 && histogram.reference.above == 0)
    #expect(histogram.proposal.above >= 3.0 / 503 - 1e-12)
    // The clashes do not stretch the axis.
    #expect(histogram.edges[40] < -20)
  }

  @Test func `energies fall into their bins`() throws {
    let histogram = try EnergyHistogram(
      reference: [0, 10], proposals: [0, 10, 10, 5], weights: [1, 0, 0, 3], bins: 3)
    let width = histogram.edges[1] - histogram.edges[0]
    expectClose(histogram.reference.densities.map { $0 * width }, [0.5, 0, 0.5], absolute: 1e-15)
    expectClose(
      histogram.proposal.densities.map { $0 * width }, [0.25, 0.25, 0.5], absolute: 1e-15)
    expectClose(
      histogram.reweighted.densities.map { $0 * width }, [0.25, 0.75, 0], absolute: 1e-15)
    #expect(EnergyHistogram.columns.count == 5)
    #expect(
      histogram.rows[1] == [
        histogram.edges[1], histogram.edges[2], 0, histogram.proposal.densities[1],
        histogram.reweighted.densities[1],
      ])
  }

  @Test func `a reference of one energy still has bins`() throws {
    let histogram = try EnergyHistogram(reference: [3], proposals: [.nan], weights: [0])
    #expect(histogram.edges[0] < 3 && histogram.edges[100] > 3)
    #expect(histogram.proposal.above == 1)
    #expect(histogram.reweighted.densities.allSatisfy { $0 == 0 })
  }

  @Test func `what cannot be drawn is an error`() {
    #expect(throws: EvaluationError.nonfiniteReferenceEnergy(frame: 1)) {
      try EnergyHistogram(reference: [1, .infinity], proposals: [1], weights: [1])
    }
    #expect(throws: EvaluationError.empty(what: "reference frames")) {
      try EnergyHistogram(reference: [], proposals: [1], weights: [1])
    }
    #expect(throws: EvaluationError.lengths(what: "weights", expected: 1, found: 2)) {
      try EnergyHistogram(reference: [1], proposals: [1], weights: [1, 1])
    }
  }
}
