import Foundation
import TestSupport
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
    try withTemporaryFolder { root in
      try createFile("0::/a/b\n", path: "\(root)/self")
      #expect(quota(of: "\(root)/self", under: root) == nil)
      try createFile("max 100000\n", path: "\(root)/a/cpu.max")
      #expect(quota(of: "\(root)/self", under: root) == nil)
      try createFile("150000 100000\n", path: "\(root)/a/b/cpu.max")
      #expect(quota(of: "\(root)/self", under: root) == 1.5)
      try createFile("50000 100000\n", path: "\(root)/a/cpu.max")
      #expect(quota(of: "\(root)/self", under: root) == 0.5)
      // Version 1, where every controller has a line and a folder of its own.
      try createFile("3:memory:/x\n2:cpu,cpuacct:/x\n", path: "\(root)/self1")
      try createFile("200000\n", path: "\(root)/cpu/x/cpu.cfs_quota_us")
      try createFile("100000\n", path: "\(root)/cpu/x/cpu.cfs_period_us")
      #expect(quota(of: "\(root)/self1", under: root) == 2)
      try createFile("-1\n", path: "\(root)/cpu/x/cpu.cfs_quota_us")
      #expect(quota(of: "\(root)/self1", under: root) == nil)
      #expect(quota(of: "\(root)/none", under: root) == nil)
    }
  }

  @Test func `this process has at least one processor`() {
    #expect(availableProcessors >= 1)
    #expect(availableProcessors <= ProcessInfo.processInfo.processorCount)
  }
}
