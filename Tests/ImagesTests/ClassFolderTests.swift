import Foundation
import Images
import TestSupport
import Testing

/// Classes are known by the names of their folders, not by their places.
@Suite struct ClassFolderTests {
  private let shape = ImageShape(channels: 1, size: 2)

  /// A folder for each name, with one picture whose pixels are the place of the name.
  private func set(_ folders: [String], of names: ClassNames?, classes: Int? = nil) throws
    -> ImageSet
  {
    try withTemporaryFolder { folder in
      for (place, name) in folders.enumerated() {
        try FileManager.default.createDirectory(
          atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        try writePNG(
          [UInt8](repeating: UInt8(place), count: 4), channels: 1, width: 2, height: 2,
          path: "\(folder)/\(name)/a.png")
      }
      do {
        return try ImageSet(
          path: folder, labels: nil, shape: shape, classes: classes ?? folders.count, names: names)
      } catch ImageError.content(let path, let problem) {
        #expect(path == folder)
        throw ImageError.content(path: "test", problem: problem)
      }
    }
  }

  /// The class of every picture, by the place of its folder in `folders`.
  private func labels(_ folders: [String], of names: ClassNames?) throws -> [Int] {
    let set = try set(folders, of: names)
    let labels = try #require(set.labels)
    let places = (0..<set.count).map { Int(set.pixels[$0 * shape.count]) }
    return zip(places, labels).sorted { $0.0 < $1.0 }.map(\.1)
  }

  private let animals = ClassNames(names: ["ant", "bee", "cat"], source: "run")

  @Test func `folders of the same names have the classes of these names`() throws {
    #expect(try labels(["ant", "bee", "cat"], of: animals) == [0, 1, 2])
    // "Cat" comes before "ant" in the order of bytes.
    #expect(try labels(["Cat", "ant", "bee"], of: animals) == [2, 0, 1])
    #expect(try labels(["Cat", "ant", "bee"], of: nil) == [0, 1, 2])
    let unsorted = ClassNames(names: ["cat", "ant", "bee"], source: "run")
    #expect(try labels(["ant", "bee", "cat"], of: unsorted) == [1, 2, 0])
    // Two that differ in case alone are two classes.
    let cases = ClassNames(names: ["A", "a"], source: "run")
    #expect(try labels(["a", "A"], of: cases) == [1, 0])
    #expect(try set(["Cat", "ant", "bee"], of: animals).classFolders == ["ant", "bee", "cat"])
    #expect(try set(["b", "a"], of: nil).classFolders == ["a", "b"])
  }

  @Test func `folders of other names are refused, the first difference named`() throws {
    #expect(
      throws: ImageError.content(
        path: "test",
        problem: "has a sub-folder 'dog', but none for the class 'cat' of run; "
          + "name the sub-folders as in training")
    ) { _ = try set(["ant", "bee", "dog"], of: animals) }
    #expect(
      throws: ImageError.content(
        path: "test", problem: "has 2 sub-folders, expected 3, one a class")
    ) { _ = try set(["ant", "bee"], of: animals, classes: 3) }
  }

  @Test func `names that are for people are used when they are those of the folders`() throws {
    let names = ClassNames(names: ["cat", "ant"], source: "run", areFolders: false)
    #expect(try labels(["ant", "cat"], of: names) == [1, 0])
    #expect(try labels(["n01", "n02"], of: names) == [0, 1])
    let other = try set(["n01", "n02"], of: names)
    #expect(
      names.doubt(of: other, path: "pets")
        == "pets: its sub-folders do not have the names of the classes of run and are taken in their "
        + "order: 'n01' as 'cat'")
    for folders in [["ant", "cat"], ["Ant", "Cat"], ["0", "1"]] {
      let known = try set(folders, of: names)
      #expect(names.doubt(of: known, path: "pets") == nil)
    }
  }

  @Test func `folders with the numbers of the classes are numbered by value`() throws {
    let folders = (0..<12).map { "\($0)" }
    let words = (0..<12).map { "word \($0)" }
    let people = ClassNames(names: words, source: "run", areFolders: false)
    #expect(try labels(folders, of: people) == Array(0..<12))
    let found = try set(folders, of: people)
    #expect(found.classFolders == folders && people.doubt(of: found, path: "pets") == nil)
    // Folders from 1 have no class 0, and are taken in the order of their names.
    let shifted = try set((1...12).map { "\($0)" }, of: people)
    #expect(shifted.classFolders?[1] == "10")
    #expect(
      people.doubt(of: shifted, path: "pets")?.hasSuffix("in their order: '1' as 'word 0'") == true)
    #expect(ClassNames(names: words, source: "run").numbers(of: folders) == nil)
  }

  @Test func `a weights file notes names, those of folders before others`() {
    let notes = ["class_folders": "a b\nc", "class_names": "d\ne"]
    #expect(
      ClassNames(notes: notes, source: "w") == ClassNames(names: ["a b", "c"], source: "w"))
    #expect(
      ClassNames(notes: ["class_names": "d\ne"], source: "w")
        == ClassNames(names: ["d", "e"], source: "w", areFolders: false))
    #expect(ClassNames(notes: ["config": "{}"], source: "w") == nil)
  }

  @Test func `a folder with sub-folders has classes`() throws {
    try withTemporaryFolder { folder in
      #expect(!hasClassFolders(folder) && !hasClassFolders(folder + "/none"))
      try Data().write(to: URL(fileURLWithPath: folder + "/a.png"))
      #expect(!hasClassFolders(folder) && !hasClassFolders(folder + "/a.png"))
      try FileManager.default.createDirectory(
        atPath: folder + "/b", withIntermediateDirectories: true)
      #expect(hasClassFolders(folder))
    }
  }
}
