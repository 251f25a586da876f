import Foundation
import TensorFiles

/// Whether a folder has sub-folders, which are then taken for classes.
package func hasClassFolders(_ path: String) -> Bool {
  guard isFolder(path), let names = try? entries(of: path) else { return false }
  return names.contains { isFolder("\(path)/\($0)") }
}

/// Reads a folder of PNGs: with sub-folders, each is a class.
///
/// - Parameter names: The names of the classes by number; without them the sub-folders are numbered
///   in the order of their names.
func readImageFolder(
  _ path: String, shape: ImageShape, classes: Int, names: ClassNames?
) throws(ImageError) -> ImageSet {
  let folders = try entries(of: path).filter { isFolder("\(path)/\($0)") }
  guard !folders.isEmpty else {
    if classes > 0 {
      throw .content(path: path, problem: "has no sub-folders, expected one for each class")
    }
    let files = try pictures(in: path)
    return ImageSet(shape: shape, pixels: try read(files, shape: shape))
  }
  guard classes == 0 || folders.count == classes else {
    throw .content(
      path: path, problem: "has \(folders.count) sub-folders, expected \(classes), one a class")
  }
  var numbers = Array(folders.indices)
  var known = folders
  if classes > 0, let names {
    if let found = names.numbers(of: folders) {
      (numbers, known) = (found, names.names)
    } else if names.areFolders {
      throw .content(path: path, problem: names.difference(from: folders))
    }
  }
  var pixels: [UInt8] = []
  var labels: [Int] = []
  for (label, folder) in zip(numbers, folders) {
    let files = try pictures(in: "\(path)/\(folder)")
    pixels += try read(files, shape: shape)
    labels += files.map { _ in label }
  }
  return ImageSet(shape: shape, pixels: pixels, labels: labels, classFolders: known)
}

private func read(_ files: [String], shape: ImageShape) throws(ImageError) -> [UInt8] {
  var pixels: [UInt8] = []
  pixels.reserveCapacity(files.count * shape.count)
  for file in files { pixels += try readPNG(file, shape: shape) }
  return pixels
}

/// The paths of the PNGs in a folder, by name; any other file is refused by name.
private func pictures(in folder: String) throws(ImageError) -> [String] {
  let names = try entries(of: folder)
  if let other = names.first(where: { !$0.lowercased().hasSuffix(".png") }) {
    throw .content(path: "\(folder)/\(other)", problem: "is no PNG; convert it or take it away")
  }
  return names.map { "\(folder)/\($0)" }
}

/// The visible names in a folder, sorted.
private func entries(of folder: String) throws(ImageError) -> [String] {
  do {
    return try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { !$0.hasPrefix(".") }.sorted()
  } catch {
    throw .file(.unreadable(path: folder, reason: systemReason(error)))
  }
}
