import Foundation

/// Reweights proposals to the Boltzmann distribution and measures how far they are from a
/// reference.
///
/// Of the reference as many frames are used as the options count, one of each stretch
/// (``stratifiedIndices(count:points:)``). Weights are ``LogWeights``. The rows within the clip are
/// resampled to their own number and cut, like the reference, to the shorter of the two, systematic
/// picks to an even subset, and the reference to one frame of each stretch where there are fewer
/// proposals than frames or the clip is above the benchmark's: E-W1 and E-W2 compare these. T-W2
/// compares even subsets of the picks and of the reference, without a chain missing. The mean
/// energy is over all finite weights. Draws come from ``PCG64``: seed `s` for the resample of seed
/// `s`, seed 0 for the noise floor. Where there are more proposals than the count of the options,
/// the last of ``EvaluationResult/budgets`` has the figures of them all.
///
/// - Throws: ``EvaluationError`` if a set is empty, arrays differ in length, no proposal has a
///   weight, a reference energy is not finite, or a torsion that T-W2 needs is undefined.
package func evaluate(
  _ input: EvaluationInput, options: EvaluationOptions = EvaluationOptions()
) throws(EvaluationError) -> EvaluationResult {
  precondition(
    options.count > 0 && options.seeds > 0,
    "evaluate: \(options.count) frames, \(options.seeds) seeds")
  precondition(
    input.weights.clippedFraction == options.clippedFraction,
    "weights with a clip of \(input.weights.clippedFraction), not \(options.clippedFraction)")
  try checkLengths(input)
  guard !input.referenceEnergies.isEmpty else { throw .empty(what: "reference frames") }
  if let frame = input.referenceEnergies.firstIndex(where: { !$0.isFinite }) {
    throw .nonfiniteReferenceEnergy(frame: frame)
  }
  let input = input.thinned(toReference: options.count)
  let reference = input.referenceEnergies
  let states = torsionStates(input)
  let isWhole = input.energies.count <= options.count
  let first = try resampledFigures(
    input, options, proposals: options.count, isWhole ? states : .none)
  let all =
    isWhole
    ? first
    : try resampledFigures(input, options, proposals: input.energies.count, states)
  let allWeights = normalizedWeights(all.weights.values)
  let samples = first.budget.proposals
  let weights = first.weights
  let rows = weights.rowsWithinClip
  let kept = normalizedWeights(rows.map { weights.values[$0] })
  let weighted = rows.indices.filter { kept[$0] > 0 }
  let chirality = input.chirality.first(samples: samples)
  return EvaluationResult(
    samples: samples,
    reference: reference.count,
    effectiveSampleSize: first.budget.effectiveSampleSize,
    rawEffectiveSampleSize: first.budget.rawEffectiveSampleSize,
    largestWeightShare: first.budget.largestWeightShare,
    energyW2: first.budget.energyW2,
    energyW2Spread: first.budget.energyW2Spread,
    energyW1: first.energyW1,
    energyW2Weighted: wasserstein(
      reference, weights: nil, weighted.map { input.energies[rows[$0]] },
      weights: weighted.map { kept[$0] }
    ).second,
    energyW2Floor: first.budget.energyW2Floor,
    energyW2Perfect: first.budget.energyW2Perfect,
    torusW2: first.budget.torusW2,
    torusPoints: options.torusPoints,
    meanReferenceEnergy: mean(reference),
    meanReweightedEnergy: first.budget.meanEnergy,
    correctChirality: correctChirality(chirality),
    stereocentres: stereocentreFigures(chirality),
    amides: amideFigures(
      input.amides.first(samples: samples),
      weights: normalizedWeights(weights.values)),
    nonfiniteEnergies: weights.nonfiniteEnergies,
    nonfiniteLogDensities: weights.nonfiniteLogDensities,
    meanReferenceEnergyError: meanError(reference, chains: input.referenceChains),
    budgets: [first.budget] + (isWhole ? [] : [all.budget]),
    populations: states.populations(
      weights: allWeights, errors: all.errors, energies: reference, chains: input.referenceChains),
    planes: states.planeFigures(weights: allWeights, errors: all.errors),
    heldOut: input.referenceLogDensities.flatMap {
      HeldOutFigures(
        energies: reference, logDensities: $0, chains: input.referenceChains,
        proposals: all.weights.values)
    },
    torusFloor: try torusFloor(
      input, all.picks, points: options.torusPoints, repetition: all.repetition, known: all.torus))
}

