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

  @Test func `a worker's indices keep their order`() {
    var places = [Int](repeating: 0, count: 60)
    var next = [Int](repeating: 0, count: 3)
    places.withUnsafeMutableBufferPointer { places in
      next.withUnsafeMutableBufferPointer { next in
        parallel(60, workers: 3) { index in
          places[index] = next[index % 3]
          next[index % 3] += 1
        }
      }
    }
    #expect(places == (0..<60).map { $0 / 3 })
  }

  @Test func `there is a processor`() { #expect(availableProcessors >= 1) }
}
