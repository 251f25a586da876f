import Evaluation

/// How the weighted proposals of one or several sources depend on each other.
struct ProposalGroups {
  private struct Part {
    /// As ``Proposals/families``.
    let families: [Int]
    let areAnnealed: Bool
    /// How annealed ones came about, where the record beside them says so.
    let facts: AnnealingFacts?
  }

  private var parts: [Part] = []

  /// Adds the proposals of a source.
  mutating func append(_ proposals: Proposals, of source: AnalysisSource) {
    let areAnnealed = proposals.ancestors != nil
    let record =
      areAnnealed
      ? source.files.flatMap {
        readRecord(AnnealedDraw.self, path: Draw.path(beside: $0.samples))
      } : nil
    let facts = record?.annealing
    parts.append(
      Part(
        families: proposals.families, areAnnealed: areAnnealed,
        facts: facts?.particles == proposals.count ? facts : nil))
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
