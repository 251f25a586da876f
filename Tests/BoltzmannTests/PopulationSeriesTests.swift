import Evaluation
import Testing

@testable import Boltzmann

@Suite struct PopulationSeriesTests {
  @Test func `whiskers are 95 % intervals above the axis, and unvisited states have no dot`() {
    let series = populationSeries(
      "reweighted", Tint.reweighted,
      [
        Estimate(value: 0.5, error: 0.1), Estimate(value: 0.001, error: 0.1), nil,
        Estimate(value: 0, error: 0.1),
      ])
    #expect(series.values == [50, 0.1, nil, nil])
    #expect(series.low == [100 * (0.5 - 1.96 * 0.1), 100 * 1e-5, nil, nil])
    #expect(series.high == [100 * (0.5 + 1.96 * 0.1), 100 * (0.001 + 1.96 * 0.1), nil, nil])
  }

  @Test func `an estimate beside a reference gives both, or itself alone`() {
    let own = Estimate(value: 0.5, error: 0.1)
    let other = Estimate(value: 0.4, error: 0.2)
    let both = AnalysisResult.Compared(own, other)
    #expect(both.estimate == own && both.referenceEstimate == other)
    #expect(AnalysisResult.Compared(own, nil).referenceEstimate == nil)
  }
}
