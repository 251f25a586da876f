import Foundation
import Images
import Reporting
import Runs

/// Whether a folder is a run on images.
package func isImageRun(_ path: String) -> Bool {
  (try? ImageRecord.read(path: RunFolder(path: path).record)) != nil
}

/// The page of a run on images, made from the files of its folder alone: losses, learning rate, the
/// grid of samples, and where everything came from.
///
/// - Throws: `RunError` when the record cannot be read.
package func imageReport(of folder: RunFolder, context: RunContext) throws -> Page {
  let record = try ImageRecord.read(path: folder.record)
  let system = try ImageSystem.read(path: record.description.path)
  let name = URL(fileURLWithPath: folder.path).standardizedFileURL.lastPathComponent
  let metrics = NumberTable(path: folder.metrics)
  let facts = [
    Fact("images", .text(system.name)),
    Fact(
      "size", .text("\(system.shape.size)×\(system.shape.size), \(system.shape.channels) channels")),
    Fact("classes", .count(system.classes)),
    Fact(
      "noise",
      .text(
        "\(record.configuration.noise.kind.rawValue), "
          + "\(record.configuration.noise.deviation)")),
  ]
  var sections = [Page.Section("Summary", [.tiles(tiles(metrics)), .facts(facts)])]
  if let metrics { sections.append(curves(metrics)) }
  if let png = try? Data(contentsOf: URL(fileURLWithPath: folder.imageGrid)) {
    sections.append(
      Page.Section(
        "Samples",
        [
          .picture(
            Picture(
              title: "Images drawn from the flow",
              caption: caption(record, system), png: [UInt8](png)))
        ]))
  }
  sections.append(
    Page.Section(
      "Provenance",
      [
        .facts([
          Fact("program of the run", .text(record.program)), Fact("seed", .text("\(record.seed)")),
          Fact("BLAS kernel", .text(record.arithmetic.kernel)),
          Fact("matrix unit", .text(record.arithmetic.unit ?? "none")),
          Fact(
            "training images",
            .text(
              "\(record.images.path), \(record.images.bytes) bytes, FNV-1a "
                + "\(record.images.fnv1a)")),
        ]),
        .folded(
          title: "All settings of the run (config.resolved.yaml)",
          text: (try? readInput(path: folder.record, what: "record", advice: "")) ?? ""),
      ]))
  return Page(
    title: "\(system.name): images from a flow", subtitle: "Run \(name)", sections: sections,
    footer: "Made by \(context.program) from the files of the run's folder.")
}

/// Writes the report of a run into its folder; a report that cannot be written is a warning.
package func writeImageReport(in folder: RunFolder, context: RunContext) {
  writeReport(to: folder.report, context: context) {
    try imageReport(of: folder, context: context)
  }
}

private func caption(_ record: ImageRecord, _ system: ImageSystem) -> String {
  let sampling = record.configuration.sampling
  var words = "The run's samples.png, \(sampling.count) images in \(sampling.columns) columns"
  if system.classes > 0 {
    let names = system.classNames ?? (0..<system.classes).map { "\($0)" }
    words += ", a class in each row from the top: \(names.joined(separator: ", "))"
  }
  if sampling.denoise > 0 { words += "; denoised by a step of \(sampling.denoise)" }
  if let guidance = record.configuration.guidance { words += "; guided by \(guidance.weight)" }
  return words + "."
}

/// Losses per dimension leave out the constant of the normal density.
private func tiles(_ metrics: NumberTable?) -> [Tile] {
  guard let metrics, let steps = metrics["step"] else { return [] }
  let losses = metrics["validation_loss"]?.compactMap { $0 } ?? []
  let training = metrics["train_loss"]?.compactMap { $0 } ?? []
  return [
    steps.last.flatMap { $0 }.map { Tile("steps", "\(Int($0))") },
    training.last.map { Tile("training loss", $0.fixed(4), note: "per dimension, last") },
    losses.min().map { loss in
      Tile(
        "validation loss", loss.fixed(4),
        note: "per dimension, least; \(((loss + 0.5 * log(2 * .pi)) / log(2)).fixed(3)) bits")
    },
  ].compactMap { $0 }
}

private func curves(_ metrics: NumberTable) -> Page.Section {
  let steps = (metrics["step"] ?? []).compactMap { $0 }
  func series(_ column: String, _ name: String, _ tint: Int) -> [Chart.Series] {
    guard let values = metrics[column], values.count == steps.count,
      values.contains(where: { $0 != nil })
    else { return [] }
    return [Chart.Series(name, .line, colour: tint, values)]
  }
  let losses = series("train_loss", "training", 1) + series("validation_loss", "validation", 2)
  let rates = series("learning_rate", "", 3)
  let figures = [
    ("loss", "Loss", Axis("loss per dimension", unit: "nats"), losses),
    ("learning-rate", "Learning rate", Axis("learning rate"), rates),
  ].filter { !$0.3.isEmpty }.map { name, title, axis, series in
    Figure(
      name, title: title,
      caption:
        "Over the steps of the training. The loss is the published one, half the mean square "
        + "of z minus the mean log-determinant.",
      .chart(Chart(x: Axis("step"), y: axis, .points(steps), series)))
  }
  return Page.Section("Training", [.figures(figures)])
}
