import Evaluation
import Foundation
import TestSupport
import Testing

/// What pymbar found: Tests/Golden/evaluation/free-energies.json.
private struct FreeEnergyGolden: Decodable {
  struct Pair: Decodable {
    var name: String
    var forward, reverse: [Double]
    var value, error: Double
  }
  var energies: [[Double]]
  var counts: [Int]
  var differences, errors: [Double]
  var pairs: [Pair]

  static func load() throws -> FreeEnergyGolden {
    let file = goldenFolder.appending(path: "evaluation/free-energies.json")
    return try JSONDecoder().decode(FreeEnergyGolden.self, from: Data(contentsOf: file))
  }
}

/// pymbar's own iterations end at about 1e-9.
private let pymbarTolerance = 1e-6

@Suite struct FreeEnergyTests {
  @Test(arguments: [1, 3])
  func `equal weights have no variance, however often they are resampled`(resamplings: Int) {
    var generator = PCG64(seed: 5)
    let (count, equal) = (50, [Double](repeating: 1, count: 50))
    let variances = (0..<2_000).map { _ -> Double in
      var ancestors = Array(0..<count)
      for _ in 0..<resamplings {
        let picks = multinomialPicks(equal, count: count) { generator.uniform() }
        ancestors = picks.map { ancestors[$0] }
      }
      var families = [Double](repeating: 0, count: count)
      for ancestor in ancestors { families[ancestor] += 1 / Double(count) }
      return familyVariance(families, ancestors: count, multinomialResamplings: resamplings)
    }
    let mean = variances.reduce(0, +) / 2_000
    let square = variances.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 2_000
    // As if of one resampling, the mean would be 0.02 or 0.06.
    #expect(abs(mean) < 4 * (square / 2_000).squareRoot(), "\(mean)")
    #expect(abs(familyVariance(equal.map { $0 / 50 }, ancestors: count)) < 1e-15)
  }

  @Test func `BAR and its error are pymbar's`() throws {
    for pair in try FreeEnergyGolden.load().pairs {
      let found = try #require(acceptanceRatio(forward: pair.forward, reverse: pair.reverse))
      expectClose(
        [found.value, found.error], [pair.value, pair.error], absolute: pymbarTolerance, pair.name)
    }
  }

  @Test func `both sides' shares of BAR's squared error are all of it`() throws {
    for pair in try FreeEnergyGolden.load().pairs {
      let found = try #require(acceptanceRatio(forward: pair.forward, reverse: pair.reverse))
      let shares = [
        forwardVariance(pair.forward, reverse: pair.reverse.count, difference: found.value),
        forwardVariance(pair.reverse, reverse: pair.forward.count, difference: -found.value),
      ]
      #expect(shares.allSatisfy { $0 > 0 })
      expectClose([shares[0] + shares[1]], [found.error * found.error], relative: 1e-9, pair.name)
    }
  }

