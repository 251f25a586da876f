import Kernels

/// The gradient of a batch: the sum of parts that the batch's shape alone determines, added by
/// halves.
///
/// Its bits depend neither on the number of workers nor on that of the ranks that share the parts
/// (`TrainerTests`).
struct BatchGradient {
  /// `Σᵢ cᵢ ∂ log p(xᵢ)/∂w`, in the order of the flow's layout.
  private(set) var sum: [Float] = []
  /// `Σ z²` over the samples of each part, [parts, tokens · features]; empty when the variance of
  /// the prior is fixed.
  private(set) var squares: [Float] = []
  private let flow: TarFlow
  /// The parts of this rank.
  private let parts: [BatchPart]
  /// The samples of the parts of each rank.
  private let samples: [Range<Int>]
  private var rankSum: RankSum
  private var workspace: Workspace

  /// - Throws: `FlowError.configuration` when there are more ranks than parts, or this CPU has no
  ///   unit for the precision.
  init(
    of flow: TarFlow, _ configuration: TrainingConfiguration, ranks: Ranks
  ) throws(FlowError) {
    let count = configuration.partCount(of: flow)
    try require(
      ranks.count <= count,
      "parts is \(count) for a batch of \(configuration.batch), fewer than the \(ranks.count) ranks; "
        + "set training.parts to at least the number of ranks times the threads of each")
    self.flow = flow
    rankSum = RankSum(of: count, over: ranks)
    let ranges = ranges(configuration.batch, parts: count)
    samples = rankSum.owners.map {
      ranges[$0.lowerBound].lowerBound..<ranges[$0.upperBound - 1].upperBound
    }
    parts = ranges[rankSum.own].map { BatchPart(samples: $0, flow: flow) }
    workspace = Workspace(
      flow.layout, unit: try flow.trainingUnit(for: configuration.precision), gradient: true)
  }

  /// The arrays as long as the weights that a rank has: the gradients of its parts, the first of
  /// which is the sum where there are no other ranks.
  static func arrays(parts: Int, ranks: Int) -> Double {
    let own = Double((parts + ranks - 1) / ranks)
    return ranks == 1 ? own : own + 1 + RankSum.kept(of: parts, over: ranks)
  }

  /// The samples of the batch that this rank computes.
  var own: Range<Int> { samples[rankSum.ranks.rank] }

  /// Sums the gradient over a batch, part by part; returns `log p(xᵢ)` of all samples.
  mutating func take(
    _ batch: inout [Float], labels: [Int]?, weights: [Float], workers: Int,
    coefficient: @Sendable (_ place: Int, _ logDensity: Double) -> Float
  ) -> [Double] {
    let ranks = rankSum.ranks
    if ranks.count == 1, !sum.isEmpty { parts[0].exchangeGradient(with: &sum) }
    workspace.update(from: weights, workers: max(1, workers))
    let (flow, parts, workspace) = (flow, parts, workspace)
    _ = flow.mapChunks(
      of: &batch, parts.map(\.samples), labels: labels, weights: weights, in: workspace
    ) { parts[$0.index].accumulate($0, flow: flow, coefficient: coefficient) }
    squares = parts.flatMap(\.squares)
    guard ranks.count > 1 else {
      // The sum needs no memory of its own.
      parts[0].exchangeGradient(with: &sum)
      addGradients(parts.dropFirst().map(\.gradient), to: &sum, workers: workers)
      return parts.flatMap(\.logDensities)
    }
    addTerms(workers: workers)
    if flow.learnsPriorVariance {
      squares = ranks.gathered(squares, shares: rankSum.owners, size: flow.dimensions)
    }
    return ranks.gathered(parts.flatMap(\.logDensities), shares: samples)
  }

  /// Adds this rank's terms, and then those of all.
  private mutating func addTerms(workers: Int) {
    if sum.isEmpty { sum = [Float](repeating: 0, count: flow.layout.count) }
    let terms = rankSum.ownTerms.map {
      parts[$0.lowerBound - rankSum.own.lowerBound..<$0.upperBound - rankSum.own.lowerBound]
    }
    var sums = terms.map { term in
      // A sum needs no memory of its own.
      var sum: [Float] = []
      term[term.startIndex].exchangeGradient(with: &sum)
      addGradients(term.dropFirst().map(\.gradient), to: &sum, workers: workers)
      return sum
    }
    rankSum.take(sums, into: &sum, workers: workers)
    for (place, term) in terms.enumerated() {
      term[term.startIndex].exchangeGradient(with: &sums[place])
    }
  }
}
