import Kernels
import Testing

@Suite struct ParallelTests {
  @Test(arguments: [0, 1, 2, 7, 100], [0, 1, 2, 3, 200])
  func `every index is run once`(count: Int, workers: Int) {
    var runs = [Int](repeating: 0, count: count)
    runs.withUnsafeMutableBufferPointer { runs in
      parallel(count, workers: workers) { runs[$0] += 1 }
    }
    #expect(runs == [Int](repeating: 1, count: count))
  }

  @Test func `a worker does one thing at a time, and has a number of its own`() {
    var busy = [Bool](repeating: false, count: 3)
    var collisions = [Int](repeating: 0, count: 3)
    busy.withUnsafeMutableBufferPointer { busy in
      collisions.withUnsafeMutableBufferPointer { collisions in
        parallel(600, workers: 3) { _, worker in
          if busy[worker] { collisions[worker] += 1 }
          busy[worker] = true
          for _ in 0..<1_000 where !busy[worker] { collisions[worker] += 1 }
          busy[worker] = false
        }
      }
    }
    #expect(collisions == [0, 0, 0])
  }

  @Test func `a fork within a fork, and forks of many threads at once, do all their work`() async {
    @Sendable func nested() -> [Int] {
      var sums = [Int](repeating: 0, count: 20)
      sums.withUnsafeMutableBufferPointer { sums in
        parallel(20, workers: 3) { outer in
          var parts = [Int](repeating: 0, count: 10)
          parts.withUnsafeMutableBufferPointer { parts in
            parallel(10, workers: 2) { parts[$0] = outer + $0 }
          }
          sums[outer] = parts.reduce(0, +)
        }
      }
      return sums
    }
    let expected = (0..<20).map { 10 * $0 + 45 }
    await withTaskGroup(of: [Int].self) { group in
      for _ in 0..<50 { group.addTask { nested() } }
      for await sums in group { #expect(sums == expected) }
    }
  }

  @Test func `there is a processor`() { #expect(availableProcessors >= 1) }
}
