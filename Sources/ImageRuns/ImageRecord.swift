import Foundation
import Images
import Kernels
import Runs
import TensorFiles

/// What `config.resolved.yaml` of an image run holds: all that is needed to repeat or resume it.
package struct ImageRecord: TrainingRecord {
  package let program: String
  package let arithmetic: Arithmetic
  /// The folder of the system of images, or the images themselves where nothing describes them.
  package private(set) var system: String
  package private(set) var images: InputFile
  package private(set) var labels: InputFile?
  /// `images.yaml`; nil where nothing describes the images.
  package private(set) var description: InputFile?
  /// What was found of the images where nothing describes them.
  package let imageSet: ImageSystem?
  /// Weights that the training began with in place of random ones.
  package private(set) var start: InputFile?
  package let configuration: ImageConfiguration

  private enum CodingKeys: String, CodingKey {
    case program, arithmetic, system, images, labels, description, start, configuration
    case imageSet = "image_set"
  }

  package static let name = (record: "record of an image run", writer: "tarflow-mol image train")

  package var inputs: [InputFile] { [images, labels, description, start].compactMap { $0 } }
  package var precision: Precision { configuration.training.precision }
  package var seed: UInt64 { configuration.seed }

  /// The settings that the training depends on, and which inputs it has: its length may change, and
  /// so may what comes after it.
  package var trained: RecordedSettings {
    get throws {
      try RecordedSettings(
        configuration, besides: ["training.steps", "training.epochs", "sampling."],
        inputs: [
          "labels": labels?.fnv1a ?? "none",
          "description": description?.fnv1a ?? "none",
          "image_set": try imageSet.map { try yamlText($0) } ?? "none",
          "start": start?.fnv1a ?? "none",
        ])
    }
  }

  /// What a new run computes.
  ///
  /// - Parameters:
  ///   - system: The folder of the system of images.
  ///   - imageSet: What the images are, where the folder has no `images.yaml`.
  ///   - start: Weights to begin with.
  ///   - kernel: The kernel of OpenBLAS.
  /// - Throws: `RunError` when a file is missing.
  package init(
    _ configuration: ImageConfiguration, system: String, files: ImageSystem.Files,
    imageSet: ImageSystem? = nil, start: String?, kernel: String, context: RunContext
  ) throws {
    program = context.program
    arithmetic = Arithmetic(kernel: kernel, precision: configuration.training.precision)
    self.system = system
    images = try InputFile(fileOrFolder: files.images)
    labels = try files.labels.map { try InputFile(path: $0) }
    description =
      imageSet == nil ? try InputFile(path: "\(system)/\(SystemKind.images.file)") : nil
    self.imageSet = imageSet
    self.start = try start.map { try InputFile(path: $0) }
    self.configuration = configuration
  }

  /// What the images are.
  /// - Throws: `RunError`.
  package func readSystem() throws -> ImageSystem {
    if let imageSet { return imageSet }
    guard let description else {
      throw RunError.badData(
        path: system, problem: "is described neither by the record of its run nor by a file")
    }
    return try ImageSystem.read(path: description.path)
  }

  /// Whether the run can be one of a system of its name: also where the training images cannot be
  /// compared, since they are gone or the run began with others than its system's.
  ///
  /// - Parameter folder: That of the system.
  package func isAlike(_ other: ImageSystem, in folder: String) -> Bool {
    guard imageSet == nil else { return false }
    let files = try? ImageSystem.files(
      other.training, in: folder, images: nil, labels: nil, kind: "training", advice: "")
    // What lies where the run has it is checked when the run goes on.
    guard let files, images.path.hasPrefix(absolutePath(system) + "/"),
      absolutePath(files.images) != images.path
    else { return true }
    return images.isAlike(files.images)
  }

  /// Whether the file or folder holds the images of the run.
  func hasLearned(from path: String) -> Bool {
    guard images.isAlike(path) else { return false }
    // The checksum of a folder is of the names and sizes of its files alone.
    return !isFolder(path) || FileManager.default.contentsEqual(atPath: images.path, andPath: path)
  }

  /// What people call the classes, in the order of the labels: as the description says, or as the
  /// model does, since a run that began with weights has the order of theirs; else numbers.
  ///
  /// - Parameter model: That of the run; nil where it has none yet.
  func classNames(_ system: ImageSystem, of model: @autoclosure () -> ImageModel?) -> [String] {
    if imageSet == nil || start == nil, let names = system.classNames { return names }
    return model()?.classNames ?? system.classNames ?? (0..<system.classes).map { "\($0)" }
  }

  /// The record with the run's own copies of what it keeps where the original is gone or has
  /// changed, and the images where they are now: test images lie in the folder of the system, or in
  /// that of the embedded one where that folder is gone.
  package func found(in folder: String) -> ImageRecord {
    var record = self
    let copies = ["\(folder)/\(builtSystem)"]
    record.description = description?.found(in: copies)
    let name = URL(fileURLWithPath: system).lastPathComponent
    let embedded = try? findSystem(name, .images, in: nil, advice: "")
    if let description = record.description, !FileManager.default.fileExists(atPath: system) {
      // Test images have no checksum: another set of the same name is no place to look for them.
      let isThat = embedded.map {
        (try? ImageSystem.read(path: "\($0)/\(SystemKind.images.file)"))
          == (try? ImageSystem.read(path: description.path))
      }
      record.system =
        (isThat == true ? embedded : nil)
        ?? URL(fileURLWithPath: description.path).deletingLastPathComponent().path
    }
    let places = [folder] + [embedded].compactMap { $0 }
    record.images = images.found(in: places, comparing: false)
    record.labels = labels?.found(in: places, comparing: false)
    record.start = start?.found(in: copies)
    return record
  }

  /// Copies the description and the weights that the training begins with into the run's folder.
  package func keepInputs(in folder: String) throws {
    for file in [description, start].compactMap({ $0 }) {
      try file.copy(to: "\(folder)/\(builtSystem)")
    }
  }
}

extension RunFolder {
  /// The grid of images that ends an image run.
  package var imageGrid: String { "\(path)/samples.png" }
}
