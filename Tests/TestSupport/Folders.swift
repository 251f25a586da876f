import Foundation

private let repository = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

/// The goldens of the repository, `Tests/Golden`.
package let goldenFolder = repository.appending(path: "Tests/Golden")

/// The embedded systems of the repository, `systems`.
package let systemsFolder = repository.appending(path: "systems")
