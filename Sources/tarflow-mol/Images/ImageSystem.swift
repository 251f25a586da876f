import Foundation
import Images
import Yams

/// What `images.yaml` says of a set of images; paths are relative to its folder.
struct ImageSystem: Decodable, Equatable {
  /// Images, and their classes when they are not sub-folders.
  struct Files: Codable, Equatable {
    let images: String
    let labels: String?
  }

  let name: String
  /// Height and width, pixels.
  let imageSize: Int
  let channels: Int
  /// 0 for an unconditional flow.
  let classes: Int
  let classNames: [String]?
  let training: Files?
  let test: Files?
  /// How many training images a published run had; for estimates without the images.
  let trainingCount: Int?

  private enum CodingKeys: String, CodingKey, CaseIterable {
    case name, channels, classes, training, test
    case imageSize = "image_size"
    case classNames = "class_names"
    case trainingCount = "training_count"
  }

  var shape: ImageShape { ImageShape(channels: channels, size: imageSize) }

  /// The name of the file in a system's folder.
  static let file = "images.yaml"

  /// Reads a description; `defaults` in it is for `ImageConfiguration`.
  /// - Throws: `CommandError`.
  static func read(path: String) throws -> ImageSystem {
    let node = try readYAML(path: path, what: "description of images")
    let known = CodingKeys.allCases.map(\.rawValue) + ["defaults"]
    for key in node?.mapping?.keys.map({ $0.string ?? "" }) ?? [] where !known.contains(key) {
      throw CommandError.configuration(
        source: path,
        problem: "unknown key '\(key)'\(suggestion(for: key, among: known, listing: true))")
    }
    let system: ImageSystem
    do {
      system = try YAMLDecoder().decode(ImageSystem.self, from: node ?? [:])
    } catch {
      throw CommandError.configuration(source: path, problem: yamlProblem(error))
    }
    guard (1...8_192).contains(system.imageSize), [1, 3].contains(system.channels),
      (0...65_536).contains(system.classes)
    else {
      throw CommandError.configuration(
        source: path,
        problem: "image_size \(system.imageSize), channels \(system.channels), classes "
          + "\(system.classes): expected 1 to 8192, 1 or 3, 0 to 65536")
    }
    if let names = system.classNames, names.count != system.classes {
      throw CommandError.configuration(
        source: path,
        problem: "class_names has \(names.count) names for \(system.classes) classes")
    }
    return system
  }

  /// Files with their full paths: those given on the command line, or else the system's own.
  /// - Throws: `CommandError.missing` when there are none.
  static func files(
    _ own: Files?, in folder: String, images: String?, labels: String?, kind: String
  ) throws -> Files {
    func path(_ name: String) -> String { name.hasPrefix("/") ? name : "\(folder)/\(name)" }
    let files =
      images.map { Files(images: absolutePath($0), labels: labels.map(absolutePath)) }
      ?? own.map { Files(images: path($0.images), labels: $0.labels.map(path)) }
    guard let files else {
      throw CommandError.missing(
        what: "\(kind) images", path: folder,
        advice: "pass --images: an IDX or .npy file with --labels, or a folder of PNGs")
    }
    for file in [files.images, files.labels].compactMap({ $0 })
    where !FileManager.default.fileExists(atPath: file) {
      throw CommandError.missing(
        what: "\(kind) images", path: file,
        advice: "see \(folder)/README.md for where they come from, or pass --images and --labels")
    }
    return files
  }
}

/// The folder of an image system by its name or path.
func findImageSystem(_ name: String, in given: String?) throws -> String {
  try findSystem(name, in: given, describedBy: ImageSystem.file)
}
