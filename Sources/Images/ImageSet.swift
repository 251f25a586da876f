import TensorFiles

/// The shape of square images.
package struct ImageShape: Equatable, Sendable, CustomStringConvertible {
  package let channels: Int
  /// Height and width, pixels.
  package let size: Int

  package init(channels: Int, size: Int) {
    self.channels = channels
    self.size = size
  }

  /// The numbers of one image.
  package var count: Int { channels * size * size }

  /// "28×28, 1 channel", for messages.
  package var description: String {
    "\(size)×\(size), \(channels) channel\(channels == 1 ? "" : "s")"
  }
}

/// Images with eight bits a channel, and their classes.
package struct ImageSet: Equatable, Sendable {
  package let shape: ImageShape
  /// [images, channels, height, width].
  package let pixels: [UInt8]
  /// The class of each image; nil when there are no classes.
  package var labels: [Int]?
  /// The names of the classes by number, when they are sub-folders.
  package let classFolders: [String]?

  package init(
    shape: ImageShape, pixels: [UInt8], labels: [Int]? = nil, classFolders: [String]? = nil
  ) {
    precondition(pixels.count % shape.count == 0, "\(pixels.count) bytes for images of \(shape)")
    self.shape = shape
    self.pixels = pixels
    self.labels = labels
    self.classFolders = classFolders
  }

  /// The number of images.
  package var count: Int { pixels.count / shape.count }

  /// Some of the images.
  package subscript(range: Range<Int>) -> ImageSet {
    ImageSet(
      shape: shape,
      pixels: Array(pixels[range.lowerBound * shape.count..<range.upperBound * shape.count]),
      labels: labels.map { Array($0[range]) }, classFolders: classFolders)
  }

  /// Some of the images, by their places.
  package subscript(places: [Int]) -> ImageSet {
    ImageSet(
      shape: shape,
      pixels: places.flatMap { pixels[$0 * shape.count..<($0 + 1) * shape.count] },
      labels: labels.map { labels in places.map { labels[$0] } }, classFolders: classFolders)
  }

  /// So many of the images, evenly spread, in their order; all if there are no more.
  ///
  /// Image `i` of `count` is one of the stretch `⌊i·n/count⌋ ..< ⌊(i + 1)·n/count⌋`, at the
  /// fractional part of `i·(√5 − 1)/2` of it, whose values fill 0 … 1 evenly: a fixed stride would
  /// see a single class of images whose classes take turns. (`ImageSetTests`)
  package func spread(_ wanted: Int) -> ImageSet {
    guard wanted < count else { return self }
    let goldenRatio = (5.0.squareRoot() - 1) / 2
    return self[
      (0..<wanted).map { i in
        let (first, end) = (i * count / wanted, (i + 1) * count / wanted)
        let place = (Double(i) * goldenRatio).truncatingRemainder(dividingBy: 1)
        return first + Int(place * Double(end - first))
      }]
  }

  /// The pixels between −1 and 1, [images, channels, height, width]: `2 v/255 − 1` (the published
  /// scaling).
  package var scaled: [Float] { pixels.map { Self.scale[Int($0)] } }

  /// The scaled value of every byte.
  static let scale: [Float] = (0..<256).map { (Float($0) / 255 - 0.5) / 0.5 }
}

extension ImageSet {
  /// Reads a data set: IDX (gzipped or not), `.npy`, or a folder of PNGs with or without class
  /// sub-folders.
  ///
  /// - Parameters:
  ///   - labels: A file with the class of each image, IDX or `.npy`; a folder has its own.
  ///   - classes: Every label has to be below it; 0 for data without classes, whose labels are then
  ///     not read.
  ///   - names: The names of the classes, which sub-folders have to have; without them they are
  ///     numbered in the order of their names.
  /// - Throws: `ImageError`.
  package init(
    path: String, labels labelPath: String?, shape: ImageShape, classes: Int,
    names: ClassNames? = nil
  ) throws(ImageError) {
    if isFolder(path) {
      self = try readImageFolder(path, shape: shape, classes: classes, names: names)
    } else {
      let array = try readImageArray(path)
      self.init(shape: shape, pixels: try imagePixels(array, path: path, shape: shape))
      if classes > 0 {
        guard let labelPath else {
          throw .content(path: path, problem: "has no classes; name the file of its labels")
        }
        labels = try readLabels(labelPath)
      }
    }
    guard count > 0 else { throw .content(path: path, problem: "holds no images") }
    if classes == 0 { labels = nil }
    guard let labels else { return }
    let source = labelPath ?? path
    guard labels.count == count else {
      throw .content(path: source, problem: "has \(labels.count) labels for \(count) images")
    }
    if let index = labels.firstIndex(where: { !(0..<classes).contains($0) }) {
      throw .content(
        path: source,
        problem: "label \(index) is \(labels[index]), expected 0 to \(classes - 1)")
    }
  }
}

/// The classes in a file, IDX or `.npy`.
package func readLabels(_ path: String) throws(ImageError) -> [Int] {
  let array = try readImageArray(path)
  guard array.shape.count == 1 else {
    throw .content(path: path, problem: "has shape \(array.shape), expected one label an image")
  }
  switch array.values {
  case .bytes(let bytes): return bytes.map { Int($0) }
  case .integers(let integers): return integers
  case .floats: throw .content(path: path, problem: "holds no whole numbers, expected labels")
  }
}

/// An array of pixels, labels or features.
/// - Throws: `ImageError`, also for a file of another format.
func readImageArray(_ path: String) throws(ImageError) -> StoredArray {
  let array = try withImageErrors { () throws(FileError) in try StoredArray(path: path) }
  guard let array else {
    throw .content(path: path, problem: "is no IDX file, no .npy file and no folder of PNGs")
  }
  return array
}

/// The bytes of images stored as [images, height, width], or with the channels second or last.
private func imagePixels(_ array: StoredArray, path: String, shape: ImageShape) throws(ImageError)
  -> [UInt8]
{
  guard case .bytes(let bytes) = array.values else {
    throw .content(path: path, problem: "holds no bytes, expected pixels from 0 to 255 (uint8)")
  }
  let (c, s) = (shape.channels, shape.size)
  let found = Array(array.shape.dropFirst())
  if found == [c, s, s] || (c == 1 && found == [s, s]) { return bytes }
  guard found == [s, s, c] else {
    throw .content(
      path: path,
      problem: "holds an array of shape \(array.shape), expected images of \(shape)")
  }
  var pixels = bytes
  for image in 0..<bytes.count / shape.count {
    let start = image * shape.count
    for pixel in 0..<s * s {
      for channel in 0..<c {
        pixels[start + channel * s * s + pixel] = bytes[start + pixel * c + channel]
      }
    }
  }
  return pixels
}
