import Foundation
import Yams

/// What `config.resolved.yaml` of an image run holds: all that is needed to repeat or resume it.
struct ImageRunRecord: Codable, Equatable {
  let program: String
  let arithmetic: Arithmetic
  let system: String
  let images: RunRecord.Input
  let labels: RunRecord.Input?
  /// `images.yaml`.
  let description: RunRecord.Input
  /// Weights that the training began with in place of random ones.
  let start: RunRecord.Input?
  let configuration: ImageConfiguration

  static func read(path: String) throws -> ImageRunRecord {
    let text = try readText(
      path: path, what: "run record", advice: "`tarflow-mol image train` writes it")
    do {
      return try YAMLDecoder().decode(ImageRunRecord.self, from: text)
    } catch {
      throw CommandError.badData(
        path: path, problem: "is no record of an image run: \(yamlProblem(error))")
    }
  }

  func write(path: String) throws {
    let encoder = YAMLEncoder()
    encoder.options.sortKeys = false
    try writeText(try encoder.encode(self), path: path)
  }

  /// Checks that the inputs are still those the run began with.
  /// - Throws: `CommandError.badData` naming the one that is not.
  func checkInputs() throws {
    for input in [images, labels, description, start].compactMap({ $0 })
    where try RunRecord.Input(fileOrFolder: input.path) != input {
      throw input.hasChanged
    }
  }
}

extension RunRecord.Input {
  /// A file by its bytes, or a folder by the names and sizes of its files.
  /// - Throws: `CommandError.missing`.
  init(fileOrFolder path: String) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue
    else {
      self = try Self(path: path)
      return
    }
    let names = try FileManager.default.subpathsOfDirectory(atPath: path).sorted()
    var bytes = 0
    let listing = names.map { name in
      let attributes = try? FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")
      let size = (attributes?[.size] as? NSNumber)?.intValue ?? 0
      bytes += size
      return "\(name) \(size)\n"
    }
    self.init(
      path: absolutePath(path), bytes: bytes, fnv1a: hash(fnv1a: listing.joined().utf8))
  }
}
