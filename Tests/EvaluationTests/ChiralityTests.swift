import Evaluation
import Foundation
import Testing

@Suite struct ChiralityTests {
  private func signs(_ samples: [Int], reference: [Int]) -> IsomerSigns {
    IsomerSigns(names: ["ALA1 CA", "ILE2 CB"], samples: samples, reference: reference)
  }

  @Test func `a frame is right when every centre is`() {
    let samples = [1, -1, 1, 1, -1, 1, 1, 0]
    let found = signs(samples, reference: [1, -1])
    #expect(correctChirality(found) == 0.25)
    #expect(stereocentreFigures(found).map(\.correct) == [0.75, 0.25])
    #expect(stereocentreFigures(found).map(\.atom) == ["ALA1 CA", "ILE2 CB"])
    #expect(correctChirality(signs([1, -1], reference: [1, -1])) == 1)
  }

  @Test func `the reference's majority counts, not its first frame`() {
    let mixed = signs([1, -1, 1, -1], reference: [-1, -1, 1, -1, 1, -1, 1, -1])
    #expect(correctChirality(mixed) == 1)
    let figures = stereocentreFigures(mixed)
    #expect(figures.map(\.reference) == [0.75, 1] && figures.map(\.isMixed) == [true, false])
  }

  @Test func `a centre without a majority is left out`() {
    let even = signs([1, -1, 1, 1], reference: [-1, -1, 1, -1])
    #expect(correctChirality(even) == 0.5)
    #expect(stereocentreFigures(even).map(\.correct) == [nil, 0.5])
    #expect(stereocentreFigures(even)[0].isMixed)
  }

  @Test func `chirality without centres is not determined`() throws {
    #expect(correctChirality(.none) == nil)
    #expect(correctChirality(signs([1, 1], reference: [1, 0, -1, 0])) == nil)
    let written = try JSONEncoder().encode(
      stereocentreFigures(signs([1, 1], reference: [1, 0, -1, 0])))
    #expect(String(decoding: written, as: UTF8.self).contains("\"correct\":null"))
  }

  @Test func `amides are counted as they are and by weight`() {
    let amides = IsomerSigns(
      names: ["a", "b"], samples: [1, -1, -1, -1, 1, 0, -1, -1], reference: [-1, 1, -1, -1])
    let figures = amideFigures(amides, weights: [0.1, 0.2, 0.3, 0.4])
    #expect(figures.map(\.bond) == ["a", "b"])
    #expect(figures.map(\.cis) == [0.5, 0])
    #expect(figures.map(\.reweightedCis) == [0.4, 0])
    #expect(figures.map(\.referenceCis) == [0, 0.5])
  }
}
