import Kernels
import Runs

/// What `config.resolved.yaml` of an image run holds: all that is needed to repeat or resume it.
package struct ImageRecord: TrainingRecord {
  package let program: String
  package let arithmetic: Arithmetic
  package let system: String
  package let images: InputFile
  package let labels: InputFile?
  /// `images.yaml`.
  package let description: InputFile
  /// Weights that the training began with in place of random ones.
  package let start: InputFile?
  package let configuration: ImageConfiguration

  package static let name = (record: "record of an image run", writer: "tarflow-mol image train")

  package var inputs: [InputFile] { [images, labels, description, start].compactMap { $0 } }
  package var precision: Precision { configuration.training.precision }
  package var seed: UInt64 { configuration.seed }

  /// What a new run computes.
  ///
  /// - Parameters:
  ///   - system: The folder of the system of images.
  ///   - start: Weights to begin with.
  ///   - kernel: The kernel of OpenBLAS.
  /// - Throws: `RunError` when a file is missing.
  package init(
    _ configuration: ImageConfiguration, system: String, files: ImageSystem.Files, start: String?,
    kernel: String, context: RunContext
  ) throws {
    program = context.program
    arithmetic = Arithmetic(kernel: kernel, precision: configuration.training.precision)
    self.system = system
    images = try InputFile(fileOrFolder: files.images)
    labels = try files.labels.map { try InputFile(path: $0) }
    description = try InputFile(path: "\(system)/\(SystemKind.images.file)")
    self.start = try start.map { try InputFile(path: $0) }
    self.configuration = configuration
  }
}

extension RunFolder {
  /// The grid of images that ends an image run.
  package var imageGrid: String { "\(path)/samples.png" }
}
