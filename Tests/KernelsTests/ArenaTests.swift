import Kernels
import Testing

@Suite struct ArenaTests {
  private let sizes = [1, 3, 16, 17, 0, 100_000, 300_000, 5, 1_000_000, 33]

  @Test func `pieces are aligned to cache lines and do not overlap`() {
    let arena = Arena()
    for _ in 0..<3 {
      let pieces = sizes.map { (start: arena.floats($0), count: $0) }
      for piece in pieces { #expect(Int(bitPattern: piece.start) % 64 == 0) }
      for (index, piece) in pieces.enumerated() {
        piece.start.update(repeating: Float(index), count: piece.count)
      }
      for (index, piece) in pieces.enumerated() where piece.count > 0 {
        #expect(piece.start[0] == Float(index) && piece.start[piece.count - 1] == Float(index))
      }
      arena.reset()
    }
  }

  @Test func `after the first reset the same pieces come from the same place`() {
    let arena = Arena()
    func take() -> [UnsafeMutablePointer<Float>] {
      defer { arena.reset() }
      return sizes.map { arena.floats($0) }
    }
    _ = take()
    let second = take()
    for _ in 0..<5 { #expect(take() == second) }
    // All of them lie in one chunk, one after the other.
    #expect(zip(second, second.dropFirst()).allSatisfy { $0 <= $1 })
  }
}
