import Foundation
import Kernels
import Synchronization

/// Runs `body` on as many ranks as are wanted, each a thread of this process, and returns what each
/// has returned.
///
/// A rank that waits for one that has ended cannot go on: its thread rests for good.
/// - Throws: What `body` has thrown on the first rank that failed; `RankIsGone` if none did.
package func onRanks<Result: Sendable>(
  _ count: Int, _ body: @escaping @Sendable (Ranks) throws -> Result
) throws -> [Result] {
  let mail = Mail()
  let results = Mutex([Int: Swift.Result<Result, any Error>]())
  let finished = DispatchGroup()
  for rank in 0..<count {
    finished.enter()
    let end: @Sendable (Swift.Result<Result, any Error>) -> Void = { result in
      results.withLock { $0[rank] = result }
      mail.end(of: rank)
      finished.leave()
    }
    let thread = Thread {
      let ranks = Ranks(rank: rank, of: count) { sent, received in
        for message in sent { mail.send(Array(message.bytes), from: rank, to: message.rank) }
        for message in received {
          guard let bytes = mail.receive(from: message.rank, to: rank) else {
            end(.failure(RankIsGone(rank: message.rank)))
            rest()
          }
          message.bytes.copyBytes(from: bytes)
        }
      }
      end(Swift.Result { try body(ranks) })
    }
    thread.stackSize = 8 << 20
    thread.start()
  }
  finished.wait()
  let all = results.withLock { $0 }
  let failures = (0..<count).compactMap { rank -> (any Error)? in
    guard case .failure(let error)? = all[rank] else { return nil }
    return error
  }
  if let cause = failures.first(where: { !($0 is RankIsGone) }) { throw cause }
  return try (0..<count).compactMap { try all[$0]?.get() }
}

/// A message was awaited from a rank that had ended.
package struct RankIsGone: Error {
  package let rank: Int
}

/// An exchange can neither throw nor return without its messages.
private func rest() -> Never {
  while true { Thread.sleep(forTimeInterval: 1_000) }
}

/// Messages that were sent and not yet received.
private final class Mail: Sendable {
  private struct Way: Hashable {
    let from, to: Int
  }

  private let arrival = NSCondition()
  nonisolated(unsafe) private var messages: [Way: [[UInt8]]] = [:]
  nonisolated(unsafe) private var ended: Set<Int> = []

  func send(_ bytes: [UInt8], from: Int, to: Int) {
    arrival.withLock {
      messages[Way(from: from, to: to), default: []].append(bytes)
      arrival.broadcast()
    }
  }

  /// Nothing more comes from a rank.
  func end(of rank: Int) {
    arrival.withLock {
      ended.insert(rank)
      arrival.broadcast()
    }
  }

  /// The next message; nil when the sender has ended without one.
  func receive(from: Int, to: Int) -> [UInt8]? {
    arrival.withLock { () -> [UInt8]? in
      let way = Way(from: from, to: to)
      while messages[way, default: []].isEmpty {
        if ended.contains(from) { return nil }
        arrival.wait()
      }
      return messages[way, default: []].removeFirst()
    }
  }
}
