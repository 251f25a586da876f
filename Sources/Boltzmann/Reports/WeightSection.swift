import Evaluation
import Foundation
import Reporting

/// How the weights are distributed, and what they are worth.
func weightSection(of run: ReportedRun) -> Page.Section {
  let weights = run.weights
  let sample = run.samples.sample
  let shares = sample.weights.sorted(by: >)
  let tail = ParetoTail(logWeights: weights.values)
  return Page.Section(
    "Weights",
    [
      .paragraph(weightWords(run, tail)),
      .figures([
        logWeightFigure(weights), sortedFigure(shares), growthFigure(weights.values),
        sizesFigure(weights, tail: tail),
      ]),
      .facts(droppedFacts(run)),
    ])
}

private func weightWords(_ run: ReportedRun, _ tail: ParetoTail?) -> String {
  let largest = run.weights.largestShare
  let shares = run.samples.sample.weights.sorted(by: >)
  let top = shares.prefix(max(1, shares.count / 100)).reduce(0, +)
  var words =
    "A perfect flow would give every sample the same weight. Here the heaviest sample carries "
    + "\(percentText(largest)) of the total weight, and the heaviest hundredth of all carries "
    + "\(percentText(top)). "
  guard let tail else { return words + "There are too few weights for an estimate of their tail." }
  let k = "Pareto k of the weights' tail is \(tail.shape.fixed(2)) ± \(tail.shapeError.fixed(2)): "
  switch tail.shape {
  case ...0.5: words += k + "averages and their errors can be trusted."
  case ...ParetoTail.largestReliableShape:
    words += k + "averages can be trusted, but they converge slowly and single samples matter."
  default:
    words +=
      k
      + "above \(ParetoTail.largestReliableShape) a few samples decide, and the averages are "
      + "noise. "
      + "Other samples would give other results."
  }
  return words
}

/// log w about its mean, so that 0 is the weight of a perfect flow.
private func logWeightFigure(_ weights: LogWeights) -> Figure {
  let finite = weights.values.filter(\.isFinite)
  // log of the mean weight.
  let largest = finite.max() ?? 0
  let mean =
    largest + log(finite.reduce(0) { $0 + exp($1 - largest) } / Double(max(1, finite.count)))
  let shifted = finite.map { $0 - mean }
  let low = quantile(shifted, 0.005), high = max(shifted.max() ?? 1, 1)
  let edges = edges(from: min(low, -1), to: high, 60)
  let (shares, beyond) = histogram(
    shifted, weights: [Double](repeating: 1, count: shifted.count), edges: edges)
  let (carried, carriedBeyond) = histogram(shifted, weights: shifted.map { exp($0) }, edges: edges)
  return Figure(
    "log-weights", title: "Logarithms of the weights",
    caption:
      "ln(w/⟨w⟩) of all samples with a weight: 0 is the weight that every sample of a perfect "
      + "flow has. The second curve shows where the weight is; the two coincide where the flow is "
      + "perfect. \(percentText(beyond.below)) of the samples lie below the axis.",
    .chart(
      Chart(
        x: Axis("ln(w/⟨w⟩)", range: edges[0]...edges[edges.count - 1]),
        y: Axis("probability density"), .bins(edges),
        [
          .init("samples", .dashedSteps, colour: Tint.proposal, shares, beyond: beyond),
          .init("weight", .steps, colour: Tint.reweighted, carried, beyond: carriedBeyond),
        ], rules: [.init("perfect", at: 0, isVertical: true)])))
}

