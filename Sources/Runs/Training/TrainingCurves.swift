import Foundation
import Reporting

/// A figure of a training's course: some columns of `metrics.csv`.
package struct TrainingCurve: Sendable {
  package let name, title, caption: String
  package let axis: Axis
  /// Each with its name in the legend and its colour.
  package let columns: [(column: String, name: String, tint: Int)]

  package init(
    _ name: String, _ title: String, _ caption: String, _ axis: Axis,
    _ columns: [(column: String, name: String, tint: Int)]
  ) {
    (self.name, self.title, self.caption) = (name, title, caption)
    (self.axis, self.columns) = (axis, columns)
  }
}

/// The course of a training over its steps and, where its times are known, over wall time.
///
/// - Parameter batch: Samples of a step, for the times of a file without them.
/// - Returns: nil where there are not two rows.
package func trainingSection(
  _ metrics: NumberTable?, batch: Int, _ curves: [TrainingCurve]
) -> Page.Section? {
  guard let metrics, let steps = metrics["step"], steps.allSatisfy({ $0 != nil }), steps.count > 1
  else { return nil }
  let places = steps.compactMap { $0 }
  let times = trainingTimes(metrics, batch: batch)
  let total = times?.seconds.last ?? 0
  let (unit, factor) = timeUnit(for: total)
  func figure(
    _ curve: TrainingCurve, _ suffix: String, _ words: String, _ x: Axis, _ places: [Double]
  ) -> Figure? {
    let series = curve.columns.compactMap { column, name, tint in
      metrics[column].flatMap { values in
        values.contains { $0 != nil } ? Chart.Series(name, .line, colour: tint, values) : nil
      }
    }
    guard !series.isEmpty else { return nil }
    return Figure(
      curve.name + suffix, title: curve.title + words, caption: curve.caption,
      .chart(Chart(x: x, y: curve.axis, .points(places), series)))
  }
  let figures = curves.flatMap { curve in
    [
      figure(curve, "", "", Axis("step"), places),
      times.flatMap {
        figure(
          curve, "-over-time", ", over time", Axis("wall time", unit: unit),
          $0.seconds.map { $0 / factor })
      },
    ].compactMap { $0 }
  }
  guard !figures.isEmpty else { return nil }
  let words = times.map { times in
    Block.paragraph(
      times.areEstimated
        ? "The steps took about \(durationText(seconds: total)), by their rates; metrics.csv has no "
          + "times."
        : "The training took \(durationText(seconds: total)), its validations included.")
  }
  return Page.Section("Training", [.figures(figures)] + (words.map { [$0] } ?? []))
}

/// The unit that a time is told in, and its seconds.
package func timeUnit(for seconds: Double) -> (name: String, seconds: Double) {
  seconds < 120 ? ("s", 1) : seconds < 7_200 ? ("min", 60) : ("h", 3_600)
}

/// The seconds from the start of a training to each row, [rows]: those of the file, or else what
/// the steps took by their rates.
///
/// - Returns: nil where neither is known, or a time is none that a training can take.
package func trainingTimes(
  _ metrics: NumberTable, batch: Int
) -> (seconds: [Double], areEstimated: Bool)? {
  func canBe(_ seconds: Double) -> Bool { (0...1e12).contains(seconds) }
  if let known = metrics["seconds"]?.compactMap({ $0 }), known.count == metrics.rows.count {
    return known.allSatisfy(canBe) ? (known, false) : nil
  }
  guard let steps = metrics["step"], let rates = metrics["samples_per_second"] else { return nil }
  var (seconds, sum, last) = ([Double](), 0.0, 0.0)
  for (step, rate) in zip(steps, rates) {
    guard let step, let rate, rate > 0, step > last else { return nil }
    sum += (step - last) * Double(batch) / rate
    guard canBe(sum) else { return nil }
    last = step
    seconds.append(sum)
  }
  return (seconds, true)
}
