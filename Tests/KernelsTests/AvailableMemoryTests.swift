import Foundation
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
    let root = FileManager.default.temporaryDirectory.path + "/cgroup-\(UUID())"
    defer { try? FileManager.default.removeItem(atPath: root) }
    func write(_ text: String, _ path: String) throws {
      let folder = URL(fileURLWithPath: "\(root)/\(path)").deletingLastPathComponent()
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try text.write(toFile: "\(root)/\(path)", atomically: false, encoding: .utf8)
    }
    try write("0::/job/step\n", "self")
    #expect(memoryLimit(of: "\(root)/self", under: root) == nil)
    try write("max\n", "job/memory.max")
    #expect(memoryLimit(of: "\(root)/self", under: root) == nil)
    try write("2000000000\n", "job/step/memory.max")
    #expect(memoryLimit(of: "\(root)/self", under: root) == 2e9)
    try write("1000000000\n", "job/memory.max")
    #expect(memoryLimit(of: "\(root)/self", under: root) == 1e9)
    try write("3:cpu:/x\n2:memory:/x\n", "self1")
    try write("9223372036854771712\n", "memory/memory.limit_in_bytes")
    try write("500000000\n", "memory/x/memory.limit_in_bytes")
    #expect(memoryLimit(of: "\(root)/self1", under: root) == 5e8)
  }

  @Test func `this process may use some`() {
    #expect(availableMemory > 1e6)
    #expect(availableMemory <= Double(ProcessInfo.processInfo.physicalMemory))
  }
}
