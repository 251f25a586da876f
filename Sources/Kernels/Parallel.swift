import Dispatch
import Foundation

/// The number of processors this process may use, at least 1.
package var availableProcessors: Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }

/// Runs `body` for every index in `0 ..< count` on up to `workers` threads, and returns when all are done.
///
/// Worker `w` takes the indices `w, w + workers, …` in order, so which thread does what is fixed. BLAS runs on
/// one thread everywhere in this program: this is the only place that forks.
package func parallel(_ count: Int, workers: Int, _ body: (Int) -> Void) {
  let used = min(count, max(1, workers))
  guard used > 1 else {
    for index in 0..<count { body(index) }
    return
  }
  withoutActuallyEscaping(body) { body in
    // The caller promises that different indices touch different memory.
    nonisolated(unsafe) let shared = body
    DispatchQueue.concurrentPerform(iterations: used) { worker in
      for index in stride(from: worker, to: count, by: used) { shared(index) }
    }
  }
}
