import Foundation

/// The paths inside a run folder.
struct RunFolder: Equatable {
  let path: String

  var record: String { "\(path)/config.resolved.yaml" }
  var metrics: String { "\(path)/metrics.csv" }
  var checkpoints: String { "\(path)/checkpoints" }
  var model: String { "\(checkpoints)/best.safetensors" }
  var samples: String { "\(path)/samples.nc" }
  var weights: String { "\(path)/weights.csv" }
  var evaluation: String { "\(path)/evaluation.json" }
  var histograms: String { "\(path)/histograms.csv" }
  /// Of a run that made its frames itself: the simulation, and what it was divided into.
  var simulation: String { "\(path)/simulation" }
  var simulatedTraining: String { "\(path)/training.nc" }
  var simulatedReference: String { "\(path)/reference.nc" }

  /// Whether a folder is a run.
  static func isRun(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: RunFolder(path: path).record)
  }

  /// A run that is there.
  /// - Throws: `CommandError.missing`.
  init(existing path: String) throws {
    guard Self.isRun(path) else {
      throw CommandError.missing(
        what: "run folder", path: path,
        advice: "a run folder holds config.resolved.yaml; `tarflow-mol train` makes one")
    }
    self.path = path
  }

  init(path: String) { self.path = path }

  /// Checks that the folder given for a new run is absent or empty.
  /// - Throws: `CommandError.exists`.
  static func checkFree(_ given: String?) throws {
    guard let given, FileManager.default.fileExists(atPath: given) else { return }
    if let content = try? FileManager.default.contentsOfDirectory(atPath: given), content.isEmpty {
      return
    }
    throw CommandError.exists(
      path: given,
      advice: RunFolder.isRun(given)
        ? "continue it with --resume \(given), or choose another --output"
        : "choose another --output")
  }

  /// A new run: the folder given, which must be absent or empty, or the next free of runs/NAME, runs/NAME-2, ….
  /// - Throws: `CommandError.exists` or `.unwritable`.
  static func create(_ given: String?, name: String) throws -> RunFolder {
    try checkFree(given)
    let path = given ?? freePath("runs/\(name)")
    let run = RunFolder(path: path)
    do {
      try FileManager.default.createDirectory(
        atPath: run.checkpoints, withIntermediateDirectories: true)
    } catch {
      throw CommandError.unwritable(path: path, reason: systemReason(error))
    }
    return run
  }

  /// The newest checkpoints first: their steps and paths.
  func savedSteps() -> [(step: Int, path: String)] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: checkpoints)) ?? []
    return names.compactMap { name in
      guard name.hasPrefix("step-"), name.hasSuffix(".safetensors"),
        let step = Int(name.dropFirst("step-".count).dropLast(".safetensors".count))
      else { return nil }
      return (step, "\(checkpoints)/\(name)")
    }.sorted { $0.step > $1.step }
  }

  func checkpoint(step: Int) -> String { "\(checkpoints)/step-\(step).safetensors" }
}

/// The path, or the first of PATH-2, PATH-3, … that is not taken.
func freePath(_ path: String) -> String {
  var (free, number) = (path, 2)
  while FileManager.default.fileExists(atPath: free) {
    free = "\(path)-\(number)"
    number += 1
  }
  return free
}

/// Writes a text file under a temporary name and renames it.
/// - Throws: `CommandError.unwritable`.
func writeText(_ text: String, path: String) throws {
  do {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
  } catch {
    throw CommandError.unwritable(path: path, reason: systemReason(error))
  }
}

/// What the operating system says of an error, or else Foundation, in one line.
func systemReason(_ error: any Error) -> String {
  let error = error as NSError
  if let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError { return systemReason(cause) }
  return error.domain == NSPOSIXErrorDomain
    ? String(cString: strerror(Int32(error.code))) : error.localizedDescription
}
