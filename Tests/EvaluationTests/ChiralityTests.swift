import Evaluation
import Testing

@Suite struct ChiralityTests {
  @Test func `a frame is right when every centre is`() {
    let expected = [1, -1]
    #expect(correctChirality([1, -1, 1, 1, -1, 1, 1, 0], expected: expected, frames: 4) == 0.25)
    #expect(correctChirality([1, -1], expected: expected, frames: 1) == 1)
  }

  @Test func `a molecule without centres is right`() {
    #expect(correctChirality([], expected: [], frames: 3) == 1)
  }
}
