import Testing

@testable import ImageRuns

@Suite struct ImageStatisticsTests {
  @Test func `accuracies are those of each class, with what it is taken for`() {
    let found = classAccuracies([0, 0, 0, 0, 1, 1, 3], [0, 2, 2, 1, 1, 1, 0], classes: 4)
    #expect(
      found == [
        ClassAccuracy(count: 4, correct: 1, mistaken: (2, 2)), ClassAccuracy(count: 2, correct: 2),
        ClassAccuracy(), ClassAccuracy(count: 1, correct: 0, mistaken: (0, 1)),
      ])
  }

  @Test func `an image without a prediction counts as wrong`() {
    let found = classAccuracies([0, 0, 1], [0, nil, nil], classes: 2)
    #expect(found == [ClassAccuracy(count: 2, correct: 1), ClassAccuracy(count: 1)])
  }

  @Test func `a share of all or none has an error, and that of no image is none`() throws {
    #expect(ClassAccuracy().share == nil)
    for correct in [0, 8] {
      let share = try #require(ClassAccuracy(count: 8, correct: correct).share)
      #expect(share.value == Double(correct) / 8)
      #expect(abs(share.error - (0.09 / 8).squareRoot()) < 1e-12)
    }
  }

  @Test func `moments of latents are those of numbers that are known`() {
    // Two dimensions, ±1 and ±3: the variance is 5, the fourth moment 41.
    let found = LatentStatistics([1, 3, -1, -3, 1, -3, -1, 3], dimensions: 2)
    #expect(found.mean == 0 && abs(found.deviation * found.deviation - 5) < 1e-12)
    #expect(abs(found.kurtosis - (41.0 / 25 - 3)) < 1e-12)
    #expect(found.leastDeviation == 1 && found.largestDeviation == 3)
    let shifted = LatentStatistics([2, 4, 2, 4], dimensions: 2)
    #expect(shifted.mean == 3 && shifted.largestDeviation == 0)
  }
}
