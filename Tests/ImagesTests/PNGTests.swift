import Foundation
import Images
import TestSupport
import Testing

@Suite struct PNGTests {
  private func picture(_ shape: ImageShape, _ seed: Int) -> [UInt8] {
    (0..<shape.count).map { UInt8(($0 * 37 + seed * 101) % 256) }
  }

  private func write(_ shape: ImageShape, _ pixels: [UInt8], _ path: String) throws {
    try writePNG(
      pixels, channels: shape.channels, width: shape.size, height: shape.size, path: path)
  }

  @Test(arguments: [1, 3])
  func `pixels come back as they were`(channels: Int) throws {
    let shape = ImageShape(channels: channels, size: 5)
    try withTemporaryFolder { folder in
      let pixels = picture(shape, 1)
      try write(shape, pixels, folder + "/a.png")
      #expect(try readPNG(folder + "/a.png", shape: shape) == pixels)
    }
  }

  /// Files made by another writer: `Tests/Golden/images/make_png.py`.
  @Test func `files of another writer are read`() throws {
    let folder = goldenFolder.appending(path: "images/png").path
    let shape = ImageShape(channels: 3, size: 4)
    let expected = (0..<48).map { UInt8(5 * $0) }
    #expect(try readPNG("\(folder)/rgb.png", shape: shape) == expected)
    #expect(try readPNG("\(folder)/rgba.png", shape: shape) == expected)
    #expect(try readPNG("\(folder)/palette.png", shape: shape) == expected)
    let grey = Array(expected.prefix(16))
    #expect(
      try readPNG("\(folder)/grey.png", shape: ImageShape(channels: 1, size: 4)) == grey)
    #expect(try readPNG("\(folder)/grey.png", shape: shape) == grey + grey + grey)
    #expect(
      throws: ImageError.content(
        path: "\(folder)/deep.png", problem: "has 16 bits a channel, expected 8")
    ) { _ = try readPNG("\(folder)/deep.png", shape: ImageShape(channels: 1, size: 4)) }
  }

  /// `Tests/Golden/images/make_png.py` put them together; `expected.json` is what Pillow reads.
  private static let kinds = goldenFolder.appending(path: "images/png/kinds").path

  /// [channels, height, width] of each file.
  private static let stored: [String: [UInt8]] = {
    let file = URL(fileURLWithPath: kinds + "/expected.json")
    let data = (try? Data(contentsOf: file)) ?? Data()
    return (try? JSONDecoder().decode([String: [UInt8]].self, from: data)) ?? [:]
  }()

  @Test func `every colour type and depth is tried`() { #expect(Self.stored.count == 38) }

  @Test(arguments: stored.keys.sorted())
  func `the stored bytes are read, whatever a file says of gamma and colours`(name: String) throws {
    let expected = try #require(Self.stored[name])
    let channels = expected.count / 81
    let path = "\(Self.kinds)/\(name)"
    #expect(try readPNG(path, shape: ImageShape(channels: channels, size: 9)) == expected)
    if channels == 1 {
      let colour = try readPNG(path, shape: ImageShape(channels: 3, size: 9))
      #expect(colour == expected + expected + expected)
    }
  }

  @Test(arguments: ["grey16", "grey-alpha16", "rgb16", "rgba16"])
  func `16 bits a channel are refused`(name: String) {
    let path = goldenFolder.appending(path: "images/png/\(name).png").path
    #expect(
      throws: ImageError.content(path: path, problem: "has 16 bits a channel, expected 8")
    ) { _ = try readPNG(path, shape: ImageShape(channels: 3, size: 9)) }
  }

  @Test func `another format under the name of a PNG is named`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a.png"
      for (data, kind) in [
        (Data(), "empty"), (Data([0xFF, 0xD8, 0xFF, 0xE0]), "a JPEG picture"),
        (
          Data("version https://git-lfs.github.com/spec/v1\n".utf8),
          "a Git LFS pointer: run 'git lfs pull'"
        ),
      ] {
        try data.write(to: URL(fileURLWithPath: path))
        #expect(
          throws: ImageError.content(
            path: path, problem: "is no PNG that can be read: it is \(kind)")
        ) { _ = try readPNG(path, shape: ImageShape(channels: 1, size: 4)) }
      }
    }
  }

  @Test func `a folder's sub-folders are its classes, by name`() throws {
    let shape = ImageShape(channels: 1, size: 4)
    try withTemporaryFolder { folder in
      for (name, label) in [("b", 1), ("a", 0)] {
        try FileManager.default.createDirectory(
          atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        for image in 0..<2 {
          try write(shape, picture(shape, 2 * label + image), "\(folder)/\(name)/\(image).png")
        }
      }
      let set = try ImageSet(path: folder, labels: nil, shape: shape, classes: 2)
      #expect(set.labels == [0, 0, 1, 1])
      #expect(set.pixels == (0..<4).flatMap { picture(shape, $0) })
      #expect(try ImageSet(path: folder, labels: nil, shape: shape, classes: 0).labels == nil)
      #expect(
        throws: ImageError.content(
          path: folder, problem: "has 2 sub-folders, expected 3, one a class")
      ) { _ = try ImageSet(path: folder, labels: nil, shape: shape, classes: 3) }
      #expect(try ImageSet(path: folder + "/a", labels: nil, shape: shape, classes: 0).count == 2)
      #expect(
        throws: ImageError.content(
          path: folder + "/a", problem: "has no sub-folders, expected one for each class")
      ) { _ = try ImageSet(path: folder + "/a", labels: nil, shape: shape, classes: 2) }
      try Data("x".utf8).write(to: URL(fileURLWithPath: folder + "/b/notes.txt"))
      #expect(
        throws: ImageError.content(
          path: folder + "/b/notes.txt", problem: "is no PNG; convert it or take it away")
      ) { _ = try ImageSet(path: folder, labels: nil, shape: shape, classes: 2) }
    }
  }

  @Test func `damaged pictures and those of another size are refused by name`() throws {
    let shape = ImageShape(channels: 1, size: 32)
    try withTemporaryFolder { folder in
      let path = folder + "/a.png"
      try write(shape, picture(shape, 3), path)
      let whole = try Data(contentsOf: URL(fileURLWithPath: path))
      func problem(_ data: Data, _ wanted: ImageShape = shape) throws -> String {
        try data.write(to: URL(fileURLWithPath: path))
        do {
          _ = try readPNG(path, shape: wanted)
          return "nothing was thrown"
        } catch {
          return "\(error)"
        }
      }
      #expect(
        try problem(whole, ImageShape(channels: 1, size: 28))
          == "\(path): is 32×32 pixels, expected 28×28; resize it first")
      #expect(try problem(Data()).hasPrefix("\(path): is no PNG that can be read: "))
      #expect(try problem(Data("no picture".utf8)).hasPrefix("\(path): is no PNG that can"))
      #expect(try problem(whole.prefix(whole.count / 2)).hasPrefix("\(path): is damaged: "))
      var flipped = whole
      flipped[whole.count / 2] ^= 0x55
      #expect(try problem(flipped).hasPrefix("\(path): is damaged: "))
      let colour = ImageShape(channels: 3, size: 32)
      try write(colour, picture(colour, 1), path)
      let coloured = try Data(contentsOf: URL(fileURLWithPath: path))
      #expect(try problem(coloured) == "\(path): has 3 channels, expected 1")
    }
  }

  @Test func `a grid has its pictures in rows, two pixels apart, cut to black and white`() throws {
    let shape = ImageShape(channels: 1, size: 2)
    let images: [Float] = [-1, 0, 1, 2, -5, .nan, 0.5, 1, 1, 1, 1, 1]
    let grid = ImageGrid(images, shape: shape, columns: 2)
    #expect(grid.width == 10 && grid.height == 10)
    func rows(_ y: Int, _ x: Int) -> [UInt8] {
      (0..<2).flatMap { row in
        (0..<2).map { grid.pixels[(y + row) * grid.width + x + $0] }
      }
    }
    #expect(rows(2, 2) == [0, 128, 255, 255])
    #expect(rows(2, 6) == [0, 0, 191, 255])
    #expect(rows(6, 2) == [255, 255, 255, 255])
    #expect(rows(6, 6) == [0, 0, 0, 0])
    let sum = grid.pixels.reduce(0) { $0 + Int($1) }
    #expect(sum == 128 + 510 + 191 + 255 + 1_020)
  }
}
