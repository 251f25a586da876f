import Foundation

/// Where a system lies: a folder by its path, or a name in the folder of systems.
///
/// The folder of systems is the one given; or `systems` in the current folder, in the checkout that the current folder
/// or the program lies in, or `../share/tarflow-mol/systems` from the program (an installation).
/// - Parameter file: The file that makes a folder a system of the kind that is wanted.
/// - Throws: `CommandError.missing`, with the names that there are.
func findSystem(_ name: String, in given: String?, describedBy file: String = "system.yaml") throws
  -> String
{
  func isSystem(_ folder: String) -> Bool { holds(folder, file) }
  if name.contains("/") || name == "." || name == ".." {
    if isSystem(name) { return absolutePath(name) }
    throw CommandError.missing(
      what: "system", path: name,
      advice: file == "system.yaml"
        ? "a system is a folder with system.yaml and its topology"
        : "a system of images is a folder with \(file)")
  }
  let folders = given.map { [$0] } ?? systemFolders()
  for folder in folders where isSystem("\(folder)/\(name)") {
    return absolutePath("\(folder)/\(name)")
  }
  if isSystem(name) { return absolutePath(name) }
  let known = knownSystems(in: given, describedBy: file)
  throw CommandError.missing(
    what: "system", path: name,
    advice: known.isEmpty
      ? "no folder of systems was found; pass --systems FOLDER"
      : "known systems: \(known.joined(separator: ", "))\(suggestion(for: name, among: known))")
}

/// The names of the systems that a name alone finds, sorted.
func knownSystems(in given: String?, describedBy file: String = "system.yaml") -> [String] {
  let names = (given.map { [$0] } ?? systemFolders()).flatMap { folder in
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
      .filter { holds("\(folder)/\($0)", file) }
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

/// `systems` of the checkouts that a folder lies in; any other folder of that name, as in /tmp, may be anybody's.
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

/// The path from the root.
func absolutePath(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }
