/// The log weights `log w = log p̃ − log q` of a batch as the target's terms see them: how far each
/// is from the running mean of its kind.
struct LogDispersion: Equatable, Sendable {
  /// The share of a new batch in the running means.
  private static let memory = 0.05

  /// The running mean m of log w, by kind; nil before the first batch of the kind.
  private(set) var means: [Double?] = SampleKind.allCases.map { _ in nil }

  init() {}

  init(means: [Double?]) { self.means = means }

  /// Whether any kind has been used.
  var hasBegun: Bool { means.contains { $0 != nil } }

  /// `log w − m` of a sample, within ±limit; a weight of zero is as far below as the limit.
  func deviation(_ logWeight: Double, kind: SampleKind, limit: Double) -> Double {
    guard let mean = means[kind.rawValue], !logWeight.isNaN else { return 0 }
    return min(max(logWeight - mean, -limit), limit)
  }

  /// Begins the mean of a kind with the median of some log weights.
  mutating func begin(_ kind: SampleKind, with logWeights: [Double]) {
    let finite = logWeights.filter(\.isFinite).sorted()
    if !finite.isEmpty { means[kind.rawValue] = finite[finite.count / 2] }
  }

  /// Forgets the mean of a kind, whose next batch begins it.
  mutating func forget(_ kind: SampleKind) { means[kind.rawValue] = nil }

  /// Moves the mean of a kind towards that of a batch, whose deviations count within ±limit.
  mutating func update(_ kind: SampleKind, with logWeights: some Collection<Double>, limit: Double)
  {
    guard let mean = means[kind.rawValue], !logWeights.isEmpty else { return }
    let sum = logWeights.reduce(0) { $0 + deviation($1, kind: kind, limit: limit) }
    means[kind.rawValue] = mean + Self.memory * sum / Double(logWeights.count)
  }
}

extension TargetConfiguration {
  /// `∂(λ · dispersion)/∂log w` at a deviation `log w − m`, m held fixed: `2λ (log w − m)` of the
  /// variance, `λ sign(log w − m)` of the mean absolute deviation.
  ///
  /// With `∂log w = −∂log q`, its negative is the coefficient of `∂log q`.
  func slope(of kind: SampleKind, at deviation: Double) -> Double {
    let λ =
      switch kind {
      case .sample: samples
      case .perturbed: perturbed
      case .proposal: proposals
      }
    return switch dispersion {
    case .variance: 2 * λ * deviation
    case .absolute: deviation == 0 ? 0 : (deviation > 0 ? λ : -λ)
    }
  }
}
