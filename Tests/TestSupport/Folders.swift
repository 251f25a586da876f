import Foundation

/// The repository itself.
package let repositoryFolder = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

/// The goldens of the repository, `Tests/Golden`.
package let goldenFolder = repositoryFolder.appending(path: "Tests/Golden")

/// The embedded systems of the repository, `systems`.
package let systemsFolder = repositoryFolder.appending(path: "systems")

/// The folders of golden flows: the repository's, and the one that `TARFLOW_TEST_GOLDENS` names.
package let goldenFlowFolders: [String] =
  [goldenFolder.appending(path: "flows").path()]
  + [ProcessInfo.processInfo.environment["TARFLOW_TEST_GOLDENS"]].compactMap { $0 }

/// The weights of every golden flow below these folders.
package let goldenFlows: [String] = goldenFlowFolders.flatMap { folder in
  ((try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? [])
    .filter { $0.hasSuffix(".weights.safetensors") }.sorted().map { "\(folder)/\($0)" }
}