/// The weights from the largest on, and what they carry together.
private func sortedFigure(_ shares: [Double]) -> Figure {
  let places = logarithmicPlaces(shares.count)
  var (sums, sum) = ([Double](), 0.0)
  for share in shares {
    sum += share
    sums.append(min(1, sum))
  }
  return Figure(
    "sorted-weights", title: "Share of the weight that the heaviest samples carry",
    caption:
      "The summed weight of the heaviest samples, by their number. The straight case of equal "
      + "weights is dashed; the higher the curve lies above it on the left, the fewer samples "
      + "decide.",
    .chart(
      Chart(
        x: Axis(
          "heaviest samples", scale: .logarithmic, range: 1...Double(max(2, shares.count))),
        y: Axis("share of the weight", unit: "%", range: 0...100), .points(places.map(Double.init)),
        [
          .init(
            "equal weights", .dashedLine, colour: Tint.reference,
            places.map { 100 * Double($0) / Double(shares.count) }),
          .init("this run", .line, colour: Tint.reweighted, places.map { 100 * sums[$0 - 1] }),
        ])))
}

/// The effective sample size as the samples come in.
private func growthFigure(_ logWeights: [Double]) -> Figure {
  let places = Set(logarithmicPlaces(logWeights.count))
  let largest = logWeights.max() ?? 0
  var (sum, squares) = (0.0, 0.0)
  var sizes: [(Double, Double?)] = []
  for (index, logWeight) in logWeights.enumerated() {
    let weight = exp(logWeight - largest)
    sum += weight
    squares += weight * weight
    if places.contains(index + 1) {
      sizes.append((Double(index + 1), squares > 0 ? sum * sum / squares : nil))
    }
  }
  return Figure(
    "effective-samples", title: "Effective samples as samples are drawn",
    caption:
      "(Σ w)²/Σ w² of the first samples. A curve that keeps growing in a straight line means "
      + "that more samples help; a sudden fall is a single heavy sample.",
    .chart(
      Chart(
        x: Axis("samples", scale: .logarithmic, range: 1...Double(max(2, logWeights.count))),
        y: Axis("effective samples", scale: .logarithmic), .points(sizes.map(\.0)),
        [
          .init("a perfect flow", .dashedLine, colour: Tint.reference, sizes.map { $0.0 }),
          .init("this run", .line, colour: Tint.reweighted, sizes.map(\.1)),
        ])))
}

/// The effective sample size by every rule in use.
private func sizesFigure(_ weights: LogWeights, tail: ParetoTail?) -> Figure {
  let clip = weights.clippedFraction
  let rows: [(String, Double)] = [
    (
      clip > 0 ? "without the largest \(percentText(clip))" : "by the run's rule, no clip",
      weights.effectiveSampleSize
    ),
    ("capped at the largest 0.01 %", weights.cappedEffectiveSampleSize),
    ("raw, all weights", weights.rawEffectiveSampleSize),
  ]
  let note =
    tail.map { " Pareto k is \($0.shape.fixed(2)) ± \($0.shapeError.fixed(2))." } ?? ""
  return Figure(
    "effective-sample-size", title: "Effective sample size by each rule",
    caption: "(Σ w)²/(n Σ w²): the benchmark drops the largest weights, others set them to a "
      + "threshold; averages on this page use all weights. Values: "
      + rows.map { "\($0.0) \($0.1.fixed(4))" }.joined(separator: ", ") + "." + note,
    .chart(
      Chart(
        x: Axis("rule"),
        y: Axis("effective sample size", unit: "share of all samples", range: 0...1),
        .categories(rows.map(\.0)),
        [.init("this run", .points, colour: Tint.reweighted, rows.map(\.1))])))
}

private func droppedFacts(_ run: ReportedRun) -> [Fact] {
  let weights = run.weights
  let outside = run.isSupported.count { !$0 }
  return [
    ("samples", .count(run.samples.sample.rows)),
    ("with a weight", .count(weights.values.count(where: \.isFinite))),
    ("dropped: no finite log-density, or outside the support", .count(outside)),
    (
      "dropped: no finite energy",
      .count(
        zip(run.samples.energies, run.isSupported).count { !$0.isFinite && $1 })
    ),
    ("largest share of the weight", .text(percentText(weights.largestShare))),
  ]
}
