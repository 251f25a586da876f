import Foundation
import Kernels
import Molecules
import Testing

struct ReplicaExchangeTests {
  /// Walkers of no atoms to speak of, with given energies.
  private func walkers(_ exchange: ReplicaExchange, potentials: [Double]) -> Walkers {
    let groups = (potentials.count + 7) / 8
    let numbers = [Double](repeating: 1, count: groups * 3 * 8)
    return Walkers(
      atoms: 1, step: 0, thermalEnergies: exchange.walkerThermalEnergies, potentials: potentials,
      kinetics: potentials.map { _ in 0 }, positions: numbers, velocities: numbers)
  }

  /// Energies of n harmonic degrees of freedom have a gamma distribution, which is drawn from
  /// directly on every rung: exchange must leave it, and happen as often as the integral over both
  /// distributions says.
  @Test func `exchange keeps the distribution of every rung`() {
    let thermal = [2.0, 2.6, 3.5]
    let degrees = 12
    let ladders = 500
    var exchange = ReplicaExchange(ladders: ladders, thermalEnergies: thermal)
    var generator = RandomGenerator(seed: 8, stream: .testing)
    var sums = [Double](repeating: 0, count: 3)
    var squares = sums
    let rounds = 200
    for _ in 0..<rounds {
      let potentials = exchange.walkerThermalEnergies.map { thermal in
        (0..<degrees).reduce(0.0) { sum, _ in
          let x = generator.normal()
          return sum + 0.5 * thermal * x * x
        }
      }
      var walkers = walkers(exchange, potentials: potentials)
      exchange.attempt(&walkers, seed: 1)
      #expect(walkers.thermalEnergies == exchange.walkerThermalEnergies)
      for walker in 0..<walkers.count {
        let rung = exchange.rungs[walker]
        sums[rung] += potentials[walker]
        squares[rung] += potentials[walker] * potentials[walker]
      }
    }
    let count = Double(ladders * rounds)
    for (rung, thermal) in thermal.enumerated() {
      // Mean n kT/2, variance n (kT)²/2; the fourth moment of a gamma distribution gives the error
      // of the variance.
      let (mean, shape) = (sums[rung] / count, Double(degrees) / 2)
      let variance = squares[rung] / count - mean * mean
      let error = thermal * (shape / count).squareRoot()
      #expect(abs(mean - shape * thermal) < 4.5 * error, "rung \(rung): \(mean)")
      let spread = ((2 + 6 / shape) / count).squareRoot()
      #expect(abs(variance / (shape * thermal * thermal) - 1) < 4.5 * spread, "rung \(rung)")
    }
    for rung in 0..<2 {
      let expected = acceptance(thermal[rung], thermal[rung + 1], shape: Double(degrees) / 2)
      let attempts = Double(exchange.attempts[rung])
      #expect(attempts == count / 2)
      let found = Double(exchange.exchanges[rung]) / attempts
      let error = (expected * (1 - expected) / attempts).squareRoot()
      #expect(abs(found - expected) < 4.5 * error, "\(found), expected \(expected)")
    }
  }

  /// `∫∫ g_a(u) g_b(v) min(1, exp((1/a − 1/b)(u − v)))` over two gamma distributions, by the
  /// midpoint rule.
  private func acceptance(_ a: Double, _ b: Double, shape: Double) -> Double {
    let width = 0.05
    func density(_ u: Double, _ thermal: Double) -> Double {
      exp((shape - 1) * log(u / thermal) - u / thermal - lgamma(shape)) / thermal
    }
    let points = (0..<2_000).map { (Double($0) + 0.5) * width }
    let (ga, gb) = (points.map { density($0, a) }, points.map { density($0, b) })
    var sum = 0.0
    for i in points.indices {
      for j in points.indices {
        sum += ga[i] * gb[j] * min(1, exp((1 / a - 1 / b) * (points[i] - points[j])))
      }
    }
    return sum * width * width
  }

  @Test func `velocities follow the temperature, and round trips are counted`() {
    var exchange = ReplicaExchange(ladders: 1, thermalEnergies: [1, 4])
    // The colder walker has the higher energy: it is exchanged for certain.
    var walkers = walkers(exchange, potentials: [10, 0])
    exchange.attempt(&walkers, seed: 1)
    #expect(exchange.rungs == [1, 0] && exchange.roundTrips == 0)
    #expect(walkers.thermalEnergies == [4, 1])
    #expect(
      walkers.velocities[0] == 2 && walkers.velocities[1] == 0.5 && walkers.velocities[2] == 1)
    #expect(exchange.walker(onRung: 0, ofLadder: 0) == 1)
    // Two rungs have no second kind of round.
    exchange.attempt(&walkers, seed: 1)
    #expect(exchange.rungs == [1, 0] && exchange.attempts == [1])
    walkers = self.walkers(exchange, potentials: [0, 10])
    exchange.attempt(&walkers, seed: 1)
    #expect(exchange.rungs == [0, 1] && exchange.roundTrips == 1 && exchange.exchanges == [2])
  }

  @Test func `a ladder by itself ends at twice the temperature`() {
    let temperatures = ReplicaExchange.temperatures(from: 300, atoms: 22)
    #expect(temperatures.first == 300 && abs((temperatures.last ?? 0) - 600) < 1e-9)
    #expect(temperatures.count == 5)
    #expect(ReplicaExchange.temperatures(from: 310, atoms: 63).count > 5)
    #expect(ReplicaExchange.temperatures(from: 310, atoms: 1).count == 2)
  }
}
