import Foundation
import Kernels

/// Ladders of temperatures between whose rungs walkers change places.
///
/// Walker `ladder · rungs + r` starts on rung r of its ladder. Neighbours on the rungs (0, 1), (2,
/// 3), … and (1, 2), (3, 4), … take turns; two of them change places with probability
/// `min(1, exp((1/kT_a − 1/kT_b)(U_a − U_b)))`, which leaves the Boltzmann distribution of every
/// rung invariant (Sugita and Okamoto 1999, *Chem. Phys. Lett.* 314, 141; ReplicaExchangeTests).
package struct ReplicaExchange: Codable, Equatable, Sendable {
  /// kT of each rung, kJ/mol, ascending; the first is the one that is wanted.
  package let thermalEnergies: [Double]
  package let ladders: Int
  /// The rung of each walker, [ladders, rungs].
  package private(set) var rungs: [Int]
  /// How often exchange was attempted, and how often it happened, between each rung and the next,
  /// [rungs − 1].
  package private(set) var attempts: [Int]
  package private(set) var exchanges: [Int]
  /// How often a walker came from the first rung to the last and back, summed over all.
  package private(set) var roundTrips = 0
  /// The end of the ladder where each walker was last: 0 neither, 1 the first rung, 2 the last,
  /// [ladders, rungs].
  private var lastEnds: [Int]
  private var rounds = 0

  package init(ladders: Int, thermalEnergies: [Double]) {
    precondition(ladders > 0 && !thermalEnergies.isEmpty, "\(ladders) ladders")
    self.ladders = ladders
    self.thermalEnergies = thermalEnergies
    rungs = (0..<ladders).flatMap { _ in Array(thermalEnergies.indices) }
    attempts = [Int](repeating: 0, count: thermalEnergies.count - 1)
    exchanges = attempts
    lastEnds = [Int](repeating: 0, count: rungs.count)
    noteEnds()
  }

  /// The largest `√(C/k) ln(T_b/T_a)` between neighbours on a ladder, dimensionless.
  ///
  /// Harmonic degrees of freedom with heat capacity C accept about `erfc(½ √(C/k) ln(T_b/T_a))` of
  /// the exchanges: here 0.40.
  private static let largestSpacing = 1.2

  /// A ladder with constant ratios from a temperature to twice that, K.
  ///
  /// The molecule counts as 3N harmonic degrees of freedom with the heat capacity `C = 1.5 N k` of
  /// their potential energy; at least about 0.4 of the exchanges are accepted (`largestSpacing`).
  package static func temperatures(from lowest: Double, atoms: Int) -> [Double] {
    let rootOfCapacity = (1.5 * Double(atoms)).squareRoot()
    let steps = max(1, (log(2.0) * rootOfCapacity / largestSpacing).rounded(.up))
    return (0...Int(steps)).map { lowest * pow(2, Double($0) / steps) }
  }

  /// Whether the numbers fit each other, as those of a damaged file may not: every ladder has a
  /// walker on each of its rungs.
  package var isConsistent: Bool {
    let count = thermalEnergies.count
    // The product of the two would overflow.
    guard count > 0, ladders > 0, rungs.count % count == 0, rungs.count / count == ladders,
      lastEnds.count == rungs.count, attempts.count == count - 1, exchanges.count == count - 1,
      ([rounds, roundTrips] + attempts + exchanges).allSatisfy((0...1 << 60).contains)
    else { return false }
    return (0..<ladders).allSatisfy {
      rungs[$0 * count..<($0 + 1) * count].sorted() == Array(0..<count)
    }
  }

  /// kT of each walker on its rung, kJ/mol, [walkers].
  package var walkerThermalEnergies: [Double] { rungs.map { thermalEnergies[$0] } }

  /// The walker that is on a rung of a ladder.
  package func walker(onRung rung: Int, ofLadder ladder: Int) -> Int {
    let start = ladder * thermalEnergies.count
    for walker in start..<start + thermalEnergies.count where rungs[walker] == rung {
      return walker
    }
    preconditionFailure("no walker on rung \(rung) of ladder \(ladder)")
  }

  /// One round of attempts: half of the neighbours of every ladder.
  package mutating func attempt(_ walkers: inout Walkers, seed: UInt64) {
    precondition(walkers.count == rungs.count, "\(walkers.count) walkers, \(rungs.count) rungs")
    for ladder in 0..<ladders {
      var generator = RandomGenerator(
        seed: seed, stream: .exchange, step: rounds, index: ladder)
      for rung in stride(from: rounds % 2, to: thermalEnergies.count - 1, by: 2) {
        let (a, b) = (
          walker(onRung: rung, ofLadder: ladder), walker(onRung: rung + 1, ofLadder: ladder)
        )
        let exponent =
          (1 / thermalEnergies[rung] - 1 / thermalEnergies[rung + 1])
          * (walkers.potentials[a] - walkers.potentials[b])
        attempts[rung] += 1
        // Drawn in any case, so that what follows does not depend on the outcome.
        guard generator.uniform() < exp(exponent) else { continue }
        exchanges[rung] += 1
        (rungs[a], rungs[b]) = (rung + 1, rung)
        walkers.setThermalEnergy(thermalEnergies[rung + 1], of: a)
        walkers.setThermalEnergy(thermalEnergies[rung], of: b)
      }
    }
    rounds += 1
    noteEnds()
  }

  private mutating func noteEnds() {
    guard thermalEnergies.count > 1 else { return }
    for walker in rungs.indices {
      if rungs[walker] == 0 {
        if lastEnds[walker] == 2 { roundTrips += 1 }
        lastEnds[walker] = 1
      } else if rungs[walker] == thermalEnergies.count - 1, lastEnds[walker] == 1 {
        lastEnds[walker] = 2
      }
    }
  }
}
