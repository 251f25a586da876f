import Testing

@testable import Boltzmann

/// Curves of trainings that were validated at other steps or times.
@Suite struct ComparedTrainingTests {
  @Test func `a line goes through its corners and ends where they end`() {
    let course = [(place: 2.0, value: 5.0), (place: 4, value: 9), (place: 5, value: 1)]
    #expect(
      interpolated(course, at: [1, 2, 2.5, 3, 4, 4.75, 5, 6])
        == [nil, 5, 6, 7, 9, 3, 1, nil])
    #expect(interpolated([], at: [1, 2]) == [nil, nil])
  }
}
