import TensorFiles

/// What the first chunk of a PNG says of the picture.
struct PNGHeader: Equatable {
  let width, height: Int
  /// Whether it has colours, as it is or by a palette.
  let isColour: Bool

  /// Reads the first bytes alone, so that a large folder can be looked through.
  /// - Throws: `ImageError`, also for a file that is no PNG.
  init(path: String) throws(ImageError) {
    let start = try withImageErrors { () throws(FileError) in
      let file = try OpenFile(path: path)
      return try file.read(min(512, file.size), at: 0, path: path)
    }
    guard start.starts(with: pngSignature), start.count >= 26,
      start[12..<16].elementsEqual("IHDR".utf8)
    else {
      throw .content(
        path: path, problem: "is no PNG that can be read: it is \(FileKind(start: start))")
    }
    func number(at place: Int) -> Int { start[place..<place + 4].reduce(0) { $0 << 8 | Int($1) } }
    (width, height) = (number(at: 16), number(at: 20))
    isColour = start[25] & 2 != 0
  }
}
