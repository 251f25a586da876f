import Glibc
import Synchronization

/// The files that this process is writing under temporary names, and the folders that it made for
/// them, by their paths.
private let unfinished = Mutex<(files: Set<String>, folders: Set<String>)>(([], []))

/// Notes a file that is worth nothing before it has its name.
func noteUnfinished(file: String) {
  unfinished.withLock { _ = $0.files.insert(file) }
}

/// Forgets a file that was noted.
func forgetUnfinished(file: String) {
  unfinished.withLock { _ = $0.files.remove(file) }
}

/// Forgets files that were noted, once `list` has named them all for whoever completes their set.
///
/// In one: a process that ends meanwhile is to leave all of them with a list, or none without one.
/// - Throws: What `list` throws; the files stay noted then.
func forgetUnfinished<List, Failure: Error>(
  files: [String], listed list: () throws(Failure) -> List
) throws(Failure) -> List {
  try unfinished.withLock { (paths) throws(Failure) in
    let list = try list()
    paths.files.subtract(files)
    return list
  }
}

/// Makes a folder that is worth nothing when it is empty.
func noteUnfinished<Failure: Error>(
  folder: String, making make: () throws(Failure) -> Void
) throws(Failure) {
  // In one, so that a process that ends at the same time leaves none.
  try unfinished.withLock { (paths) throws(Failure) in
    try make()
    paths.folders.insert(folder)
  }
}

/// Forgets a folder that was noted.
func forgetUnfinished(folder: String) {
  unfinished.withLock { _ = $0.folders.remove(folder) }
}

/// Ends the process at once, without what its sets have not given a name yet and the folders that
/// were made for it (`CommandLineTests`).
///
/// Whoever is about to begin another file or folder waits for the end.
package func endWithoutUnfinishedFiles(_ end: () -> Never) -> Never {
  unfinished.withLock { paths in
    for file in paths.files { unlink(file) }
    for folder in paths.folders { rmdir(folder) }
    end()
  }
}
