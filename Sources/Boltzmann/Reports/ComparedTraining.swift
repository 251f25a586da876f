import Reporting
import Runs

/// The course of several trainings over each other, by steps and, where their times are known, by
/// wall time.
///
/// - Returns: nil where no run has two rows.
func comparedTraining(_ runs: [ReportedRun], _ names: [String]) -> Page.Section? {
  let times = runs.map { run in
    run.metrics.flatMap {
      trainingTimes($0, batch: run.record.configuration.training.batch)?.seconds
    }
  }
  let (unit, seconds) = timeUnit(for: times.compactMap { $0?.last }.max() ?? 0)
  let axes = [
    ("", "", Axis("step"), runs.map { $0.metrics?["step"] ?? [] }),
    (
      "-over-time", ", over time", Axis("wall time", unit: unit),
      times.map { $0.map { $0.map { $0 / seconds } } ?? [] }
    ),
  ]
  let curves = [
    ("loss", "Validation loss", "validation_nll", Axis("negative log-likelihood", unit: "nats")),
    ("training-ess", "Effective sample size during the training", "ess", Axis("ESS", range: 0...1)),
  ]
  let figures = curves.flatMap { name, title, column, axis in
    axes.compactMap { suffix, words, x, places -> Figure? in
      let courses = runs.indices.map { number in
        zip(places[number], runs[number].metrics?[column] ?? []).compactMap { place, value in
          place.flatMap { place in value.map { (place, $0) } }
        }
      }
      let shared = Set(courses.joined().map(\.0)).sorted()
      guard shared.count > 1 else { return nil }
      let series = runs.indices.filter { !courses[$0].isEmpty }.map { number in
        Chart.Series(
          names[number], .line, colour: Tint.run(number),
          interpolated(courses[number], at: shared))
      }
      return Figure(
        name + suffix, title: title + words,
        caption: "Between a run's own validations a straight line.",
        .chart(Chart(x: x, y: axis, .points(shared), series)))
    }
  }
  return figures.isEmpty ? nil : Page.Section("Training", [.figures(figures)])
}

/// Values of a polygonal line, nil outside of it.
///
/// - Parameter course: Its corners, the places ascending.
func interpolated(_ course: [(place: Double, value: Double)], at places: [Double]) -> [Double?] {
  var next = 0
  return places.map { place in
    while next < course.count, course[next].place < place { next += 1 }
    guard next < course.count else { return nil }
    if course[next].place == place { return course[next].value }
    guard next > 0 else { return nil }
    let (before, after) = (course[next - 1], course[next])
    let share = (place - before.place) / (after.place - before.place)
    return before.value + share * (after.value - before.value)
  }
}
