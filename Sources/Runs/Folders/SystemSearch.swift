import Foundation
import TensorFiles

/// A kind of system: what people call it, and the file that makes a folder one.
package struct SystemKind: Equatable, Sendable {
  package let name: String
  package let file: String

  package init(_ name: String, file: String) {
    self.name = name
    self.file = file
  }
}

/// Where a system lies: a folder by its path, or a name in the folder of systems.
///
/// The folder of systems is the one given; or `systems` in the current folder, in the checkout that
/// the current folder or the program lies in, or `../share/tarflow-mol/systems` from the program
/// (an installation).
/// - Parameter advice: What to do when no folder of systems is found.
/// - Returns: The path from the root.
/// - Throws: `RunError.missing`, with the names that there are.
package func findSystem(
  _ name: String, _ kind: SystemKind, in given: String?, advice: String
) throws(RunError) -> String {
  func isSystem(_ folder: String) -> Bool { holds(folder, kind.file) }
  // A system that was being built when its process was killed.
  completeFileSets(in: name)
  if name.contains("/") || name == "." || name == ".." {
    if isSystem(name) { return absolutePath(name) }
    throw .missing(
      what: kind.name, path: name, advice: "a \(kind.name) is a folder with \(kind.file)")
  }
  let folders = given.map { [$0] } ?? systemFolders()
  for folder in folders where isSystem("\(folder)/\(name)") {
    return absolutePath("\(folder)/\(name)")
  }
  if isSystem(name) { return absolutePath(name) }
  let known = knownSystems(kind, in: given)
  throw .missing(
    what: kind.name, path: name,
    advice: known.isEmpty
      ? "no folder of systems was found; \(advice)"
      : "known systems: \(known.joined(separator: ", "))\(suggestion(for: name, among: known))")
}

/// The names of the systems that a name alone finds, sorted.
package func knownSystems(_ kind: SystemKind, in given: String?) -> [String] {
  let names = (given.map { [$0] } ?? systemFolders()).flatMap { folder in
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
      .filter { holds("\(folder)/\($0)", kind.file) }
  }
  return Set(names).sorted()
}

private func holds(_ folder: String, _ file: String) -> Bool {
  FileManager.default.fileExists(atPath: "\(folder)/\(file)")
}

private func systemFolders() -> [String] {
  let program =
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "/"
  let beside = URL(fileURLWithPath: program).deletingLastPathComponent()
  let here = FileManager.default.currentDirectoryPath
  let folders =
    ["\(here)/systems"] + checkouts(above: here) + checkouts(above: beside.path)
    + ["\(beside.deletingLastPathComponent().path)/share/tarflow-mol/systems"]
  return folders.filter { FileManager.default.fileExists(atPath: $0) }
}

/// `systems` of the checkouts that a folder lies in; any other folder of that name, as in /tmp, may
/// be anybody's.
private func checkouts(above start: String) -> [String] {
  var folders: [String] = []
  var folder = URL(fileURLWithPath: start).standardizedFileURL
  while true {
    if FileManager.default.fileExists(atPath: folder.appending(path: "Package.swift").path) {
      folders.append(folder.appending(path: "systems").path)
    }
    if folder.path == "/" { return folders }
    folder.deleteLastPathComponent()
  }
}

/// The bytes that the name of a system may have.
package let longestSystemName = 100

/// Checks the name that a description of a system gives it: folders of runs are called after it.
/// - Throws: `RunError.configuration` for one that leads elsewhere or cannot be shown.
package func checkSystemName(_ name: String, path: String) throws(RunError) {
  let isGood =
    (1...longestSystemName).contains(name.utf8.count) && name.first != "." && name.first != "-"
    && name.unicodeScalars.allSatisfy { $0 != "/" && !isControl($0) }
  guard isGood else {
    throw .configuration(
      source: path,
      problem: "name is '\(name.prefix(40))', expected 1 to \(longestSystemName) characters "
        + "without '/', not beginning with '.' or '-': folders are called after it")
  }
}