private func torsionStates(_ input: EvaluationInput) -> TorsionStates {
  guard let torsions = input.torsions, let reference = input.referenceTorsions,
    torsions.torsions > 0
  else { return .none }
  return TorsionStates(torsions, reference: reference, of: input.residues)
}

/// The figures of the first proposals, with what else comes of their resamples and their weights.
private func resampledFigures(
  _ input: EvaluationInput, _ options: EvaluationOptions, proposals: Int, _ states: TorsionStates
) throws(EvaluationError) -> ResampledFigures {
  let reference = input.referenceEnergies
  let energies = Array(input.energies.prefix(proposals))
  let weights = try input.weights.first(proposals)
  let rows = weights.rowsWithinClip
  let draws = energies.count <= options.count ? rows.count : options.count
  let compared = min(draws, reference.count)
  let resamples = try resampledDistances(
    input, options, rows: rows, weights: normalizedWeights(rows.map { weights.values[$0] }),
    draws: draws)
  let (distances, size) = (resamples.energy, weights.effectiveSampleSize)
  let repetition = Double(draws) / max(size * Double(rows.count), 1)
  let torus = try torusDistance(
    input, resamples.picks, points: options.torusPoints, repetition: repetition)
  var generator = PCG64(seed: 0)
  let floor = noiseFloor(reference: reference, count: compared, pairs: options.floorPairs) {
    generator.index(below: $0)
  }
  let errors = WeightBootstrap(
    weights, energies: energies, reference: reference.sorted(), torsions: states,
    seed: bootstrapSeed)
  let spread = spread(distances.map(\.second))
  let tail = ParetoTail(logWeights: weights.values)
  let budget = BudgetFigures(
    proposals: energies.count, draws: draws, effectiveSampleSize: size,
    effectiveSampleSizeError: errors.effectiveSampleSize,
    cappedEffectiveSampleSize: weights.cappedEffectiveSampleSize,
    cappedEffectiveSampleSizeError: errors.cappedEffectiveSampleSize,
    rawEffectiveSampleSize: weights.rawEffectiveSampleSize,
    rawEffectiveSampleSizeError: errors.rawEffectiveSampleSize,
    largestWeightShare: weights.largestShare,
    paretoShape: tail?.shape, paretoShapeError: tail?.shapeError,
    energyW2: mean(distances.map(\.second)), energyW2Spread: spread,
    energyW2Error: (errors.energyW2 * errors.energyW2
      + spread * spread / Double(distances.count)).squareRoot(),
    energyW2Floor: floor,
    energyW2Perfect: perfectDistance(
      floor: floor, count: compared, effectiveSamples: size * Double(rows.count)),
    torusW2: torus?.value, torusW2Error: torus?.error,
    meanEnergy: weightedMean(energies, logWeights: weights.values),
    meanEnergyError: errors.meanEnergy)
  return ResampledFigures(
    budget: budget, energyW1: mean(distances.map(\.first)), weights: weights, errors: errors,
    torus: torus, picks: resamples.picks, repetition: repetition)
}

private struct ResampledFigures {
  let budget: BudgetFigures
  let energyW1: Double
  let weights: LogWeights
  let errors: WeightBootstrap
  let torus: TorusDistance?
  let picks: [[Int]]
  /// How many draws there are for an effective sample.
  let repetition: Double
}

