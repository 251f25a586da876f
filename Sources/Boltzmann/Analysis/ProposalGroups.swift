import Evaluation

/// How the weighted proposals of one or several sources depend on each other.
struct ProposalGroups {
  private struct Part {
    /// How many rows follow each other that are independent of all others.
    let families: [Int]
    let areAnnealed: Bool
    /// How annealed ones came about, where the record beside them says so.
    let facts: AnnealingFacts?
  }

  private var parts: [Part] = []

  /// Adds the proposals of a source.
  mutating func append(_ proposals: Proposals, of source: AnalysisSource) {
    append(proposals.count, ancestors: proposals.ancestors, samples: source.files?.samples)
  }

  /// Adds proposals.
  ///
  /// - Parameters:
  ///   - ancestors: As ``Proposals/ancestors``.
  ///   - samples: Their file, beside which the record of their draw is.
  mutating func append(_ count: Int, ancestors: [Int]?, samples: String?) {
    guard let ancestors else {
      parts.append(Part(families: [count], areAnnealed: false, facts: nil))
      return
    }
    let facts = samples.flatMap {
      readRecord(AnnealedDraw.self, path: Draw.path(beside: $0))
    }?.annealing
    parts.append(
      Part(
        families: families(of: ancestors), areAnnealed: true,
        facts: facts?.particles == count ? facts : nil))
  }

  /// How many rows follow each other that are independent of all others, in order.
  var counts: [Int] { parts.flatMap(\.families) }

  /// The sample with these weights, of families where any proposals were annealed: plain ones are
  /// families of one.
  ///
  /// Annealed ones of a single source have the error of log Z that was found when they were drawn,
  /// if the weights are those of then.
  func sample(_ logWeights: [Double]) -> AveragedSample {
    guard parts.contains(where: \.areAnnealed) else {
      return AveragedSample(proposals: logWeights, runs: counts)
    }
    var sample = AveragedSample(
      proposals: logWeights,
      families: parts.flatMap { part in
        part.areAnnealed
          ? part.families : [Int](repeating: 1, count: part.families.reduce(0, +))
      },
      // Where sources differ, the fewest, with which the error is rather too large.
      multinomialResamplings: parts.map { $0.facts?.multinomialResamplings ?? 0 }.min() ?? 0)
    if parts.count == 1, let facts = parts[0].facts,
      abs(sample.logNormalization.value - facts.logNormalization) < 1e-3
    {
      sample.logNormalizationError = facts.logNormalizationError
    }
    return sample
  }
}

/// How many rows of one ancestor follow each other, in order.
package func families(of ancestors: [Int]) -> [Int] {
  var families: [Int] = []
  for (index, ancestor) in ancestors.enumerated() {
    if index > 0, ancestors[index - 1] == ancestor {
      families[families.count - 1] += 1
    } else {
      families.append(1)
    }
  }
  return families
}
