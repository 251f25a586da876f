import Foundation
import TensorFiles

/// Whether a folder has sub-folders, which are then taken for classes.
package func hasClassFolders(_ path: String) -> Bool {
  guard isFolder(path), let names = try? entries(of: path) else { return false }
  return names.contains { isFolder("\(path)/\($0)") }
}

/// Whether a folder holds PNGs, or folders of them.
package func isPictureFolder(_ path: String) -> Bool {
  func holdsPictures(_ path: String) -> Bool {
    isFolder(path) && ((try? entries(of: path)) ?? []).contains { isPictureName($0) }
  }
  let inside = (try? entries(of: path)) ?? []
  return holdsPictures(path) || inside.contains { holdsPictures("\(path)/\($0)") }
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
      numbers = found
      for (number, folder) in zip(found, folders) { known[number] = folder }
      if names.areFolders { known = names.names }
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

/// How the names of other pictures end.
private let otherPictures = ["jpg", "jpeg", "gif", "bmp", "tif", "tiff", "webp", "pgm", "ppm"]

/// Whether a name is that of a PNG.
func isPictureName(_ name: String) -> Bool { name.lowercased().hasSuffix(".png") }

/// The paths of the PNGs in a folder, by name; any other file is refused by name.
func pictures(in folder: String) throws(ImageError) -> [String] {
  let names = try entries(of: folder)
  if let other = names.first(where: { !isPictureName($0) }) {
    let isPicture = otherPictures.contains { other.lowercased().hasSuffix(".\($0)") }
    throw .content(
      path: "\(folder)/\(other)",
      problem: isPicture
        ? "is no PNG; convert such pictures (mogrify -format png FILES), and take these away"
        : "is no PNG; convert it or take it away")
  }
  return names.map { "\(folder)/\($0)" }
}

/// The visible names in a folder, sorted.
func entries(of folder: String) throws(ImageError) -> [String] {
  do {
    return try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { !$0.hasPrefix(".") }.sorted()
  } catch {
    throw .file(.unreadable(path: folder, reason: systemReason(error)))
  }
}
