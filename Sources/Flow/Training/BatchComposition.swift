/// Where the samples of a batch come from.
enum SampleKind: Int, CaseIterable {
  /// Samples of the target.
  case sample
  /// Samples of the target with noise on every feature.
  case perturbed
  /// The flow's own proposals.
  case proposal
}

/// Which places of a batch hold which kind of sample: first samples, then perturbed ones, then
/// proposals.
struct BatchComposition: Equatable {
  /// The places of each kind, by its raw value.
  let places: [Range<Int>]

  /// A batch of samples alone.
  init(samples: Int) {
    places = [0..<samples, samples..<samples, samples..<samples]
  }

  /// A batch with what the terms of a target need: proposals alone where no term needs samples.
  init(batch: Int, target: TargetConfiguration) {
    guard target.usesSamples else {
      places = [0..<0, 0..<0, 0..<batch]
      return
    }
    let proposals = target.usesProposals ? Int(Double(batch) * target.proposalShare) : 0
    let perturbed = target.perturbed > 0 ? Int(Double(batch) * target.perturbedShare) : 0
    let samples = batch - proposals - perturbed
    places = [0..<samples, samples..<samples + perturbed, samples + perturbed..<batch]
  }

  subscript(_ kind: SampleKind) -> Range<Int> { places[kind.rawValue] }

  func kind(at place: Int) -> SampleKind {
    if place < self[.sample].upperBound { return .sample }
    return place < self[.perturbed].upperBound ? .perturbed : .proposal
  }
}
