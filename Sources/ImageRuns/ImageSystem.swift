import Foundation
import Images
import Reporting
import Runs
import Yams

/// What `images.yaml` says of a set of images; paths are relative to its folder.
package struct ImageSystem: Codable, Equatable, Sendable {
  /// Images, and their classes when they are not sub-folders.
  package struct Files: Codable, Equatable, Sendable {
    package let images: String
    package let labels: String?
  }

  package let name: String
  /// Height and width, pixels.
  package let imageSize: Int
  package let channels: Int
  /// 0 for an unconditional flow.
  package let classes: Int
  package let classNames: [String]?
  package let training: Files?
  package let test: Files?
  /// How many training images a published run had; for estimates without the images.
  package let trainingCount: Int?

  private enum CodingKeys: String, CodingKey, CaseIterable {
    case name, channels, classes, training, test
    case imageSize = "image_size"
    case classNames = "class_names"
    case trainingCount = "training_count"
  }

  /// What pictures are that nobody has described.
  package init(name: String, _ survey: ImageSurvey) {
    self.name = name
    imageSize = survey.shape.size
    channels = survey.shape.channels
    (classes, classNames) = (survey.classes, survey.classNames)
    (training, test, trainingCount) = (nil, nil, nil)
  }

  package var shape: ImageShape { ImageShape(channels: channels, size: imageSize) }

  /// Reads a description; `defaults` in it is for `ImageConfiguration`.
  /// - Throws: `RunError`.
  package static func read(path: String) throws -> ImageSystem {
    let node = try readYAML(path: path, what: "description of images")
    let known = CodingKeys.allCases.map(\.rawValue) + ["defaults"]
    for key in node?.mapping?.keys.map({ $0.string ?? "" }) ?? [] where !known.contains(key) {
      throw RunError.configuration(
        source: path,
        problem: "unknown key '\(key)'\(suggestion(for: key, among: known, listing: true))")
    }
    let system: ImageSystem
    do {
      system = try YAMLDecoder().decode(ImageSystem.self, from: node ?? [:])
    } catch {
      throw RunError.configuration(source: path, problem: yamlProblem(error))
    }
    try checkSystemName(system.name, path: path)
    guard (1...8_192).contains(system.imageSize), [1, 3].contains(system.channels),
      (0...65_536).contains(system.classes)
    else {
      throw RunError.configuration(
        source: path,
        problem: "image_size \(system.imageSize), channels \(system.channels), classes "
          + "\(system.classes): expected 1 to 8192, 1 or 3, 0 to 65536")
    }
    if let names = system.classNames, names.count != system.classes {
      throw RunError.configuration(
        source: path,
        problem:
          "class_names has \(names.count.counted("name")), but classes is \(system.classes)")
    }
    return system
  }

  /// Files with their full paths: those given, or else the system's own.
  ///
  /// - Parameters:
  ///   - folder: The system's folder.
  ///   - advice: How to name images, for the error.
  /// - Throws: `RunError.missing` when there are none.
  package static func files(
    _ own: Files?, in folder: String, images: String?, labels: String?, kind: String,
    advice: String
  ) throws(RunError) -> Files {
    func path(_ name: String) -> String { name.hasPrefix("/") ? name : "\(folder)/\(name)" }
    let files =
      images.map { Files(images: absolutePath($0), labels: labels.map(absolutePath)) }
      ?? own.map { Files(images: path($0.images), labels: $0.labels.map(path)) }
    guard let files else {
      throw .missing(what: "\(kind) images", path: folder, advice: advice)
    }
    for file in [files.images, files.labels].compactMap({ $0 })
    where !FileManager.default.fileExists(atPath: file) {
      let readme = "\(folder)/README.md"
      let isThere = FileManager.default.fileExists(atPath: readme)
      throw .missing(
        what: "\(kind) images", path: file,
        advice: (isThere ? "see \(readme) for where they come from, or " : "") + advice)
    }
    return files
  }
}

extension SystemKind {
  /// A set of images: a folder with a description of where they lie.
  package static let images = SystemKind("system of images", file: "images.yaml")
}
