import Evaluation
import Reporting

/// Shares below this are at the axis.
private let leastShare = 1e-5

/// Populations of states in percent, as dots with 95 % intervals.
///
/// - Parameter populations: [states]; there is no dot where one is nil or 0.
func populationSeries(
  _ name: String, _ tint: Int, _ populations: [Estimate?]
) -> Chart.Series {
  let visited = populations.map { $0.flatMap { $0.value > 0 ? $0 : nil } }
  return Chart.Series(
    name, .points, colour: tint, visited.map { $0.map { 100 * $0.value } },
    low: visited.map { $0.map { 100 * max(leastShare, $0.value - $0.reach) } },
    high: visited.map { $0.map { 100 * ($0.value + $0.reach) } })
}

extension AnalysisResult.Compared {
  var estimate: Estimate { Estimate(value: value, error: error) }

  /// nil without a reference.
  var referenceEstimate: Estimate? {
    guard let reference, let referenceError else { return nil }
    return Estimate(value: reference, error: referenceError)
  }
}
