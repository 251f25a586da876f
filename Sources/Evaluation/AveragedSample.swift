import Foundation

/// Conformations that averages are taken over, with what is known of their dependence on each other.
package struct AveragedSample: Equatable, Sendable {
  /// Where the conformations come from, which decides how errors are estimated.
  package enum Kind: String, Codable, Sendable {
    /// Independent proposals of one or several flows, with importance weights.
    case proposals
    /// Frames of one or several independent chains of a simulation, in order of time.
    case chains
  }

  package let kind: Kind
  /// `log w`, [rows]; all zero for chains.
  package let logWeights: [Double]
  /// `log w` as they were before their largest were smoothed, [rows], which Pareto k is of; nil where
  /// none were.
  package var unsmoothed: [Double]?
  /// Weights that sum to one, [rows].
  package let weights: [Double]
  /// 1 for every row that has a weight, and 0 for the others, [rows].
  ///
  /// A weight that is too small beside the largest to be above 0 in ``weights`` counts here.
  package var evenWeights: [Double] { logWeights.map { $0 > -.infinity ? 1 : 0 } }
  /// The rows of each run or chain, in order; together they are all rows.
  package let groups: [Range<Int>]
  /// Whether the groups are what resampling has made of single proposals, so that how many rows they
  /// have is chance.
  package private(set) var areFamilies = false
  /// How many multinomial resamplings lie between the ancestors of families and the rows.
  package private(set) var multinomialResamplings = 0
  /// The error of log Z where it is known from the weights before a last resampling; nil otherwise.
  package var logNormalizationError: Double?

  /// Weighted proposals, those of one flow after those of another.
  ///
  /// - Parameter runs: How many proposals each flow made; all are of one flow by default.
  /// - Precondition: A weight is positive, and the runs have as many proposals as there are weights.
  package init(proposals logWeights: [Double], runs: [Int]? = nil) {
    self.init(.proposals, logWeights, counts: runs ?? [logWeights.count])
  }

  /// Annealed proposals, those of one ancestor after those of another.
  ///
  /// - Parameters:
  ///   - families: How many rows each ancestor has.
  ///   - multinomialResamplings: How many of these lie between the ancestors and the rows.
  package init(
    proposals logWeights: [Double], families: [Int], multinomialResamplings: Int = 0
  ) {
    self.init(.proposals, logWeights, counts: families)
    (areFamilies, self.multinomialResamplings) = (true, multinomialResamplings)
  }

  /// The frames of chains, one chain after the other.
  ///
  /// - Parameter counts: How many frames each chain has.
  package init(chains counts: [Int]) {
    self.init(.chains, [Double](repeating: 0, count: counts.reduce(0, +)), counts: counts)
  }

  private init(_ kind: Kind, _ logWeights: [Double], counts: [Int]) {
    precondition(
      counts.allSatisfy { $0 > 0 } && counts.reduce(0, +) == logWeights.count,
      "\(counts) rows in groups, \(logWeights.count) weights")
    (self.kind, self.logWeights) = (kind, logWeights)
    weights = normalizedWeights(logWeights)
    precondition(weights.contains { $0 > 0 }, "\(weights.count) rows, none with a weight")
    var first = 0
    groups = counts.map { count in
      defer { first += count }
      return first..<first + count
    }
  }

  package var rows: Int { weights.count }

  /// How many equally weighted, independent conformations the weights are worth, `1/Σ w²`; the
  /// frames of chains count as independent here.
  package var effectiveSamples: Double { 1 / weights.reduce(0) { $0 + $1 * $1 } }

  /// The same of independent proposals: of families it is `1/Σ W²`, W what all rows of an ancestor
  /// weigh together, since a last resampling makes many alike of one.
  package var independentSamples: Double {
    guard areFamilies else { return effectiveSamples }
    return 1
      / groups.reduce(0) { sum, family in
        let weight = weights[family].reduce(0, +)
        return sum + weight * weight
      }
  }

  /// `Σ w a` over the rows that have a weight; others need no value.
  package func mean(_ values: [Double]) -> Double {
    precondition(values.count == rows, "\(values.count) values for \(rows) rows")
    return zip(weights, values).reduce(0) { $1.0 > 0 ? $0 + $1.0 * $1.1 : $0 }
  }

  /// The standard error of ``mean(_:)``, by the delta method or from the order in time.
  ///
  /// Of proposals it is `√(n/(n − 1) Σ w² (a − ā)²)`. Of chains it is `σ √(g/n)`, with the
  /// statistical inefficiency g (``statisticalInefficiency(_:)``). Where there are several runs, or
  /// at least four chains, the spread between them counts too:
  /// `√(G/(G − 1) Σ_g s_g²)`, `s_g = Σ_{i in g} w (a − ā)`, over the G groups. The larger of the two
  /// is the error. The 95 % intervals cover (`CoverageTests`).
  package func error(ofMean values: [Double]) -> Double {
    let mean = mean(values)
    let parts = zip(weights, values).map { $0 > 0 ? $0 * ($1 - mean) : 0 }
    let squares = parts.reduce(0) { $0 + $1 * $1 }
    var variance: Double
    switch kind {
    case .proposals:
      variance = rows > 1 ? squares * Double(rows) / Double(rows - 1) : 0
    case .chains:
      variance =
        squares > 0
        ? squares * statisticalInefficiency(groups.map { $0.map { values[$0] } }) : 0
    }
    let fewest = kind == .proposals ? 2 : 4
    if groups.count >= fewest {
      variance = max(variance, spreadVariance(parts, groups))
    }
    return variance.squareRoot()
  }

  /// How many independent samples of the target would average a quantity as well,
  /// `σ²/error²` with the variance `σ² = Σ w (a − ā)²` of the quantity.
  ///
  /// - Returns: nil for a quantity that never changes.
  package func effectiveSamples(for values: [Double], error: Double) -> Double? {
    let mean = mean(values)
    let variance = zip(weights, values).reduce(0) {
      $1.0 > 0 ? $0 + $1.0 * ($1.1 - mean) * ($1.1 - mean) : $0
    }
    return error > 0 ? variance / (error * error) : nil
  }

  /// The shape k of the tail of the weights (``ParetoTail``), before any were smoothed.
  ///
  /// - Returns: nil for chains, and where there is no tail.
  package var paretoShape: Double? {
    kind == .proposals ? ParetoTail(logWeights: unsmoothed ?? logWeights)?.shape : nil
  }

  /// The shape k of the tail of `w |a − ā|`, before any weights were smoothed: above
  /// ``ParetoTail/largestReliableShape`` the average hangs on a few proposals.
  ///
  /// - Returns: nil for chains, and where there is no tail.
  package func paretoShape(for values: [Double]) -> Double? {
    guard kind == .proposals else { return nil }
    let mean = mean(values)
    return ParetoTail(
      logWeights: zip(unsmoothed ?? logWeights, values).map { logWeight, value in
        let distance = abs(value - mean)
        return logWeight > -.infinity && distance > 0 ? logWeight + log(distance) : -.infinity
      })?.shape
  }
}

/// The variance of a sum from what independent groups of its terms contribute,
/// `G/(G − 1) Σ_g s_g²`; 0 for one group.
///
/// - Parameter terms: About zero together, [rows].
func spreadVariance(_ terms: [Double], _ groups: [Range<Int>]) -> Double {
  guard groups.count > 1 else { return 0 }
  let squares = groups.reduce(0.0) { sum, group in
    let part = terms[group].reduce(0, +)
    return sum + part * part
  }
  return squares * Double(groups.count) / Double(groups.count - 1)
}
