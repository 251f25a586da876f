import Foundation

/// What decides how much memory a process may use.
package enum MemoryLimit: String, Sendable {
  case machine = "this machine"
  case group = "the control group"
  case process = "the limit of the process (ulimit -v)"
}

/// The memory that this process may use, bytes, and what limits it: the smallest of the machine's,
/// that of the control group, and that of the process's address space.
package let memoryLimit: (bytes: Double, limit: MemoryLimit) = smallestMemory(
  machine: Double(ProcessInfo.processInfo.physicalMemory),
  group: memoryLimit(of: "/proc/self/cgroup", under: "/sys/fs/cgroup"),
  process: addressSpaceLimit())

/// The memory that this process may use, bytes.
package var availableMemory: Double { memoryLimit.bytes }

/// The smallest of what limits the memory; of equal limits the first.
func smallestMemory(
  machine: Double, group: Double?, process: Double?
) -> (bytes: Double, limit: MemoryLimit) {
  [(group, MemoryLimit.group), (process, .process)].reduce((machine, .machine)) {
    smallest, next in
    guard let bytes = next.0, bytes < smallest.0 else { return smallest }
    return (bytes, next.1)
  }
}

/// The memory that the control group of a process and those above it may use, bytes
/// (`memory.max`, version 2 of control groups; `memory.limit_in_bytes`, version 1); nil without a
/// limit.
///
/// - Parameters:
///   - membership: The file that names the group of the process.
///   - root: Where the groups are mounted.
func memoryLimit(of membership: String, under root: String) -> Double? {
  groupFolders(of: membership, under: root, controller: "memory").compactMap { folder in
    ["memory.max", "memory.limit_in_bytes"].compactMap { name in
      // "max" is no limit.
      (try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8))
        .flatMap { Double($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }.min()
  }.min()
}

private func addressSpaceLimit() -> Double? {
  var limit = rlimit()
  guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0,
    limit.rlim_cur < rlim_t(Int64.max)
  else { return nil }
  return Double(limit.rlim_cur)
}
