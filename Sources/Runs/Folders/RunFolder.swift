import Foundation
import TensorFiles

/// The folder of a training run, and the paths in it that every kind of training has.
package struct RunFolder: Equatable, Sendable {
  package let path: String

  package var record: String { "\(path)/config.resolved.yaml" }
  package var metrics: String { "\(path)/metrics.csv" }
  package var checkpoints: String { "\(path)/checkpoints" }
  /// The weights that a training results in.
  package var model: String { "\(checkpoints)/best.safetensors" }

  /// The page that shows the results; the numbers of its figures lie in the folder `report`.
  package var report: String { "\(path)/report.html" }

  package init(path: String) { self.path = path }

  /// A run that is there.
  /// - Throws: `RunError.missing`.
  package init(existing path: String) throws(RunError) {
    guard Self.isRun(path) else {
      throw .missing(
        what: "run folder", path: path,
        advice: "a run folder holds config.resolved.yaml; `tarflow-mol train` writes one")
    }
    self.path = path
  }

  /// Whether a folder is a run.
  package static func isRun(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: RunFolder(path: path).record)
  }

  /// Makes the folder of a new run, which must be absent or empty.
  /// - Throws: `RunError.exists` or `.unwritable`.
  package static func create(_ path: String) throws(RunError) -> RunFolder {
    guard isFreeFolder(path) else { throw .exists(path: path, advice: "choose another folder") }
    let run = RunFolder(path: path)
    try createFolder(run.checkpoints)
    return run
  }

  /// The newest checkpoints first: their steps and paths.
  package func savedSteps() -> [(step: Int, path: String)] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: checkpoints)) ?? []
    return names.compactMap { name in
      guard name.hasPrefix("step-"), name.hasSuffix(".safetensors"),
        let step = Int(name.dropFirst("step-".count).dropLast(".safetensors".count))
      else { return nil }
      return (step, "\(checkpoints)/\(name)")
    }.sorted { $0.step > $1.step }
  }

  package func checkpoint(step: Int) -> String { "\(checkpoints)/step-\(step).safetensors" }
}

/// The name of the folder, in that of a run, of a system that was built for it.
package let builtSystem = "system"

/// Whether a folder can be made or filled: there is nothing of that name, or an empty folder, or one
/// with nothing but what a run leaves that ended before its record was written: a system that was
/// built for it, the lock, an empty folder of checkpoints, and unfinished files.
///
/// What a process that was killed had written in full gets its name first.
package func isFreeFolder(_ path: String) -> Bool {
  guard FileManager.default.fileExists(atPath: path) else { return true }
  completeFileSets(in: path)
  let names = try? FileManager.default.contentsOfDirectory(atPath: path)
  return names?.allSatisfy { name in
    switch name {
    case builtSystem, "lock": true
    case "checkpoints":
      (try? FileManager.default.contentsOfDirectory(atPath: "\(path)/\(name)"))?.isEmpty ?? false
    default: isTemporaryName(name)
    }
  } ?? false
}

/// The path, or the first of PATH-2, PATH-3, … that is not taken.
package func freePath(_ path: String) -> String {
  var (free, number) = (path, 2)
  while FileManager.default.fileExists(atPath: free) {
    free = "\(path)-\(number)"
    number += 1
  }
  return free
}

/// Makes a folder and those that it lies in; one that is there stays as it is.
/// - Throws: `RunError.unwritable`.
package func createFolder(_ path: String) throws(RunError) {
  let parts = URL(fileURLWithPath: path).standardizedFileURL.pathComponents
  let levels = parts.indices.map { NSString.path(withComponents: Array(parts[...$0])) }
  var level = levels.count - 1
  // A folder on the way may go while this goes on: other processes check theirs.
  for _ in 0..<levels.count + 100 {
    while level < levels.count, mkdir(levels[level], 0o777) == 0 || errno == EEXIST { level += 1 }
    if level == levels.count {
      var isFolder: ObjCBool = false
      if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) {
        if isFolder.boolValue { return }
        throw .unwritable(path: path, reason: systemReason(code: ENOTDIR))
      }
    } else if errno != ENOENT || level == 0 {
      throw .unwritable(path: path, reason: systemReason())
    }
    level -= 1
  }
  throw .unwritable(path: path, reason: systemReason(code: ENOENT))
}

/// Checks that a folder is there or can be made, and leaves none that was not there.
/// - Throws: `RunError.unwritable`.
package func checkFolder(_ path: String) throws(RunError) {
  var absent: [URL] = []
  var folder = URL(fileURLWithPath: path).standardizedFileURL
  while folder.path != "/", !FileManager.default.fileExists(atPath: folder.path) {
    absent.append(folder)
    folder.deleteLastPathComponent()
  }
  try createFolder(path)
  for made in absent { rmdir(made.path) }
}

/// The path from the root.
package func absolutePath(_ path: String) -> String {
  URL(fileURLWithPath: path).standardizedFileURL.path
}
