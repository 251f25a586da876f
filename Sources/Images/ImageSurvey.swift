import Foundation
import TensorFiles

/// What pictures are, found from the pictures alone.
package struct ImageSurvey: Equatable, Sendable {
  package let shape: ImageShape
  /// The number of pictures.
  package let count: Int
  /// 0 where there is nothing to tell apart: no classes, or one alone.
  package let classes: Int
  /// The names of the class folders, in the order of the classes; nil for other classes.
  package var classNames: [String]?
  /// Grey pictures among coloured ones; they are read as three equal channels.
  package var grey = 0
}

extension ImageSurvey {
  /// Looks through a folder of PNGs, whose sub-folders are its classes, or an IDX or `.npy` file.
  ///
  /// `ImageSet` reads what is found here with its shape and classes. (`ImageSurveyTests`)
  /// - Parameter labels: The classes of a file's images, IDX or `.npy`.
  /// - Throws: `ImageError`, naming the first file that does not fit the others.
  package init(path: String, labels: String?) throws(ImageError) {
    guard isFolder(path) else {
      try self.init(arrayAt: path, labels: labels)
      return
    }
    if let labels {
      throw .content(
        path: labels, problem: "is not needed: pictures in sub-folders have those as their classes")
    }
    let folders = try classFolders(in: path)
    let files = try folders.isEmpty ? pictures(in: path) : picturesOfClasses(folders, in: path)
    guard files.count > 1 else {
      throw .content(
        path: path,
        problem: files.isEmpty
          ? "holds no images, expected PNGs, or a folder of PNGs for each class"
          : "holds a single picture; a flow learns from many, dozens at least")
    }
    var headers: [PNGHeader] = []
    for file in files { headers.append(try PNGHeader(path: file)) }
    let size = try commonSize(of: headers, files: files)
    let coloured = headers.count(where: \.isColour)
    self.init(
      shape: ImageShape(channels: coloured > 0 ? 3 : 1, size: size), count: files.count,
      classes: folders.count > 1 ? folders.count : 0,
      classNames: folders.count > 1 ? folders : nil,
      grey: coloured > 0 ? files.count - coloured : 0)
  }

  private init(arrayAt path: String, labels: String?) throws(ImageError) {
    let array = try readImageArray(path)
    let found = Array(array.shape.dropFirst())
    let shape: ImageShape? =
      switch (found.count, found.first, found.last) {
      case (2, let height?, let width?) where height == width:
        ImageShape(channels: 1, size: width)
      case (3, let channels?, let width?) where [1, 3].contains(channels) && found[1] == width:
        ImageShape(channels: channels, size: width)
      case (3, let height?, let channels?) where [1, 3].contains(channels) && found[1] == height:
        ImageShape(channels: channels, size: height)
      default: nil
      }
    guard let shape, shape.size > 0 else {
      throw .content(
        path: path,
        problem: "holds an array of shape \(array.shape), expected [images, height, width] of "
          + "square images, or with one or three channels second or last")
    }
    let count = array.shape[0]
    guard count > 1 else {
      throw .content(
        path: path,
        problem: count == 0
          ? "holds no images" : "holds a single picture; a flow learns from many, dozens at least")
    }
    var classes = 0
    if let labels {
      let most = 65_536
      let found = try readLabels(labels)
      if let index = found.firstIndex(where: { !(0..<most).contains($0) }) {
        throw .content(
          path: labels, problem: "label \(index) is \(found[index]), expected 0 to \(most - 1)")
      }
      classes = (found.max() ?? 0) + 1
    }
    self.init(shape: shape, count: count, classes: classes > 1 ? classes : 0)
  }
}

/// The sub-folders, sorted; pictures that lie beside them are refused.
private func classFolders(in path: String) throws(ImageError) -> [String] {
  let names = try entries(of: path)
  let folders = names.filter { isFolder("\(path)/\($0)") }
  if !folders.isEmpty, let loose = names.first(where: { isPictureName($0) }) {
    throw .content(
      path: "\(path)/\(loose)",
      problem: "lies beside folders, which are taken for classes; move it into one of them")
  }
  return folders
}

/// The pictures of all classes, each of which has some and no folders of its own.
private func picturesOfClasses(_ folders: [String], in path: String) throws(ImageError)
  -> [String]
{
  var files: [String] = []
  for folder in folders.map({ "\(path)/\($0)" }) {
    if hasClassFolders(folder) {
      throw .content(
        path: folder,
        problem: "holds folders itself; name the folder whose sub-folders are the classes")
    }
    let found = try pictures(in: folder)
    guard !found.isEmpty else {
      throw .content(path: folder, problem: "holds no pictures; fill it or take it away")
    }
    files += found
  }
  return files
}

/// The height and width that all pictures have.
private func commonSize(of headers: [PNGHeader], files: [String]) throws(ImageError) -> Int {
  func text(_ header: PNGHeader) -> String { "\(header.width)×\(header.height)" }
  let counts = Dictionary(headers.map { (text($0), 1) }, uniquingKeysWith: +)
  // Of two sizes that are as common, that of the first picture.
  let commonest = counts.values.max() ?? 0
  guard let usual = headers.first(where: { counts[text($0)] == commonest }) else { return 0 }
  func resized(to size: Int) -> String {
    "such as: mogrify -resize \(size)x\(size)^ -gravity center -extent \(size)x\(size) FILES"
  }
  guard usual.width == usual.height else {
    let first = headers.firstIndex { $0.width != $0.height } ?? 0
    throw .content(
      path: files[first],
      problem: "is \(text(headers[first])) pixels, expected a square; crop the pictures, "
        + resized(to: min(64, usual.width, usual.height)))
  }
  if let other = headers.firstIndex(where: { text($0) != text(usual) }) {
    throw .content(
      path: files[other],
      problem:
        "is \(text(headers[other])) pixels, but \(commonest) of \(headers.count) pictures are "
        + "\(text(usual)); bring all to one size, \(resized(to: usual.width))")
  }
  guard (1...8_192).contains(usual.width) else {
    throw .content(path: files[0], problem: "is \(text(usual)) pixels, expected 1 to 8192")
  }
  return usual.width
}
