import Images
import Testing

@Suite struct ImageSetTests {
  private func set(_ labels: [Int]) -> ImageSet {
    ImageSet(
      shape: ImageShape(channels: 1, size: 1), pixels: labels.indices.map { UInt8($0) },
      labels: labels)
  }

  @Test func `some images are spread over the set, whatever the order of its classes`() {
    let (sorted, turns) = (set((0..<200).map { $0 / 20 }), set((0..<200).map { $0 % 10 }))
    for set in [sorted, turns] {
      let some = set.spread(20)
      #expect(Set(some.labels ?? []) == Set(0..<10))
      // One of each stretch of ten.
      #expect(some.pixels.map { Int($0) / 10 } == Array(0..<20))
    }
    #expect(sorted.spread(200) == sorted && sorted.spread(1_000) == sorted)
    #expect(sorted.spread(1).pixels == [0])
  }
}
