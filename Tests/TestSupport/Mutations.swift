import Foundation
import Testing

/// Gives damaged copies of a file: cut at every 64th byte, with each bit of the first 4 KiB turned,
/// and continued from every 64th byte on with another file of its kind.
///
/// - Parameters:
///   - limit: About how many of them; `TARFLOW_TEST_MUTATIONS=all` gives all.
///   - body: Takes what was done and the bytes.
/// - Returns: How many there were.
package func forEachMutation(
  of bytes: [UInt8], splicedWith other: [UInt8], limit: Int,
  _ body: (_ change: String, _ bytes: [UInt8]) throws -> Void
) rethrows -> Int {
  let bits = 8 * min(bytes.count, 4096)
  let pieces = (bytes.count + 63) / 64
  let all = pieces + bits + pieces
  let takesAll = ProcessInfo.processInfo.environment["TARFLOW_TEST_MUTATIONS"] == "all"
  // An odd step meets all bits of a byte, one after the other.
  let step = takesAll ? 1 : max(1, all / limit) | 1
  var count = 0
  for number in stride(from: 0, to: all, by: step) {
    count += 1
    if number < pieces {
      try body("cut at \(64 * number)", Array(bytes.prefix(64 * number)))
    } else if number < pieces + bits {
      let bit = number - pieces
      var changed = bytes
      changed[bit / 8] ^= 1 << (bit % 8)
      try body("bit \(bit % 8) of byte \(bit / 8)", changed)
    } else {
      let place = 64 * (number - pieces - bits)
      let spliced = bytes.prefix(place) + other.dropFirst(place)
      // The other file itself is no damage.
      if place > 0, !spliced.elementsEqual(other) {
        try body("spliced at \(place)", Array(spliced))
      }
    }
  }
  if takesAll { print("\(count) damaged files of \(bytes.count) bytes") }
  return count
}

/// Reads damaged copies of a text file at `path`; more than half are to be refused, and what `read`
/// lets pass has to be what it gives for the whole.
///
/// - Parameter limit: As in ``forEachMutation(of:splicedWith:limit:_:)``.
package func expectDamageNoticed<Value: Equatable>(
  _ path: String, as whole: String, splicedWith other: String, limit: Int,
  read: () throws -> Value?
) throws {
  try Data(whole.utf8).write(to: URL(fileURLWithPath: path))
  let expected = try #require(try read())
  var refused = 0
  let count = try forEachMutation(
    of: Array(whole.utf8), splicedWith: Array(other.utf8), limit: limit
  ) { change, bytes in
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    guard let found = try? read() else {
      refused += 1
      return
    }
    #expect(found == expected, "\(change)")
  }
  #expect(refused > count / 2)
}
