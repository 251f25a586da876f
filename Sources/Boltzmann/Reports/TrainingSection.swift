import Foundation
import Reporting
import Runs

/// Losses, learning rate and effective sample size over the steps of a training.
///
/// - Parameter batch: Samples of a step, for the time that the training took.
func trainingSection(_ metrics: NumberTable?, batch: Int) -> Page.Section? {
  guard let metrics, let steps = metrics["step"], steps.allSatisfy({ $0 != nil }), steps.count > 1
  else { return nil }
  let places = steps.compactMap { $0 }
  func figure(
    _ name: String, _ title: String, _ caption: String, _ axis: Axis,
    _ columns: [(column: String, name: String, mark: Chart.Mark, tint: Int)]
  ) -> Figure? {
    let series = columns.compactMap { column in
      metrics[column.column].flatMap { values in
        values.contains { $0 != nil }
          ? Chart.Series(column.name, column.mark, colour: column.tint, values) : nil
      }
    }
    guard !series.isEmpty else { return nil }
    return Figure(
      name, title: title, caption: caption,
      .chart(Chart(x: Axis("step"), y: axis, .points(places), series)))
  }
  let figures = [
    figure(
      "loss", "Training and validation loss",
      "Mean negative log-likelihood per conformation. Where validation rises while training falls, "
        + "the flow learns its frames by heart.",
      Axis("negative log-likelihood", unit: "nats"),
      [
        ("train_nll", "training", .line, 1), ("validation_nll", "validation", .line, 2),
      ]),
    figure(
      "training-ess", "Effective sample size during the training",
      "Of the proposals that the training draws for itself, raw.",
      Axis("effective sample size", range: 0...1), [("ess", "", .line, 2)]),
    figure(
      "learning-rate", "Learning rate", "As the schedule sets it.",
      Axis("learning rate"), [("learning_rate", "", .line, 3)]),
  ].compactMap { $0 }
  let seconds = zip(places, [0] + places).enumerated().reduce(0.0) { sum, row in
    guard let rate = metrics["samples_per_second"]?[row.offset], rate > 0 else { return sum }
    return sum + (row.element.0 - row.element.1) * Double(batch) / rate
  }
  let time =
    seconds > 0
    ? [Block.paragraph("The steps took about \(durationText(seconds: seconds)), by their rates.")]
    : []
  return Page.Section("Training", [.figures(figures)] + time)
}
