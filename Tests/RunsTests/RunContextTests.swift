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

  @Test func `parts of the work are measured, those that fail too`() {
    struct Trouble: Error {}
    let parts = PartTimes()
    #expect(parts.measure("reading") { 7 } == 7)
    #expect(throws: Trouble.self) { try parts.measure("training") { throw Trouble() } }
    #expect(parts.all.map(\.name) == ["reading", "training"])
    #expect(parts.all.allSatisfy { $0.seconds >= 0 && $0.seconds < 60 })
  }

  @Test func `parts that took no time are not named`() {
    let parts = [
      PartTime("reading", seconds: 3.6), PartTime("fitting", seconds: 0.49),
      PartTime("training", seconds: 567),
    ]
    #expect(parts.text == "reading 4 s, training 9 min 27 s")
    #expect([PartTime("reading", seconds: 0.1)].text == "")
  }
}
