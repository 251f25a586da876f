import Foundation
import Testing

@testable import Kernels

@Suite struct AvailableProcessorsTests {
  @Test func `the smallest limit decides, and of equal ones the first`() {
    for (limits, count, name): ((Int, Int?, Double?, Int?), Int, ProcessorLimit) in [
      ((8, 8, nil, nil), 8, .machine), ((8, 4, nil, nil), 4, .affinity),
      ((8, 4, 2.5, nil), 3, .quota), ((8, 8, 0.2, nil), 1, .quota), ((8, 4, 4, 4), 4, .affinity),
      ((64, 64, nil, 16), 16, .slurm), ((8, 8, nil, 16), 8, .machine),
      ((8, 8, nil, 0), 8, .machine),
      ((0, nil, nil, nil), 1, .machine), ((8, nil, .infinity, nil), 8, .machine),
    ] {
      let smallest = smallestLimit(
        machine: limits.0, affinity: limits.1, quota: limits.2, slurm: limits.3)
      #expect(smallest.count == count && smallest.limit == name, "\(limits)")
    }
  }

  @Test func `a control group's quota is the smallest of its own and those above it`() throws {
    let root = FileManager.default.temporaryDirectory.path + "/cgroup-\(UUID())"
    defer { try? FileManager.default.removeItem(atPath: root) }
    func write(_ text: String, _ path: String) throws {
      let folder = URL(fileURLWithPath: "\(root)/\(path)").deletingLastPathComponent()
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try text.write(toFile: "\(root)/\(path)", atomically: false, encoding: .utf8)
    }
    try write("0::/a/b\n", "self")
    #expect(quota(of: "\(root)/self", under: root) == nil)
    try write("max 100000\n", "a/cpu.max")
    #expect(quota(of: "\(root)/self", under: root) == nil)
    try write("150000 100000\n", "a/b/cpu.max")
    #expect(quota(of: "\(root)/self", under: root) == 1.5)
    try write("50000 100000\n", "a/cpu.max")
    #expect(quota(of: "\(root)/self", under: root) == 0.5)
    // Version 1, where every controller has a line and a folder of its own.
    try write("3:memory:/x\n2:cpu,cpuacct:/x\n", "self1")
    try write("200000\n", "cpu/x/cpu.cfs_quota_us")
    try write("100000\n", "cpu/x/cpu.cfs_period_us")
    #expect(quota(of: "\(root)/self1", under: root) == 2)
    try write("-1\n", "cpu/x/cpu.cfs_quota_us")
    #expect(quota(of: "\(root)/self1", under: root) == nil)
    #expect(quota(of: "\(root)/none", under: root) == nil)
  }

  @Test func `this process has at least one processor`() {
    #expect(availableProcessors >= 1)
    #expect(availableProcessors <= ProcessInfo.processInfo.processorCount)
  }
}
