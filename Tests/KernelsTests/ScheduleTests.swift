import Foundation
import Kernels
import TestSupport
import Testing

@Suite struct ScheduleTests {
  @Test func `one cycle is PyTorch's`() {
    // torch 2.15.0:
    // s = OneCycleLR(SGD([p], lr=0.1), max_lr=2e-3, total_steps=200, pct_start=0.05,
    // div_factor=500,
    //                final_div_factor=1, anneal_strategy="cos")
    // and s.get_last_lr()[0] before each s.step(); a warm-up of 0.05 · 200 = 10 steps.
    let golden: [(step: Int, rate: Double)] = [
      (0, 4.000000000000097e-06), (1, 6.418676445566342e-05), (4, 0.0008286991186884033),
      (8, 0.0019398132355443365), (9, 0.002), (10, 0.001999863578382484),
      (50, 0.0017793195242045883), (104, 0.001002), (150, 0.00031402529769967134),
      (198, 4.1364216175159336e-06), (199, 4e-06),
    ]
    let rates = golden.map {
      Schedule.oneCycle.rate(
        step: $0.step, steps: 200, peak: 2e-3, warmUp: 10, finalFraction: 0.5)
    }
    expectClose(rates, golden.map(\.rate), absolute: 1e-15, "rate")
  }

  @Test func `cosine warms up linearly and falls to the final fraction`() {
    func rate(_ step: Int) -> Double {
      Schedule.cosine.rate(step: step, steps: 101, peak: 3, warmUp: 20, finalFraction: 0.1)
    }
    expectClose(
      [0, 9, 19, 20, 60, 100].map(rate), [0.15, 1.5, 3, 3, 0.3 + 2.7 / 2, 0.3], absolute: 1e-12)
    let quarter = 0.3 + 2.7 * (1 + cos(Double.pi / 4)) / 2
    expectClose([rate(40)], [quarter], absolute: 1e-12)
  }

  @Test(arguments: Schedule.allCases, [(0, 10), (1, 10), (10, 10), (50, 10), (0, 1), (1, 1)])
  func `every schedule stays between zero and the peak`(
    schedule: Schedule, lengths: (warmUp: Int, steps: Int)
  ) {
    for step in 0..<lengths.steps {
      let rate = schedule.rate(
        step: step, steps: lengths.steps, peak: 2, warmUp: lengths.warmUp, finalFraction: 0.02)
      #expect(rate > 0 && rate <= 2 + 1e-12, "step \(step)")
    }
  }

  @Test func `warm cosine starts and ends at the final fraction`() {
    // The published code's values: lr 1e-4, 1e-6 at least, 10 of 50 steps to warm up.
    func rate(_ step: Int) -> Double {
      Schedule.warmCosine.rate(step: step, steps: 50, peak: 1e-4, warmUp: 10, finalFraction: 0.01)
    }
    expectClose(
      [0, 1, 10, 30].map(rate), [1e-6, 1.09e-5, 1e-4, 1e-6 + 0.5 * 9.9e-5], relative: 1e-12)
    let last = 1e-6 + 0.5 * (1 + cos(Double.pi * 39 / 40)) * 9.9e-5
    expectClose([rate(49)], [last], relative: 1e-12)
  }

  @Test func `constant is the peak`() {
    #expect(
      Schedule.constant.rate(step: 3, steps: 10, peak: 0.5, warmUp: 5, finalFraction: 0) == 0.5)
  }
}
