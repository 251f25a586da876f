import Foundation
import Images
import Runs

/// Images to judge a flow by.
package struct ImageTestSet {
  package let set: ImageSet
  /// What people call them: "test images", "images held out of the training".
  package let name: String
  /// How many there are, of which the set may have only some.
  package let available: Int
  /// What is to be said of figures of images that are not independent of the weights.
  package let caveat: String?

  private init(_ set: ImageSet, name: String, caveat: String? = nil, count: Int?) {
    (self.name, self.caveat, available) = (name, caveat, set.count)
    self.set = count.map { set.spread($0) } ?? set
  }

  /// Images of a file or folder.
  ///
  /// - Parameters:
  ///   - record: That of the flow's run, whose own images are no test images.
  ///   - readsClasses: Whether their classes are wanted, given whether there are some.
  ///   - count: Only so many, evenly spread.
  /// - Throws: `ImageError`.
  package init(
    _ files: ImageSystem.Files, of model: ImageModel, source: String, count: Int?,
    record: ImageRecord? = nil, readsClasses: (_ hasClasses: Bool) -> Bool
  ) throws {
    let hasClasses = files.labels != nil || hasClassFolders(files.images)
    let set = try ImageSet(
      path: files.images, labels: files.labels, shape: model.shape,
      classes: readsClasses(hasClasses) ? model.configuration.classes : 0,
      names: ClassNames(notes: model.notes, source: source))
    if let record, record.hasLearned(from: files.images) {
      self.init(
        set, name: "training images",
        caveat: "The flow learned from these images, so that the figures are too good.",
        count: count)
    } else {
      self.init(set, name: "test images", count: count)
    }
  }

  /// The test images of a run's system, or else the images that the run has held out.
  ///
  /// - Parameter advice: How to name images, for the error.
  /// - Throws: `RunError`, `ImageError`; `RunError.missing` where there are neither.
  package init(
    of record: ImageRecord, model: ImageModel, source: String, count: Int? = nil, advice: String,
    readsClasses: (_ hasClasses: Bool) -> Bool
  ) throws {
    let system = try record.readSystem()
    let training = record.configuration.training
    guard system.test == nil, training.heldOut > 0 else {
      let files = try ImageSystem.files(
        system.test, in: record.system, images: nil, labels: nil, kind: "test", advice: advice)
      try self.init(
        files, of: model, source: source, count: count, readsClasses: readsClasses)
      return
    }
    guard FileManager.default.fileExists(atPath: record.images.path) else {
      throw RunError.missing(what: "images of the run", path: record.images.path, advice: advice)
    }
    try record.images.checkUnchanged()
    try record.labels?.checkUnchanged()
    let files = ImageSystem.Files(images: record.images.path, labels: record.labels?.path)
    let all = try Self(files, of: model, source: source, count: nil, readsClasses: readsClasses).set
    self.init(
      all.divided(holdingOut: min(training.heldOut, all.count), from: training.heldOutFrom).kept,
      name: "images held out of the training",
      caveat: "The images that were held out also chose the weights, so that the figures are a "
        + "little too good.",
      count: count)
  }
}
