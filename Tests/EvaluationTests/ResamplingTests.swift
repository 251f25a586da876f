import Evaluation
import TestSupport
import Testing

@Suite struct ResamplingTests {
  @Test func `systematic picks equal NumPy's`() throws {
    let golden = try Golden.load()
    #expect(systematicPicks(try goldenWeights(golden)) == golden.systematic.picks)
  }

  @Test func `multinomial picks equal NumPy's`() throws {
    let golden = try Golden.load()
    let weights = try goldenWeights(golden)
    var generator = PCG64(seed: 0)
    let picks = multinomialPicks(weights, count: weights.count) { generator.uniform() }
    #expect(picks == golden.multinomial.picks)
  }

  private func goldenWeights(_ golden: Golden) throws -> [Double] {
    let logWeights = try LogWeights(
      energies: Array(golden.finiteOrNot.energies.prefix(golden.count)),
      logDensities: Array(golden.finiteOrNot.logDensities.prefix(golden.count)))
    return normalizedWeights(logWeights.rowsWithinClip.map { logWeights.values[$0] })
  }

  @Test func `the generator's draws equal NumPy's`() throws {
    let draws = try Golden.load().draws
    var integers = PCG64(seed: draws.indicesSeed)
    #expect(draws.indices.map { _ in integers.index(below: draws.indicesBelow) } == draws.indices)
    var uniforms = PCG64(seed: draws.uniformsSeed)
    #expect(draws.uniforms.map { _ in uniforms.uniform() } == draws.uniforms)
  }

  @Test func `equal weights pick every row once`() {
    #expect(systematicPicks(Array(repeating: 0.125, count: 8)) == Array(0..<8))
  }

  @Test func `systematic picks differ from n times the weight by less than one`() {
    let weights = normalizedWeights(normals(400, deviation: 1.5, seed: 3))
    var counts = Array(repeating: 0.0, count: 400)
    for row in systematicPicks(weights) { counts[row] += 1 }
    for row in weights.indices { #expect(abs(counts[row] - 400 * weights[row]) < 1) }
  }

  @Test func `rows of weight zero are never picked`() {
    let weights = [0, 0.5, 0, 0.5, 0]
    #expect(Set(systematicPicks(weights)) == [1, 3])
    var uniforms = [0, 0.25, 0.5, 0.75, 1.0.nextDown][...]
    #expect(multinomialPicks(weights, count: 5) { uniforms.removeFirst() } == [1, 1, 3, 3, 3])
  }

  @Test func `one row is picked alone, none from none`() {
    #expect(systematicPicks([1]) == [0])
    #expect(systematicPicks([]) == [])
    #expect(multinomialPicks([1], count: 2) { 0.999 } == [0, 0])
  }

  @Test func `the mean of a resample is the weighted mean within its error`() {
    let values = normals(2_000, deviation: 2, seed: 5)
    let weights = normalizedWeights(normals(2_000, seed: 6))
    let expected = zip(values, weights).reduce(0) { $0 + $1.0 * $1.1 }
    let variance = zip(values, weights).reduce(0) {
      $0 + $1.1 * ($1.0 - expected) * ($1.0 - expected)
    }
    let error = (variance / 2_000).squareRoot()
    var generator = PCG64(seed: 8)
    let drawn = multinomialPicks(weights, count: 2_000) { generator.uniform() }
    for picks in [systematicPicks(weights), drawn] {
      let mean = picks.reduce(0) { $0 + values[$1] } / 2_000
      #expect(abs(mean - expected) < 4 * error)
    }
  }
}
