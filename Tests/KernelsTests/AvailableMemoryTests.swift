import Foundation
import TestSupport
import Testing

@testable import Kernels

@Suite struct AvailableMemoryTests {
  @Test func `the smallest limit decides`() {
    for (limits, bytes, name): ((Double, Double?, Double?), Double, MemoryLimit) in [
      ((8e9, nil, nil), 8e9, .machine), ((8e9, 2e9, nil), 2e9, .group),
      ((8e9, 2e9, 1e9), 1e9, .process), ((8e9, 9e18, 9e18), 8e9, .machine),
    ] {
      let smallest = smallestMemory(machine: limits.0, group: limits.1, process: limits.2)
      #expect(smallest.bytes == bytes && smallest.limit == name, "\(limits)")
    }
  }

  @Test func `a control group's memory is the smallest of its own and those above it`() throws {
    try withTemporaryFolder { root in
      try createFile("0::/job/step\n", path: "\(root)/self")
      #expect(memoryLimit(of: "\(root)/self", under: root) == nil)
      try createFile("max\n", path: "\(root)/job/memory.max")
      #expect(memoryLimit(of: "\(root)/self", under: root) == nil)
      try createFile("2000000000\n", path: "\(root)/job/step/memory.max")
      #expect(memoryLimit(of: "\(root)/self", under: root) == 2e9)
      try createFile("1000000000\n", path: "\(root)/job/memory.max")
      #expect(memoryLimit(of: "\(root)/self", under: root) == 1e9)
      try createFile("3:cpu:/x\n2:memory:/x\n", path: "\(root)/self1")
      try createFile("9223372036854771712\n", path: "\(root)/memory/memory.limit_in_bytes")
      try createFile("500000000\n", path: "\(root)/memory/x/memory.limit_in_bytes")
      #expect(memoryLimit(of: "\(root)/self1", under: root) == 5e8)
    }
  }

  @Test func `this process may use some`() {
    #expect(availableMemory > 1e6)
    #expect(availableMemory <= Double(ProcessInfo.processInfo.physicalMemory))
  }
}
