/// Scratch memory that is taken piece by piece and given back all at once.
///
/// A training step takes the same pieces every time; after the first step nothing is allocated. One arena belongs
/// to one worker at a time.
package final class Arena {
  private var chunks: [UnsafeMutableRawBufferPointer] = []
  private var used = 0
  private var spilled = 0

  package init() {}

  deinit { for chunk in chunks { chunk.deallocate() } }

  /// A contiguous matrix with undefined elements, aligned to a cache line, valid until `reset`.
  package func matrix(_ rows: Int, _ columns: Int) -> Matrix {
    Matrix(floats(rows * columns), rows: rows, columns: columns)
  }

  /// `count` undefined floats, aligned to a cache line, valid until `reset`.
  package func floats(_ count: Int) -> UnsafeMutablePointer<Float> { memory(of: Float.self, count) }

  /// `count` undefined elements, aligned to a cache line, valid until `reset`.
  package func memory<Element: BitwiseCopyable>(of type: Element.Type, _ count: Int)
    -> UnsafeMutablePointer<Element>
  {
    let bytes = (count * MemoryLayout<Element>.stride + 63) & ~63
    if chunks.isEmpty || used + bytes > (chunks.last?.count ?? 0) {
      spilled += used
      used = 0
      let size = max(bytes, 2 * (chunks.last?.count ?? 1 << 19))
      chunks.append(.allocate(byteCount: size, alignment: 64))
    }
    guard let start = chunks.last?.baseAddress else {
      preconditionFailure("an arena chunk without memory")
    }
    defer { used += bytes }
    return (start + used).bindMemory(to: type, capacity: count)
  }

  /// Gives everything back; several chunks are joined into one for the next time.
  package func reset() {
    if chunks.count > 1 {
      let total = spilled + used + (1 << 16)
      for chunk in chunks { chunk.deallocate() }
      chunks = [.allocate(byteCount: total, alignment: 64)]
    }
    used = 0
    spilled = 0
  }
}
