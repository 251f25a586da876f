import Runs

/// Runs `body`, which writes into a folder, while no other process works on the run that the folder
/// may be.
/// - Throws: `RunError.unwritable` when another process does, and what `body` throws.
func withLock<Result>(ofRun folder: String, _ body: () throws -> Result) throws -> Result {
  try RunFolder.isRun(folder) ? withLock(on: folder, body) : body()
}
