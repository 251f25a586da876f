import Foundation
import Images
import TestSupport
import Testing

/// Images in files, whole and damaged.
@Suite struct FilesTests {
  private let shape = ImageShape(channels: 1, size: 4)

  private func idx(_ shape: [Int], _ bytes: [UInt8], type: UInt8 = 8) -> Data {
    var data = Data([0, 0, type, UInt8(shape.count)])
    for size in shape { for shift in [24, 16, 8, 0] { data.append(UInt8(size >> shift & 255)) } }
    data.append(contentsOf: bytes)
    return data
  }

  private func npy(_ type: String, _ shape: String, _ data: Data, order: String = "False") -> Data {
    let header = "{'descr': '\(type)', 'fortran_order': \(order), 'shape': (\(shape)), }\n"
    return Data([0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0])
      + Data(header.utf8) + data
  }

  /// Writes files into a new folder and hands over their paths.
  private func with(_ files: [Data], _ body: ([String]) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let paths = files.indices.map { "\(folder)/\($0)" }
      for (path, data) in zip(paths, files) { try data.write(to: URL(fileURLWithPath: path)) }
      try body(paths)
    }
  }

  private func problem(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "nothing was thrown"
    } catch {
      #expect(error is ImageError)
      let text = "\(error)"
      #expect(!text.contains("\n"))
      return text
    }
  }

  @Test func `IDX and npy files are read with their labels`() throws {
    let pixels = (0..<32).map { UInt8($0) }
    let labels = npy("<i8", "2,", Data([3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]))
    try with([
      idx([2, 4, 4], pixels), idx([2], [3, 1]), npy("|u1", "2, 4, 4", Data(pixels)), labels,
      npy("|u1", "2, 4, 4, 1", Data(pixels)),
    ]) { paths in
      for (images, labels) in [(0, 1), (0, 3), (2, 1), (2, 3), (4, 1)] {
        let set = try ImageSet(
          path: paths[images], labels: paths[labels], shape: shape, classes: 4)
        #expect(set == ImageSet(shape: shape, pixels: pixels, labels: [3, 1]))
        #expect(set[1..<2] == ImageSet(shape: shape, pixels: Array(pixels[16...]), labels: [1]))
      }
      let set = try ImageSet(path: paths[0], labels: nil, shape: shape, classes: 0)
      #expect(set.labels == nil && set.count == 2)
    }
  }

  @Test func `channels may stand last, and values are scaled as published`() throws {
    let colour = ImageShape(channels: 3, size: 2)
    let pixels = (0..<12).map { UInt8(20 * $0) }
    try with([npy("|u1", "1, 2, 2, 3", Data(pixels)), npy("|u1", "1, 3, 2, 2", Data(pixels))]) {
      let last = try ImageSet(path: $0[0], labels: nil, shape: colour, classes: 0)
      #expect(last.pixels == [0, 60, 120, 180, 20, 80, 140, 200, 40, 100, 160, 220])
      let second = try ImageSet(path: $0[1], labels: nil, shape: colour, classes: 0)
      #expect(second.pixels == pixels)
      #expect(second.scaled[0] == -1)
    }
    #expect(ImageSet(shape: ImageShape(channels: 1, size: 1), pixels: [255]).scaled == [1])
  }

  @Test func `the digits of the repository are read from gzipped files`() throws {
    let folder = systemsFolder.appending(path: "digits").path
    for (kind, count) in [("train", 1_437), ("test", 360)] {
      let set = try ImageSet(
        path: "\(folder)/\(kind)-images.gz", labels: "\(folder)/\(kind)-labels.gz",
        shape: ImageShape(channels: 1, size: 8), classes: 10)
      #expect(set.count == count && Set(set.labels ?? []) == Set(0..<10))
      #expect(set.pixels.max() == 255 && set.pixels.min() == 0)
    }
  }

  @Test func `damaged files and files that do not fit are refused by name`() throws {
    let pixels = [UInt8](repeating: 7, count: 32)
    let gzipped = try Data(
      contentsOf: systemsFolder.appending(path: "digits/train-images.gz"))
    var flipped = gzipped
    flipped[20_000] ^= 0xFF
    let cases: [(Data, String)] = [
      (idx([2, 4, 4], Array(pixels.dropLast())), "has 31 bytes after its header"),
      (idx([2, 4, 4], pixels + [1]), "has 33 bytes after its header"),
      (idx([2, 4, 4], pixels, type: 0x0D), "has IDX type 0xd, expected 0x8"),
      (Data([0, 0, 8, 3, 0, 0]), "ends within its header"),
      (idx([2, 2, 8], pixels), "shape [2, 2, 8], expected images of 4×4, 1 channel"),
      (idx([0, 4, 4], []), "holds no images"),
      (
        idx([1 << 31, 1 << 31, 1 << 31], []),
        "has the impossible shape [2147483648, 2147483648, 2147483648]"
      ),
      (Data("hello, world".utf8), "is no IDX file, no .npy file and no folder of PNGs"),
      (Data(), "is no IDX file"), (gzipped.prefix(20_000), "is damaged: "),
      (flipped, "is damaged: "),
      (npy("<f4", "2, 4, 4", Data(count: 128)), "holds no bytes"),
      (npy(">f4", "2, 4, 4", Data(count: 128)), "has element type >f4"),
      (npy("|u1", "2, 4, 4", Data(pixels), order: "True"), "is in Fortran order"),
      (npy("|u1", "2, 4, 4", Data(count: 30)), "has 30 bytes after its header"),
      (npy("|u1", "2, 4, 4", Data(pixels)).prefix(20), "ends within its header"),
    ]
    for (data, expected) in cases {
      try with([data]) { paths in
        let found = problem {
          _ = try ImageSet(path: paths[0], labels: nil, shape: shape, classes: 0)
        }
        #expect(found.hasPrefix("\(paths[0]): \(expected)") || found.contains(expected))
        #expect(found.hasPrefix(paths[0]))
      }
    }
    let missing = problem {
      _ = try ImageSet(path: "/nowhere", labels: nil, shape: shape, classes: 0)
    }
    #expect(missing == "/nowhere: cannot be read: No such file or directory")
  }

  @Test func `labels that do not fit are refused by name`() throws {
    let images = idx([2, 4, 4], [UInt8](repeating: 7, count: 32))
    let floats = npy("<f4", "2,", Data(count: 8))
    for (labels, expected) in [
      (idx([3], [0, 1, 1]), "has 3 labels for 2 images"),
      (idx([2], [0, 4]), "label 1 is 4, expected 0 to 3"), (images, "expected one label an image"),
      (floats, "holds no whole numbers"),
    ] {
      try with([images, labels]) { paths in
        let found = problem {
          _ = try ImageSet(path: paths[0], labels: paths[1], shape: shape, classes: 4)
        }
        #expect(found.hasPrefix("\(paths[1]): "), "\(found)")
        #expect(found.contains(expected), "\(found)")
      }
    }
    try with([images]) { paths in
      let found = problem {
        _ = try ImageSet(path: paths[0], labels: nil, shape: shape, classes: 4)
      }
      #expect(found.contains("has no classes; name the file of its labels"))
    }
  }
}
