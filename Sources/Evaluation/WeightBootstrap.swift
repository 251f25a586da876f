import Foundation

/// The standard errors of what is estimated from weighted proposals, by the bootstrap: as many
/// proposals as there are, drawn from them with replacement, again and again.
///
/// Proposals are independent, so that this is right as far as the proposals show the tail of their
/// weights; a ``ParetoTail`` says how far that is.
struct WeightBootstrap: Equatable {
  /// How many samples are drawn; the error of an error is 5 %.
  static let samples = 200

  /// Of the effective sample size within the clip, of the capped one, and of that of all rows.
  private(set) var effectiveSampleSize = 0.0
  private(set) var cappedEffectiveSampleSize = 0.0
  private(set) var rawEffectiveSampleSize = 0.0
  /// Of E-W2 between the reference and the weighted rows within the clip, kT.
  private(set) var energyW2 = 0.0
  /// Of the mean energy over all finite weights, kT.
  private(set) var meanEnergy = 0.0
  /// Of the weighted shares of the states over all finite weights, [states].
  private(set) var shares: [Double] = []
  /// Of the Jensen–Shannon divergence and of the total variation distance, [planes].
  private(set) var divergences: [Double] = []
  private(set) var totalVariations: [Double] = []

  /// - Parameters:
  ///   - energies: Reduced energies of the proposals, [samples], kT; finite where there is a weight.
  ///   - reference: Reduced energies of the reference, kT, in ascending order.
  ///   - torsions: The states and the planes of torsions.
  ///   - seed: That of the draws, by ``PCG64``.
  init(
    _ weights: LogWeights, energies: [Double], reference: [Double],
    torsions: TorsionStates = .none, seed: UInt64
  ) {
    // A draw with replacement does not care for the order of the proposals: the heaviest first, so
    // that what the clip and the cap reach lies at the beginning.
    let order = weights.values.indices.sorted { weights.values[$0] > weights.values[$1] }
    let set = SortedProposals(
      logWeights: order.map { weights.values[$0] }, clip: weights.clippedFraction,
      energies: order.map { energies[$0] }, reference: reference,
      states: torsions.states.map { state in order.map { state[$0] ? 1 : 0 } },
      planes: torsions.planes.map { plane in
        (order.map { plane.places[$0] }, plane.reference)
      })
    var generator = PCG64(seed: seed)
    var found: [[Double]] = []
    var counts = [Int32](repeating: 0, count: order.count)
    for _ in 0..<Self.samples {
      for index in counts.indices { counts[index] = 0 }
      for _ in counts.indices { counts[generator.index(below: counts.count)] += 1 }
      if let estimates = set.estimates(counts: counts) { found.append(estimates) }
    }
    let (states, planes) = (torsions.states.count, torsions.planes.count)
    guard found.count > 1 else {
      shares = Array(repeating: 0, count: states)
      divergences = Array(repeating: 0, count: planes)
      totalVariations = divergences
      return
    }
    let errors = found[0].indices.map { column in deviation(found.map { $0[column] }) }
    (effectiveSampleSize, cappedEffectiveSampleSize) = (errors[0], errors[1])
    (rawEffectiveSampleSize, energyW2, meanEnergy) = (errors[2], errors[3], errors[4])
    shares = Array(errors[5..<5 + states])
    divergences = Array(errors[5 + states..<5 + states + planes])
    totalVariations = Array(errors[(5 + states + planes)...])
  }
}

/// Proposals in descending order of their weights.
private struct SortedProposals {
  let logWeights: [Double]
  /// Weights relative to the largest.
  let weights: [Double]
  /// How many have a weight; they come first.
  let weighted: Int
  let clip: Double
  let energies: [Double]
  /// The places of those with a weight, by their energies.
  let byEnergy: [Int32]
  let reference: [Double]
  let states: [[Double]]
  let planes: [(places: [Int32], reference: [Double])]

  init(
    logWeights: [Double], clip: Double, energies: [Double], reference: [Double],
    states: [[Double]], planes: [(places: [Int32], reference: [Double])]
  ) {
    (self.logWeights, self.clip, self.energies) = (logWeights, clip, energies)
    (self.reference, self.states, self.planes) = (reference, states, planes)
    let largest = logWeights.first ?? 0
    weights = logWeights.map { $0 > -.infinity ? exp($0 - largest) : 0 }
    weighted = logWeights.firstIndex(of: -.infinity) ?? logWeights.count
    byEnergy = (0..<Int32(weighted)).sorted { energies[Int($0)] < energies[Int($1)] }
  }