/// The seed of the bootstrap's draws; resamples have 0, 1, ….
private let bootstrapSeed: UInt64 = 1_000_000

/// The distances between the energies of the reference and of the rows, resampled by their weights
/// once for each seed.
private func resampledDistances(
  _ input: EvaluationInput, _ options: EvaluationOptions, rows: [Int], weights: [Double],
  draws: Int
) throws(EvaluationError) -> Resamples {
  let reference = input.referenceEnergies
  let compared = min(draws, reference.count)
  // The benchmark compares with the first frames where its clip leaves out some rows. Where there
  // are fewer proposals than frames, or more rows are left out, the first would be the beginning of
  // a simulation.
  let leavesFewOut =
    input.energies.count >= reference.count
    && options.clippedFraction <= LogWeights.benchmarkClip
  let frames =
    leavesFewOut
    ? Array(0..<compared) : stratifiedIndices(count: reference.count, points: compared)
  let sortedReference = frames.map { reference[$0] }.sorted()
  var distances: [WassersteinDistances] = []
  var picks: [[Int]] = []
  for seed in 0..<(options.resampling == .systematic ? 1 : options.seeds) {
    let picked = pickedRows(weights, options.resampling, count: draws, seed: UInt64(seed)).map {
      rows[$0]
    }
    // Systematic picks are in the order of the rows: the first of them are the first proposals alone.
    let places =
      options.resampling == .systematic
      ? stridedIndices(count: picked.count, points: compared) : Array(0..<compared)
    let resampled = places.map { input.energies[picked[$0]] }.sorted()
    distances.append(distancesOfSorted(sortedReference, resampled))
    if seed < 2 { picks.append(picked) }
  }
  return Resamples(energy: distances, picks: picks)
}

/// The distances of some resamples, and the rows of the first two.
private struct Resamples {
  let energy: [WassersteinDistances]
  let picks: [[Int]]
}

private func checkLengths(_ input: EvaluationInput) throws(EvaluationError) {
  let samples = input.energies.count
  guard input.weights.values.count == samples else {
    throw .lengths(what: "weights", expected: samples, found: input.weights.values.count)
  }
  if let torsions = input.torsions, torsions.torsions > 0, torsions.points != samples {
    throw .lengths(what: "torsions", expected: samples, found: torsions.points)
  }
  let frames = input.referenceEnergies.count
  if let torsions = input.referenceTorsions, torsions.torsions > 0, torsions.points != frames {
    throw .lengths(what: "reference torsions", expected: frames, found: torsions.points)
  }
  if let densities = input.referenceLogDensities, densities.count != frames {
    throw .lengths(what: "reference log_q", expected: frames, found: densities.count)
  }
  for signs in [input.chirality, input.amides] {
    precondition(
      signs.samples.count == samples * signs.names.count
        && signs.reference.count == frames * signs.names.count,
      "\(signs.samples.count) and \(signs.reference.count) signs of \(signs.names.count) isomers, "
        + "\(samples) samples and \(frames) frames")
  }
}

private func pickedRows(
  _ weights: [Double], _ resampling: Resampling, count: Int, seed: UInt64
) -> [Int] {
  switch resampling {
  case .systematic: return systematicPicks(weights, count: count)
  case .multinomial:
    var generator = PCG64(seed: seed)
    return multinomialPicks(weights, count: count) { generator.uniform() }
  }
}

/// The mean of the numbers with their weights; those of weight zero need not be finite.
private func weightedMean(_ numbers: [Double], logWeights: [Double]) -> Double {
  zip(normalizedWeights(logWeights), numbers).reduce(0) { $1.0 > 0 ? $0 + $1.0 * $1.1 : $0 }
}

/// The standard deviation over all `n` numbers, not corrected for the mean.
private func spread(_ numbers: [Double]) -> Double {
  let center = mean(numbers)
  return mean(numbers.map { ($0 - center) * ($0 - center) }).squareRoot()
}
