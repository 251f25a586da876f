/// Scratch memory that is taken bit by bit and given back all at once.
///
/// A training step takes the same memory every time; after the first step nothing is allocated. One
/// arena belongs to one worker at a time.
package final class Arena {
  private var blocks: [UnsafeMutableRawBufferPointer] = []
  private var used = 0
  private var spilled = 0

  package init() {}

  /// The bytes that are taken.
  package var bytes: Int { spilled + used }

  deinit { for block in blocks { block.deallocate() } }

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
    let bytes = Self.bytes(type, count)
    if blocks.isEmpty || used + bytes > (blocks.last?.count ?? 0) {
      spilled += used
      used = 0
      let size = max(bytes, 2 * (blocks.last?.count ?? 1 << 19))
      blocks.append(.allocate(byteCount: size, alignment: 64))
    }
    guard let start = blocks.last?.baseAddress else {
      preconditionFailure("an arena block without memory")
    }
    defer { used += bytes }
    return (start + used).bindMemory(to: type, capacity: count)
  }

  /// The bytes that `count` elements take, in whole cache lines.
  package static func bytes<Element: BitwiseCopyable>(_ type: Element.Type, _ count: Int) -> Int {
    (count * MemoryLayout<Element>.stride + 63) & ~63
  }

  /// The bytes that `count` floats take, or a matrix of so many.
  package static func bytes(floats count: Int) -> Int { bytes(Float.self, count) }

  /// Gives everything back; several blocks are joined into one for the next time.
  package func reset() {
    if blocks.count > 1 {
      let total = spilled + used + (1 << 16)
      for block in blocks { block.deallocate() }
      blocks = [.allocate(byteCount: total, alignment: 64)]
    }
    used = 0
    spilled = 0
  }
}
