import Foundation
import Images
import Reporting
import Runs

/// Whether a folder is a run on images.
package func isImageRun(_ path: String) -> Bool {
  (try? ImageRecord.read(path: RunFolder(path: path).record)) != nil
}

/// The page of a run on images, made from the files of its folder, and the test images of its system
/// where they are: losses, learning rate, grids of samples, what the model says of test images, and
/// where everything came from.
///
/// - Throws: `RunError` when the record cannot be read.
package func imageReport(of folder: RunFolder, context: RunContext) throws -> Page {
  let record = try ImageRecord.read(in: folder)
  let system = try record.readSystem()
  let name = URL(fileURLWithPath: folder.path).standardizedFileURL.lastPathComponent
  folder.warnOfChangedMetrics(log: context.log)
  let metrics = NumberTable(path: folder.metrics)
  let model = try? ImageModel(path: folder.model)
  let classNames = record.classNames(system, of: model)
  let facts = [
    Fact("images", .text(system.name)), Fact("size", .text("\(system.shape)")),
    Fact("classes", .count(system.classes)),
    Fact("noise", .text(record.configuration.noise.description)),
  ]
  var sections = [Page.Section("Summary", [.tiles(tiles(metrics, record)), .facts(facts)])]
  let batch = record.configuration.training.batch
  sections += [curves(metrics, batch: batch)].compactMap { $0 }
  if let png = try? Data(contentsOf: URL(fileURLWithPath: folder.imageGrid)) {
    sections.append(
      Page.Section(
        "Samples",
        [
          .picture(
            Picture(
              title: "Images drawn from the flow",
              caption: caption(record, classNames), png: [UInt8](png),
              rows: hasNames([UInt8](png), record, system) ? [] : rowNames(record, classNames)))
        ]))
  }
  if let model {
    let reported = ReportedImageModel(
      model: model, record: record, context: context, classNames: classNames)
    sections += [try reported.gridSection()] + reported.testSections()
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

private func caption(_ record: ImageRecord, _ classNames: [String]) -> String {
  let sampling = record.configuration.sampling
  var words = "The run's samples.png, \(sampling.count) images in \(sampling.columns) columns"
  let rows = rowNames(record, classNames)
  if !rows.isEmpty {
    words += ", a class in each row from the top: \(rows.joined(separator: ", "))"
  } else if !classNames.isEmpty {
    words += ", a class in each row"
  }
  if record.configuration.denoises { words += "; denoised by a step of \(sampling.denoise)" }
  if let guidance = record.configuration.guidance { words += "; guided by \(guidance.weight)" }
  return words + "."
}

/// Losses per dimension leave out the constant of the normal density; with uniform noise they are
/// bits of eight-bit values, as `ImageModel.bitsPerDimension` has them.
private func tiles(_ metrics: NumberTable?, _ record: ImageRecord) -> [Tile] {
  guard let metrics, let steps = metrics["step"] else { return [] }
  let losses = metrics["validation_loss"]?.compactMap { $0 } ?? []
  let training = metrics["train_loss"]?.compactMap { $0 } ?? []
  return [
    steps.last.flatMap { $0 }.map { Tile("steps", $0.fixed(0)) },
    training.last.map { Tile("training loss", $0.fixed(4), note: "per dimension, last") },
    losses.min().map { loss in
      let bits = (loss + 0.5 * log(2 * .pi) + log(128)) / log(2)
      return Tile(
        "validation loss", loss.fixed(4),
        note: "per dimension, least"
          + (record.configuration.noise.kind == .uniform ? "; \(bits.fixed(3)) bits" : ""))
    },
  ].compactMap { $0 }
}

/// Whether samples.png is wider than its pictures alone, since it names its rows or is enlarged.
private func hasNames(_ png: [UInt8], _ record: ImageRecord, _ system: ImageSystem) -> Bool {
  let sampling = record.configuration.sampling
  let plain = ImageGrid.plainWidth(
    of: system.shape, columns: min(sampling.columns, sampling.count))
  return png.count >= 20 && png[16..<20].reduce(0, { $0 << 8 | Int($1) }) != plain
}

/// The class of each row of samples.png; empty where there are none, or too many rows to name them.
private func rowNames(_ record: ImageRecord, _ classNames: [String]) -> [String] {
  let sampling = record.configuration.sampling
  let rows = (sampling.count + sampling.columns - 1) / max(1, sampling.columns)
  guard !classNames.isEmpty, (1...40).contains(rows) else { return [] }
  return (0..<rows).map { classNames[$0 % classNames.count] }
}

private func curves(_ metrics: NumberTable?, batch: Int) -> Page.Section? {
  trainingSection(
    metrics, batch: batch,
    [
      TrainingCurve(
        "loss", "Training and validation loss",
        "The published loss, half the mean square of z minus the mean log-determinant, per "
          + "dimension.",
        Axis("loss per dimension", unit: "nats"),
        [("train_loss", "training", 1), ("validation_loss", "validation", 2)]),
      TrainingCurve(
        "learning-rate", "Learning rate", "As the schedule sets it.", Axis("learning rate"),
        [("learning_rate", "", 3)]),
    ])
}
