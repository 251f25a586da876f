import Flow
import Foundation
import Images
import Reporting
import Runs

/// What there is to say of a run on images.
/// - Throws: `RunError`.
package func imageRunFacts(_ folder: RunFolder) throws -> [Fact] {
  let record = try ImageRecord.read(in: folder)
  let system = try record.readSystem()
  let (configuration, network) = (record.configuration, record.configuration.flow)
  let training = configuration.training
  let flow = try TarFlow(try configuration.model(of: system).flow())
  let names =
    system.classes == 0
    ? [] : record.classNames(system, of: try? ImageModel(path: folder.model))
  let isThere = FileManager.default.fileExists(atPath: folder.imageGrid)
  return [
    ("kind", .text("run on images")), ("program", .text(record.program)),
    ("system", .text(record.system)), ("training images", .text(record.images.path)),
    ("labels", .text(record.labels?.path ?? (system.classes > 0 ? "the sub-folders" : "none"))),
    ("image", .text("\(system.shape)")), ("classes", .count(system.classes)),
    ("class names", .text(names.isEmpty ? "none" : names.joined(separator: ", "))),
    ("patch", .count(network.patch)), ("width", .count(network.width)),
    ("blocks", .count(network.blocks)), ("layers of a block", .count(network.layers)),
    ("parameters", .count(flow.layout.count)),
    ("noise", .text(configuration.noise.description)), ("seed", .text("\(record.seed)")),
    ("batch", .count(training.batch)),
    training.steps > 0 ? ("steps", .count(training.steps)) : ("epochs", .count(training.epochs)),
    ("held out", .count(training.heldOut)),
    ("newest checkpoint", .count(folder.savedSteps().first?.step ?? 0)),
    ("samples", .text(isThere ? "there" : "not yet")),
  ]
}

extension ImageSystem {
  /// What there is to say of a system of images in a folder.
  package func facts(in folder: String) -> [Fact] {
    func place(_ files: Files?) -> FactValue {
      guard let images = files?.images else { return .text("none") }
      let path = images.hasPrefix("/") ? images : "\(folder)/\(images)"
      return .text(FileManager.default.fileExists(atPath: path) ? path : "\(path), not there")
    }
    return [
      ("kind", .text("system of images")), ("name", .text(name)), ("image", .text("\(shape)")),
      ("classes", .count(classes)),
      ("class names", .text(classNames?.joined(separator: ", ") ?? "none")),
      ("training images", place(training)), ("test images", place(test)),
    ]
  }
}

extension ImageConfiguration.Noise: CustomStringConvertible {
  /// "gaussian 0.1", "uniform" or "none".
  package var description: String {
    kind == .gaussian ? "gaussian \(deviation)" : kind.rawValue
  }
}
