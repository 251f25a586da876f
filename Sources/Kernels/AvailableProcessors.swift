import Foundation

/// What decides how many processors a process may use.
package enum ProcessorLimit: String, Sendable {
  case machine = "the machine's processors"
  case affinity = "the affinity mask"
  case quota = "the quota of the control group"
  case slurm = "SLURM_CPUS_PER_TASK"
}

/// The number of processors that this process may use, at least 1, and what limits it: the smallest
/// of the machine's, those of the affinity mask, the quota of the control group rounded up, and
/// what Slurm gave the task.
package let processorLimit: (count: Int, limit: ProcessorLimit) = smallestLimit(
  machine: ProcessInfo.processInfo.processorCount,
  affinity: ProcessInfo.processInfo.activeProcessorCount,
  quota: quota(of: "/proc/self/cgroup", under: "/sys/fs/cgroup"),
  slurm: ProcessInfo.processInfo.environment["SLURM_CPUS_PER_TASK"].flatMap { Int($0) })

/// The number of processors this process may use, at least 1.
package var availableProcessors: Int { processorLimit.count }

/// The smallest of what limits the processors; of equal limits the first.
func smallestLimit(
  machine: Int, affinity: Int?, quota: Double?, slurm: Int?
) -> (count: Int, limit: ProcessorLimit) {
  let limits: [(count: Int?, limit: ProcessorLimit)] = [
    (machine, .machine), (affinity, .affinity),
    (quota.map { Int(min(max($0, 1), 1e6).rounded(.up)) }, .quota), (slurm, .slurm),
  ]
  return limits.reduce((max(1, machine), .machine)) { smallest, next in
    guard let count = next.count, count >= 1, count < smallest.count else { return smallest }
    return (count, next.limit)
  }
}

/// The processors' time in each period that the control group of a process and those above it may
/// use (`cpu.max`, version 2 of control groups; `cpu.cfs_quota_us`, version 1); nil without a limit.
///
/// - Parameters:
///   - membership: The file that names the group of the process.
///   - root: Where the groups are mounted.
func quota(of membership: String, under root: String) -> Double? {
  groupFolders(of: membership, under: root, controller: "cpu").compactMap { quota(in: $0) }.min()
}

/// The folders of the control group of a process and of those above it.
///
/// - Parameter controller: What they control, for version 1, where it has a folder of its own.
func groupFolders(of membership: String, under root: String, controller: String) -> [String] {
  let lines = ((try? String(contentsOfFile: membership, encoding: .utf8)) ?? "")
    .split(separator: "\n").map { $0.split(separator: ":", omittingEmptySubsequences: false) }
  return lines.flatMap { line -> [String] in
    guard line.count == 3 else { return [] }
    let controllers = line[1].split(separator: ",")
    guard controllers.isEmpty || controllers.contains(Substring(controller)) else { return [] }
    // Inside a container the path can be that of the host; then the root is the group's own.
    let parts = line[2].split(separator: "/")
    return [root, "\(root)/\(controller)"]
      + (1..<(parts.count + 1)).flatMap { depth in
        let path = parts.prefix(depth).joined(separator: "/")
        return ["\(root)/\(path)", "\(root)/\(controller)/\(path)"]
      }
  }
}

private func quota(in folder: String) -> Double? {
  func numbers(_ name: String) -> [Double?] {
    ((try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)) ?? "")
      .split(whereSeparator: \.isWhitespace).map { Double($0) }
  }
  let pair =
    numbers("cpu.max") + numbers("cpu.cfs_quota_us").prefix(1)
    + numbers("cpu.cfs_period_us").prefix(1)
  // "max 100000" and −1 are no limits.
  guard pair.count == 2, let time = pair[0], let period = pair[1], time > 0, period > 0 else {
    return nil
  }
  return time / period
}
