import Dispatch
import Runs
import RunsTestSupport
import Testing

@Suite struct RunContextTests {
  @Test func `what several threads report is summed`() {
    let log = CapturedLog()
    let count = log.context().counting("sampling", of: 300)
    DispatchQueue.concurrentPerform(iterations: 100) { count($0 % 3 + 2) }
    let parts = (0..<100).reduce(0) { $0 + $1 % 3 + 2 }
    #expect(parts == 299)
    let progress = log.progress
    #expect(progress.count == 101)
    #expect(progress.first == WorkProgress("sampling", done: 0, of: 300))
    #expect(progress.last == WorkProgress("sampling", done: 299, of: 300))
    #expect(zip(progress, progress.dropFirst()).allSatisfy { (2...4).contains($1.done - $0.done) })
  }

  @Test func `records name the program with its version`() {
    #expect(CapturedLog().context().program == "tarflow-mol 1.2.3")
  }
}
