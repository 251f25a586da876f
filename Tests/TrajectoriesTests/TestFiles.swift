import Foundation

/// The root of the package.
let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent()

/// The path of a file of the package.
func file(_ name: String) -> String { repository.appending(path: name).path(percentEncoded: false) }
