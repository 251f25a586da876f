import Foundation
import Images
import TestSupport
import Testing

/// What pictures are is found from the pictures alone.
@Suite struct ImageSurveyTests {
  /// Writes a picture, and the folders above it.
  private func write(_ path: String, channels: Int = 1, width: Int = 8, height: Int = 8) throws {
    try FileManager.default.createDirectory(
      at: URL(fileURLWithPath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
    try writePNG(
      (0..<channels * width * height).map { UInt8($0 % 256) }, channels: channels, width: width,
      height: height, path: path)
  }

  private func touch(_ path: String) throws { try Data().write(to: URL(fileURLWithPath: path)) }

  @Test func `class folders are classes, and coloured pictures have three channels`() throws {
    try withTemporaryFolder { folder in
      for place in 0..<3 {
        try write("\(folder)/cat/\(place).png")
        try write("\(folder)/Ant/\(place).PNG")
      }
      try touch("\(folder)/README.md")
      let grey = try ImageSurvey(path: folder, labels: nil)
      #expect(grey.shape == ImageShape(channels: 1, size: 8) && grey.count == 6)
      #expect(grey.classes == 2 && grey.classNames == ["Ant", "cat"] && grey.grey == 0)
      try write("\(folder)/cat/colour.png", channels: 3)
      let mixed = try ImageSurvey(path: folder, labels: nil)
      #expect(mixed.shape == ImageShape(channels: 3, size: 8))
      #expect(mixed.count == 7 && mixed.grey == 6)
      // What is found is read.
      let set = try ImageSet(path: folder, labels: nil, shape: mixed.shape, classes: 2)
      #expect(set.count == 7 && set.labels == [0, 0, 0, 1, 1, 1, 1])
      #expect(set.classFolders == mixed.classNames)
    }
  }

  @Test func `a plain folder and a single class have none to tell apart`() throws {
    try withTemporaryFolder { folder in
      for place in 0..<2 {
        try write("\(folder)/plain/\(place).png")
        try write("\(folder)/one/cat/\(place).png")
      }
      for name in ["plain", "one"] {
        let found = try ImageSurvey(path: "\(folder)/\(name)", labels: nil)
        #expect(found.classes == 0 && found.classNames == nil && found.count == 2)
        let set = try ImageSet(
          path: "\(folder)/\(name)", labels: nil, shape: found.shape, classes: 0)
        #expect(set.count == 2 && set.labels == nil)
      }
    }
  }

  @Test func `arrays say their shape, and labels how many classes there are`() throws {
    try withTemporaryFolder { folder in
      func idx(_ sizes: [UInt8], _ name: String) throws -> String {
        let header: [UInt8] =
          [0, 0, 8, UInt8(sizes.count)] + sizes.flatMap { [0, 0, 0, $0] as [UInt8] }
        let bytes = sizes.reduce(1) { $0 * Int($1) }
        let path = "\(folder)/\(name)"
        try Data(header + (0..<bytes).map { UInt8($0 % 5) }).write(to: URL(fileURLWithPath: path))
        return path
      }
      for (sizes, channels) in [([6, 4, 4], 1), ([6, 3, 4, 4], 3), ([6, 4, 4, 3], 3)] {
        let path = try idx(sizes.map { UInt8($0) }, "images")
        let found = try ImageSurvey(path: path, labels: nil)
        #expect(found.shape == ImageShape(channels: channels, size: 4), "\(sizes)")
        #expect(found.count == 6 && found.classes == 0)
      }
      let labels = try idx([6], "labels")
      let images = try idx([6, 4, 4], "images")
      #expect(try ImageSurvey(path: images, labels: labels).classes == 5)
      #expect(throws: (any Error).self) { try ImageSurvey(path: "\(folder)/none", labels: nil) }
      let flat = try idx([6, 4, 5], "images")
      #expect(throws: ImageError.content(path: flat, problem: Self.shapeProblem)) {
        try ImageSurvey(path: flat, labels: nil)
      }
    }
  }

  private static let shapeProblem =
    "holds an array of shape [6, 4, 5], expected [images, height, width] of square images, or with "
    + "one or three channels second or last"

  /// Spoils a folder of two classes of three 8×8 pictures, and expects what is said of it.
  private func expect(
    _ place: String, _ problem: String, labels: String? = nil,
    sourceLocation: SourceLocation = #_sourceLocation, _ spoil: (_ folder: String) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      let set = "\(folder)/set"
      for place in 0..<3 {
        try write("\(set)/ant/\(place).png")
        try write("\(set)/bee/\(place).png")
      }
      try spoil(set)
      let path = place.isEmpty ? set : "\(set)/\(place)"
      #expect(
        throws: ImageError.content(path: path, problem: problem), sourceLocation: sourceLocation
      ) { try ImageSurvey(path: set, labels: labels.map { "\(set)/\($0)" }) }
    }
  }

  @Test func `what does not fit is named`() throws {
    func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: path) }
    try expect(
      "bee/1.png",
      "is 9×9 pixels, but 5 of 6 pictures are 8×8; bring all to one size, such as: mogrify -resize "
        + "8x8^ -gravity center -extent 8x8 FILES"
    ) { try write("\($0)/bee/1.png", width: 9, height: 9) }
    try expect(
      "ant/0.png",
      "is 80×70 pixels, expected a square; crop the pictures, such as: mogrify -resize 64x64^ "
        + "-gravity center -extent 64x64 FILES"
    ) { folder in
      for name in ["ant", "bee"] {
        for place in 0..<3 {
          try write("\(folder)/\(name)/\(place).png", width: 80, height: 70)
        }
      }
    }
    try expect(
      "ant/x.jpg",
      "is no PNG; convert such pictures (mogrify -format png FILES), and take these away"
    ) { try touch("\($0)/ant/x.jpg") }
    try expect("ant/x.txt", "is no PNG; convert it or take it away") {
      try touch("\($0)/ant/x.txt")
    }
    try expect("ant/x.png", "is no PNG that can be read: it is empty") {
      try touch("\($0)/ant/x.png")
    }
    try expect("cat", "holds no pictures; fill it or take it away") {
      try FileManager.default.createDirectory(
        atPath: "\($0)/cat", withIntermediateDirectories: true)
    }
    try expect(
      "loose.png", "lies beside folders, which are taken for classes; move it into one of them"
    ) { try write("\($0)/loose.png") }
    try expect(
      "ant", "holds folders itself; name the folder whose sub-folders are the classes"
    ) { try write("\($0)/ant/inner/1.png") }
    try expect("", "holds no images, expected PNGs, or a folder of PNGs for each class") {
      for name in ["ant", "bee"] { try remove("\($0)/\(name)") }
    }
    try expect("", "holds a single picture; a flow learns from many, dozens at least") {
      for name in ["ant/0.png", "ant/1.png", "bee"] { try remove("\($0)/\(name)") }
    }
    try expect(
      "labels", "is not needed: pictures in sub-folders have those as their classes",
      labels: "labels"
    ) { _ in }
  }

  @Test func `a folder of pictures is known, one of other things is not`() throws {
    try withTemporaryFolder { folder in
      #expect(!isPictureFolder(folder) && !isPictureFolder("\(folder)/none"))
      try touch("\(folder)/notes.txt")
      #expect(!isPictureFolder(folder) && !isPictureFolder("\(folder)/notes.txt"))
      try write("\(folder)/cat/1.png")
      #expect(isPictureFolder(folder) && isPictureFolder("\(folder)/cat"))
    }
  }
}
