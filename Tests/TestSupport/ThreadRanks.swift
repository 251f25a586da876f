import Foundation
import Kernels
import Synchronization

/// Runs `body` on as many ranks as are wanted, each a thread of this process, and returns what each
/// has returned.
package func onRanks<Result: Sendable>(
  _ count: Int, _ body: @escaping @Sendable (Ranks) throws -> Result
) throws -> [Result] {
  let mail = Mail()
  let results = Mutex([Int: Swift.Result<Result, any Error>]())
  let finished = DispatchGroup()
  for rank in 0..<count {
    finished.enter()
    let thread = Thread {
      let ranks = Ranks(rank: rank, of: count) { sent, received in
        for message in sent { mail.send(Array(message.bytes), from: rank, to: message.rank) }
        for message in received {
          message.bytes.copyBytes(from: mail.receive(from: message.rank, to: rank))
        }
      }
      let result = Swift.Result { try body(ranks) }
      results.withLock { $0[rank] = result }
      finished.leave()
    }
    thread.stackSize = 8 << 20
    thread.start()
  }
  finished.wait()
  let all = results.withLock { $0 }
  return try (0..<count).compactMap { try all[$0]?.get() }
}

/// Messages that were sent and not yet received.
private final class Mail: Sendable {
  private struct Way: Hashable {
    let from, to: Int
  }

  private let arrival = NSCondition()
  nonisolated(unsafe) private var messages: [Way: [[UInt8]]] = [:]

  func send(_ bytes: [UInt8], from: Int, to: Int) {
    arrival.withLock {
      messages[Way(from: from, to: to), default: []].append(bytes)
      arrival.broadcast()
    }
  }

  func receive(from: Int, to: Int) -> [UInt8] {
    arrival.withLock {
      let way = Way(from: from, to: to)
      while messages[way, default: []].isEmpty { arrival.wait() }
      return messages[way, default: []].removeFirst()
    }
  }
}