  /// All estimates of a sample that holds each proposal so often: the three effective sample sizes,
  /// E-W2, the mean energy, the shares, the divergences and the total variations; nil if the sample has no weight.
  func estimates(counts: [Int32]) -> [Double]? {
    let finite = counts[..<weighted].reduce(0) { $0 + Int($1) }
    guard finite > 0 else { return nil }
    let clipped = clippedPlaces(counts, finite: finite)
    let threshold = weight(
      atRank: cappedCount(of: counts.count, share: LogWeights.cappedShare),
      counts)
    var (sum, squares, cappedSum, cappedSquares, energy) = (0.0, 0.0, 0.0, 0.0, 0.0)
    var (keptSum, keptSquares, dropped) = (0.0, 0.0, 0)
    var shares = [Double](repeating: 0, count: states.count)
    for place in 0..<weighted where counts[place] > 0 {
      let count = Double(counts[place])
      let (weight, level) = (weights[place], min(weights[place], threshold))
      sum += count * weight
      squares += count * weight * weight
      cappedSum += count * level
      cappedSquares += count * level * level
      energy += count * weight * energies[place]
      for state in states.indices { shares[state] += count * weight * states[state][place] }
      if place >= clipped {
        keptSum += count * weight
        keptSquares += count * weight * weight
      } else {
        dropped += Int(counts[place])
      }
    }
    let samples = Double(counts.count)
    let histograms = planes.map { plane in
      weightedShares(plane.places[..<weighted]) { Double(counts[$0]) * weights[$0] }
    }
    return [
      keptSum * keptSum / keptSquares / (samples - Double(dropped)),
      cappedSum * cappedSum / cappedSquares / samples, sum * sum / squares / samples,
      energyDistance(counts, from: clipped), energy / sum,
    ] + shares.map { $0 / sum }
      + zip(histograms, planes).map { jensenShannonDivergence($0, $1.reference) }
      + zip(histograms, planes).map { totalVariation($0, $1.reference) }
  }

  /// How many of the first places the clip of this sample drops.
  private func clippedPlaces(_ counts: [Int32], finite: Int) -> Int {
    // As in `quantile`, whose ceiling lies from the lower of two order statistics up to below the
    // upper one.
    let above = finite - 1 - Int((Double(finite - 1) * (1 - clip)).rounded(.down))
    guard above > 0 else { return 0 }
    let (upper, lower) = (rank(above - 1, counts), rank(above, counts))
    // Equal values on both sides are the ceiling itself and stay.
    return logWeights[upper] == logWeights[lower] ? firstPlace(equalTo: lower) : upper + 1
  }

  private func firstPlace(equalTo place: Int) -> Int {
    var first = place
    while first > 0 && logWeights[first - 1] == logWeights[place] { first -= 1 }
    return first
  }

  /// The place of the row with so many rows before it.
  private func rank(_ rows: Int, _ counts: [Int32]) -> Int {
    var (place, passed) = (0, Int(counts[0]))
    while passed <= rows {
      place += 1
      passed += Int(counts[place])
    }
    return place
  }

  /// The weight of the row of this rank, 1 for the largest.
  private func weight(atRank rank: Int, _ counts: [Int32]) -> Double {
    weights[self.rank(rank - 1, counts)]
  }

  /// E-W2 between the reference and the weighted rows from a place on.
  private func energyDistance(_ counts: [Int32], from first: Int) -> Double {
    var total = 0.0
    for place in first..<max(first, weighted) { total += Double(counts[place]) * weights[place] }
    guard total > 0 else { return 0 }
    let step = 1 / Double(reference.count)
    var (frame, passed, cumulated, squares) = (0, 0.0, 0.0, 0.0)
    for place in byEnergy where place >= first && counts[Int(place)] > 0 {
      let energy = energies[Int(place)]
      cumulated += Double(counts[Int(place)]) * weights[Int(place)] / total
      while passed < cumulated && frame < reference.count {
        let end = min(cumulated, Double(frame + 1) * step)
        let difference = reference[frame] - energy
        squares += (end - passed) * difference * difference
        passed = end
        if end == cumulated { break }
        frame += 1
      }
    }
    return squares.squareRoot()
  }
}
