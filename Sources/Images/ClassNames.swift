import Foundation

/// The names of a flow's classes by number, and who says so.
package struct ClassNames: Equatable, Sendable {
  package let names: [String]
  /// A path, for messages.
  package let source: String
  /// Whether the names are those of the folders that the flow learned from; if not, folders of
  /// other names are taken by number, or else in their order.
  package let areFolders: Bool

  package init(names: [String], source: String, areFolders: Bool = true) {
    self.names = names
    self.source = source
    self.areFolders = areFolders
  }

  /// The names that a weights file notes of its classes; nil when it notes none.
  package init?(notes: [String: String], source: String) {
    guard let text = notes[Self.foldersNote] ?? notes[Self.namesNote] else { return nil }
    self.init(
      names: text.components(separatedBy: "\n"), source: source,
      areFolders: notes[Self.foldersNote] != nil)
  }

  /// The notes of a weights file that hold names, one a line: those of the folders that were read,
  /// and those for people.
  package static let (foldersNote, namesNote) = ("class_folders", "class_names")

  /// The number of the class of each folder.
  ///
  /// Names are compared as they are, or else without regard to case; where the names are not those
  /// of folders, the folders 0 … n − 1 are the classes of these numbers. (`ClassFolderTests`)
  /// - Returns: Nil when the folders are not exactly the classes.
  package func numbers(of folders: [String]) -> [Int]? {
    matched(folders) { $0 } ?? matched(folders) { $0.lowercased() }
      ?? (areFolders ? nil : values(of: folders))
  }

  /// The values of folders whose names are the numbers of the classes.
  private func values(of folders: [String]) -> [Int]? {
    let values = folders.compactMap { Int($0) }
    let areAll = folders.count == names.count && Set(values) == Set(names.indices)
    return areAll ? values : nil
  }

  private func matched(_ folders: [String], _ key: (String) -> String) -> [Int]? {
    let numbers = Dictionary(
      names.enumerated().map { (key($1), $0) }, uniquingKeysWith: { first, _ in first })
    let found = folders.compactMap { numbers[key($0)] }
    return folders.count == names.count && Set(found).count == names.count ? found : nil
  }

  /// What to say of images whose class folders have neither these names nor numbers, so that they
  /// are taken in the order of their names; nil for others.
  ///
  /// - Parameter path: Where the images lie.
  package func doubt(of set: ImageSet, path: String) -> String? {
    guard set.labels != nil, let folders = set.classFolders, folders.count == names.count,
      numbers(of: folders) == nil,
      let (name, folder) = zip(names, folders).first(where: { $0.lowercased() != $1.lowercased() })
    else { return nil }
    return "\(path): its sub-folders do not have the names of the classes of \(source) and are "
      + "taken in their order: '\(folder)' as '\(name)'"
  }

  /// Which folder is no class and which class has no folder, in words that follow a path.
  func difference(from folders: [String]) -> String {
    guard folders.count == names.count else {
      return "has \(folders.count) sub-folders, but \(source) has \(names.count) classes"
    }
    let other = folders.first { !names.contains($0) } ?? ""
    let missing = names.first { !folders.contains($0) } ?? ""
    return "has a sub-folder '\(other)', but none for the class '\(missing)' of \(source); "
      + "name the sub-folders as in training"
  }
}

extension ImageModel {
  /// What people call the classes: the names for people that the weights file notes, or those of
  /// the folders that it learned from, or else numbers.
  package var classNames: [String] {
    let noted = [ClassNames.namesNote, ClassNames.foldersNote].compactMap {
      notes[$0]?.components(separatedBy: "\n")
    }
    return noted.first { $0.count == configuration.classes }
      ?? (0..<configuration.classes).map { "\($0)" }
  }
}
