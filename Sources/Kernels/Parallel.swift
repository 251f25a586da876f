import Foundation
import Synchronization

/// Runs `body` for every index in `0 ..< count` on up to `workers` threads, and returns when all
/// are done.
///
/// Free workers take the next index, so which thread does what is open: `body` may write only what
/// belongs to its index. BLAS runs on one thread everywhere in this program: this is the only place
/// that forks.
package func parallel(_ count: Int, workers: Int, _ body: (Int) -> Void) {
  parallel(count, workers: workers) { index, _ in body(index) }
}

/// As above, and tells `body` the number of its worker, from 0, for memory that belongs to a
/// worker.
package func parallel(_ count: Int, workers: Int, _ body: (_ index: Int, _ worker: Int) -> Void) {
  let used = min(count, max(1, workers))
  guard used > 1, pool.run(count, workers: used, body) else {
    for index in 0..<count { body(index, 0) }
    return
  }
}

/// What `body` returns for every index in `0 ..< count`, in their order, computed on up to
/// `workers` threads.
package func parallelMap<Result>(
  _ count: Int, workers: Int, _ body: (_ index: Int, _ worker: Int) -> Result
) -> [Result] {
  [Result](unsafeUninitializedCapacity: count) { results, initialized in
    // Each index initializes its own element.
    nonisolated(unsafe) let results = results
    parallel(count, workers: workers) { index, worker in
      results.initializeElement(at: index, to: body(index, worker))
    }
    initialized = count
  }
}

private let pool = WorkerPool()

/// Threads that wait for work: a while at full speed, since more often comes at once, and then
/// asleep.
private final class WorkerPool: Sendable {
  /// One fork, on the caller's stack until every helper has finished: what to do, and how far it
  /// is.
  private struct Job: ~Copyable {
    let body: (Int, Int) -> Void
    let count: Int
    let next = Atomic(0)
    /// Helpers that have not finished.
    let running: Atomic<Int>

    init(_ body: @escaping (Int, Int) -> Void, count: Int, helpers: Int) {
      self.body = body
      self.count = count
      running = Atomic(helpers)
    }

    func work(as worker: Int) {
      while true {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        if index >= count { return }
        body(index, worker)
      }
    }
  }

  private struct State {
    var job: UnsafePointer<Job>?
    /// Helpers that this job may still take.
    var openings = 0
    var threads = 0
  }

  private let busy = Atomic(false)
  /// Changes with every job, so that waiting threads see it without a lock.
  private let generation = Atomic(0)
  private let wake = NSCondition()
  nonisolated(unsafe) private var state = State()

  /// Runs a job on the calling thread and `workers − 1` helpers; false, with nothing done, when the
  /// pool is in use: by another thread, or by the very job that calls.
  func run(_ count: Int, workers: Int, _ body: (Int, Int) -> Void) -> Bool {
    guard busy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
    else { return false }
    defer { busy.store(false, ordering: .releasing) }
    withoutActuallyEscaping(body) { body in
      withUnsafePointer(to: Job(body, count: count, helpers: workers - 1)) { job in
        wake.withLock {
          while state.threads < workers - 1 { startThread() }
          state.job = job
          state.openings = workers - 1
          generation.wrappingAdd(1, ordering: .releasing)
          wake.broadcast()
        }
        job.pointee.work(as: 0)
        // Who has not come by now has nothing left to do.
        wake.withLock {
          job.pointee.running.wrappingSubtract(state.openings, ordering: .relaxed)
          state.openings = 0
          state.job = nil
        }
        while job.pointee.running.load(ordering: .acquiring) > 0 { sched_yield() }
      }
    }
    return true
  }

  private func startThread() {
    state.threads += 1
    let thread = Thread { [self] in serve() }
    thread.stackSize = 8 << 20
    thread.start()
  }

  private func serve() {
    var seen = 0
    while true {
      waitAwake(seen)
      let task = wake.withLock { () -> (job: UnsafePointer<Job>, worker: Int)? in
        while generation.load(ordering: .acquiring) == seen { wake.wait() }
        seen = generation.load(ordering: .acquiring)
        guard let job = state.job, state.openings > 0 else { return nil }
        state.openings -= 1
        return (job, state.openings + 1)
      }
      guard let task else { continue }
      task.job.pointee.work(as: task.worker)
      task.job.pointee.running.wrappingSubtract(1, ordering: .releasing)
    }
  }

  private func waitAwake(_ seen: Int) {
    let start = ContinuousClock.now
    while generation.load(ordering: .acquiring) == seen {
      sched_yield()
      if ContinuousClock.now - start > Tuning.patience { return }
    }
  }
}