  @Test func `MBAR and its errors are pymbar's, for an ensemble without samples too`() throws {
    let golden = try FreeEnergyGolden.load()
    let found = try #require(
      MultistateAcceptanceRatio(energies: golden.energies, counts: golden.counts))
    let count = golden.counts.count
    let differences = (0..<count * count).map { found.difference(from: $0 / count, to: $0 % count) }
    expectClose(differences.map(\.value), golden.differences, absolute: pymbarTolerance)
    expectClose(differences.map(\.error), golden.errors, absolute: pymbarTolerance)
  }

  @Test func `every ensemble's samples have their share of MBAR's squared error`() throws {
    let golden = try FreeEnergyGolden.load()
    let found = try #require(
      MultistateAcceptanceRatio(energies: golden.energies, counts: golden.counts))
    // NumPy's, by the eigenvectors of G.
    expectClose(found.shares(from: 0, to: 1), [0.677707, 0.118103, 0.204190, 0], absolute: 1e-5)
    expectClose(found.shares(from: 1, to: 0), found.shares(from: 0, to: 1), relative: 1e-9)
    // Two flows that are the same have together what one of as many samples has.
    let (a, c) = (golden.counts[0], golden.counts[1])
    let rows = golden.energies.prefix(2).map { Array($0.prefix(a + c)) }
    let one = try #require(MultistateAcceptanceRatio(energies: rows, counts: [a, c]))
    let two = try #require(
      MultistateAcceptanceRatio(
        energies: [rows[0], rows[0], rows[1]], counts: [a / 2, a - a / 2, c]))
    let shares = two.shares(from: 0, to: 2)
    expectClose(
      [shares[0] + shares[1]], [one.shares(from: 0, to: 1)[0]], absolute: 0.02)
    #expect(shares.allSatisfy(\.isFinite) && shares[0] > 0 && shares[1] > 0)
  }

  @Test func `of two ensembles MBAR is BAR`() throws {
    let golden = try FreeEnergyGolden.load()
    let (a, b) = (golden.counts[0], golden.counts[1])
    let energies = golden.energies.prefix(2).map { Array($0.prefix(a + b)) }
    let found = try #require(MultistateAcceptanceRatio(energies: energies, counts: [a, b]))
    let pair = try #require(golden.pairs.first)
    expectClose([found.difference(from: 0, to: 1).value], [pair.value], absolute: 1e-8)
  }

  @Test func `infinite energies count as no density`() throws {
    let pair = try #require(try FreeEnergyGolden.load().pairs.first { $0.name == "no density" })
    let forward = pair.forward.map { $0 > 500 ? .infinity : $0 }
    let found = try #require(acceptanceRatio(forward: forward, reverse: pair.reverse))
    expectClose([found.value, found.error], [pair.value, pair.error], absolute: pymbarTolerance)
    // Ensemble 0 at energy zero: u_1 is the work, and the other way round at samples of 1.
    let energies = [
      [Double](repeating: 0, count: forward.count) + pair.reverse,
      forward + [Double](repeating: 0, count: pair.reverse.count),
    ]
    let both = try #require(
      MultistateAcceptanceRatio(
        energies: energies, counts: [forward.count, pair.reverse.count]))
    expectClose([both.difference(from: 0, to: 1).value], [pair.value], absolute: 1e-8)
    #expect(
      acceptanceRatio(forward: [.infinity, .infinity], reverse: [.infinity]) == nil)
  }

  @Test func `the jackknife of a mean over equal groups is its standard error`() {
    let means = [1.0, 4, 2, 8, 3]
    let mean = means.reduce(0, +) / 5
    let squares = means.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let without = means.map { (means.reduce(0, +) - $0) / 4 }
    expectClose([jackknifeError(without)], [(squares / 4 / 5).squareRoot()], relative: 1e-12)
    #expect(jackknifeError([2]) == 0 && jackknifeError([]) == 0)
  }

  @Test func `log Z of a Gaussian target is known, and so is the difference of two`() {
    // Proposals N(0, 1.3²); u = k x²/2 has Z = √(2π/k).
    let points = normals(20_000, deviation: 1.3, seed: 3)
    let logDensities = points.map {
      -$0 * $0 / (2 * 1.69) - log(1.3 * (2 * Double.pi).squareRoot())
    }
    func logWeights(_ k: Double) -> [Double] {
      zip(points, logDensities).map { -k * $0 * $0 / 2 - $1 }
    }
    for k in [1.0, 1.5] {
      let found = logNormalization(logWeights(k))
      #expect(abs(found.value - log((2 * .pi / k).squareRoot())) < 3 * found.error)
      #expect(found.error > 0.001 && found.error < 0.01)
    }
    let difference = freeEnergyDifference(from: logWeights(1), to: logWeights(1.5))
    #expect(abs(difference.value - 0.5 * log(1.5)) < 3 * difference.error)
    // Both share their proposals: what they have in common cancels.
    let same = freeEnergyDifference(from: logWeights(1), to: logWeights(1).map { $0 + 7 })
    expectClose([same.value, same.error], [-7, 0], absolute: 1e-10)
    #expect(logNormalization([-.infinity, -.infinity]).value == -.infinity)
  }

  @Test func `runs that disagree widen the errors of log Z and of differences`() {
    // Four runs whose constant weights differ: log Z is that of the mean, its error their spread.
    let weights = [1.0, 2, 3, 6]
    let logWeights = weights.flatMap { [Double](repeating: log($0), count: 50) }
    let runs = [50, 50, 50, 50]
    let found = AveragedSample(proposals: logWeights, runs: runs).logNormalization
    let spread = weights.reduce(0) { $0 + ($1 - 3) * ($1 - 3) } / 3
    expectClose([found.value], [log(3)], relative: 1e-12)
    expectClose([found.error], [(spread / 4).squareRoot() / 3], relative: 1e-9)
    let ones = [Double](repeating: 0, count: 200)
    let difference = freeEnergyDifference(from: ones, to: logWeights, runs: runs)
    expectClose([difference.value, difference.error], [-log(3), found.error], relative: 1e-9)
    #expect(freeEnergyDifference(from: ones, to: logWeights).error < 0.5 * difference.error)
  }
}
