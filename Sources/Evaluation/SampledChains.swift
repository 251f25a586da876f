/// The frames of independent chains of a simulation in order of time, and what they cost.
package struct SampledChains: Equatable, Sendable {
  /// Reduced energies `u = U/kT`, kT, [chains][frames].
  package let energies: [[Double]]
  /// φ and ψ, all φ first, [chains][frames, torsions]; rad in −π … π.
  package let torsions: [TorsionAngles]
  /// How many of the torsions are φ.
  package let phis: Int
  /// The energy evaluations of one chain until a frame, [frames], ascending.
  package let evaluations: [Int]

  /// - Precondition: All chains have as many frames as there are numbers of evaluations.
  package init(
    energies: [[Double]], torsions: [TorsionAngles], phis: Int, evaluations: [Int]
  ) {
    let frames = evaluations.count
    precondition(
      !energies.isEmpty && frames > 0 && torsions.count == energies.count
        && energies.allSatisfy { $0.count == frames }
        && torsions.allSatisfy { $0.torsions >= phis && $0.values.count == frames * $0.torsions }
        && zip(evaluations, evaluations.dropFirst()).allSatisfy { $0 < $1 },
      "\(energies.map(\.count)) energies and \(torsions.map(\.points)) torsions for \(frames) "
        + "ascending numbers of evaluations")
    (self.energies, self.torsions, self.phis) = (energies, torsions, phis)
    self.evaluations = evaluations
  }

  /// The chains of several simulations of equal cost, as far as the shortest goes.
  ///
  /// - Precondition: Their frames cost the same.
  package init(joining parts: [SampledChains]) {
    let frames = parts.map(\.evaluations.count).min() ?? 0
    precondition(
      parts.allSatisfy { $0.evaluations.prefix(frames) == parts[0].evaluations.prefix(frames) },
      "chains whose frames cost \(parts.map { $0.evaluations.first ?? 0 })")
    self.init(
      energies: parts.flatMap { $0.energies.map { Array($0.prefix(frames)) } },
      torsions: parts.flatMap { $0.torsions.map { $0.rows(Array(0..<frames)) } },
      phis: parts[0].phis, evaluations: Array(parts[0].evaluations.prefix(frames)))
  }

  /// The evaluations of all chains until the last frame.
  package var totalEvaluations: Int { energies.count * (evaluations.last ?? 0) }

  /// The powers of ten from 10⁴ to the total, and the total.
  package var budgets: [Int] {
    let powers = sequence(first: 10_000) { $0 > Int.max / 10 ? nil : 10 * $0 }
    return powers.prefix { $0 < totalEvaluations } + [totalEvaluations]
  }
}
