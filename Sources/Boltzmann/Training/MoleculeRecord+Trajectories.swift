import Foundation
import Logging
import Runs

extension MoleculeRecord {
  /// The path of the reference; nil where the run has none, or, as a warning says, it is gone.
  func existingReference(log: Logger) -> String? {
    guard let reference else { return nil }
    // Frames of one energy are no samples of another.
    guard !isOfOtherEnergy else {
      log.warning(
        """
        \(reference.path): is of the run's own energy, not of that of \(system): the results are \
        without a reference
        """)
      return nil
    }
    guard FileManager.default.fileExists(atPath: reference.path) else {
      log.warning("\(reference.path) is gone: the results are without a reference")
      return nil
    }
    warnOfChanged(reference: reference.path, log: log)
    return reference.path
  }

  /// Warns where the run's reference is another file than it was when the run began.
  func warnOfChanged(reference path: String, log: Logger) {
    guard let reference, reference.path == path, let now = try? InputFile(path: path),
      now.fingerprint != reference.fingerprint
    else { return }
    log.warning(
      """
      \(path): has changed since the run began: it has \(now.fingerprint), not \
      \(reference.fingerprint); the results are of what it holds today
      """)
  }

  /// Warns where the run's own reference is not of the energy that the run is read with.
  func warnOfOtherEnergy(reference path: String, log: Logger) {
    guard isOfOtherEnergy else { return }
    log.warning(
      """
      \(path): is of the run's own energy, not of that of \(system), and so are distances from it; \
      name a reference of that energy with --reference
      """)
  }

  /// Warns where a reference holds frames that the run was trained on, if those are still there.
  func warnOfSharedFrames(reference path: String, atoms: Int, log: Logger) {
    // What cannot be read is an error where it is needed.
    let shared = try? SharedFrames(
      of: path, with: training.path, upTo: heldOut?.first, atoms: atoms)
    shared?.warn(of: path, log: log)
  }

  /// Checks that the trajectories of a run that goes on are there, and writes down where they are if
  /// that is a new place.
  ///
  /// - Parameters:
  ///   - training: Where the training trajectory is; nil for where it was.
  ///   - reference: Where the reference is; nil for where it was.
  ///   - advice: What to do about a trajectory that is missing, by its kind.
  /// - Throws: `RunError.missing` with name, size and hash of what is not there; `RunError.badData`
  ///   for a file of other content.
  static func place(
    training: String?, reference: String?, of folder: RunFolder, advice: (String) -> String
  ) throws {
    var record = try read(path: folder.record)
    if let training {
      record.training = try record.training.moved(to: training)
      let folder = URL(fileURLWithPath: training).deletingLastPathComponent().path
      record.hotter = try record.hotter?.map { try $0.moved(to: "\(folder)/\($0.name)") }
    }
    if let reference {
      guard let own = record.reference else {
        throw RunError.badData(
          path: folder.record, problem: "says that the run has no reference; leave it out")
      }
      record.reference = try own.moved(to: reference)
    }
    let files =
      [("training", record.training)] + (record.hotter ?? []).map { ("training", $0) }
      + (record.reference.map { [("reference", $0)] } ?? [])
    for (kind, file) in files where !FileManager.default.fileExists(atPath: file.path) {
      throw RunError.missing(
        what: "\(kind) trajectory of the run", path: file.path,
        advice: "\(file.name) had \(file.fingerprint); \(advice(kind))")
    }
    guard training != nil || reference != nil else { return }
    try withLock(on: folder.path) { try record.write(path: folder.record) }
  }
}
