import Boltzmann
import Foundation
import Kernels
import Molecules
import TestSupport
import Testing
import Trajectories

@Suite struct HypervirialTestTests {
  /// Three atoms in a row, or in a ring, in which only the bonds act.
  private struct Chain {
    let topology: Topology
    let energy: Energy
    let bonds = [
      HarmonicBond(atoms: SIMD2(0, 1), length: 0.15, stiffness: 40_000),
      HarmonicBond(atoms: SIMD2(1, 2), length: 0.12, stiffness: 200_000),
    ]

    init(isRing: Bool = false) {
      let pairs: [SIMD2<Int32>] = [SIMD2(0, 1), SIMD2(1, 2)]
      topology = Topology(
        atomNames: ["A", "B", "C"], atomicNumbers: [6, 6, 6], masses: [12, 12, 12],
        residueNames: ["X"], residueOfAtom: [0, 0, 0],
        bonds: isRing ? [SIMD2(0, 1), SIMD2(0, 2), SIMD2(1, 2)] : pairs)
      energy = Energy(
        ForceField(
          bonds: bonds, charges: [0, 0, 0], lennardJonesTypes: [0, 0, 0],
          lennardJonesTable: [LennardJones(repulsion: 0, attraction: 0)],
          exclusions: [SIMD2(0, 1), SIMD2(0, 2), SIMD2(1, 2)], radii: [0.15, 0.15, 0.15],
          screens: [0.8, 0.8, 0.8]),
        solvent: .vacuum)
    }

    /// Exact samples: the density of a length is `r² exp(−½ k (r − r₀)²/kT)`, drawn from the normal
    /// distribution and accepted by `r²`; directions are uniform.
    func samples(
      _ frames: Int, kelvin: Double, isSecondRigid: Bool = false, seed: UInt64
    ) -> Trajectory {
      var generator = RandomGenerator(seed: seed, stream: .testing)
      let thermal = Constants.gas * kelvin
      func length(_ bond: HarmonicBond) -> Double {
        let spread = (thermal / bond.stiffness).squareRoot()
        while true {
          let r = bond.length + spread * generator.normal()
          let ratio = r / (bond.length + 8 * spread)
          if r > 0, Double.random(in: 0..<1, using: &generator) < ratio * ratio { return r }
        }
      }
      func step(_ length: Double) -> SIMD3<Double> {
        let u = SIMD3(generator.normal(), generator.normal(), generator.normal())
        return length / (u * u).sum().squareRoot() * u
      }
      return Trajectory(
        atoms: 3,
        coordinates: (0..<frames).flatMap { _ -> [Double] in
          let second = step(length(bonds[0]))
          let third = second + step(isSecondRigid ? bonds[1].length : length(bonds[1]))
          return [0, 0, 0, second.x, second.y, second.z, third.x, third.y, third.z]
        })
    }

    func test(_ samples: Trajectory) -> HypervirialTest? {
      HypervirialTest(
        samples, topology: topology, energy: energy, execution: .serial)
    }
  }

  /// At 3,000 K the terms beyond the harmonic one, 2(r − r̄)/r and r², count too.
  @Test(arguments: [31.0, 310, 3000])
  func `exact samples give their temperature, and as much error as they have`(kelvin: Double) throws
  {
    let chain = Chain()
    var deviations: [Double] = []
    for seed in 0..<40 {
      let found = try #require(
        chain.test(chain.samples(400, kelvin: kelvin, seed: UInt64(seed))))
      let bonds = try #require(found.bonds)
      #expect(bonds.motions == 2 && found.rigidBonds == 0)
      // Nothing acts on the angle.
      #expect(found.angles == nil && abs(found.all.kelvin - bonds.kelvin) < 1e-9)
      deviations.append((bonds.kelvin - kelvin) / bonds.error)
      // Two bonds, 400 frames: the variance of the mean of χ² over 800.
      #expect(abs(bonds.error / kelvin - 0.05) < 0.025, "\(found)")
      #expect(abs(found.strangest[0].deviation) < 5, "\(found)")
    }
    let mean = deviations.reduce(0, +) / 40
    let square = deviations.reduce(0) { $0 + $1 * $1 } / 40
    #expect(abs(mean) < 0.6 && square > 0.5 && square < 1.9, "\(mean), \(square)")
  }

  @Test func `rigid bonds are counted and left out, those of rings are left out`() throws {
    let chain = Chain()
    let rigid = chain.samples(2_000, kelvin: 310, isSecondRigid: true, seed: 1)
    let found = try #require(chain.test(rigid))
    let bonds = try #require(found.bonds)
    #expect(bonds.motions == 1 && found.rigidBonds == 1)
    #expect(abs(bonds.kelvin - 310) < 4 * bonds.error, "\(found)")
    #expect(Chain(isRing: true).test(rigid) == nil)
  }

  @Test func `of chains that take turns all are looked at`() throws {
    let chain = Chain()
    // Eight chains, every other one at twice the temperature, and twice the frames that are looked at.
    let frames = HypervirialTest.mostFrames
    let (cold, hot) = (
      chain.samples(frames, kelvin: 310, seed: 1), chain.samples(frames, kelvin: 620, seed: 2)
    )
    let width = 9
    let both = Trajectory(
      atoms: 3,
      coordinates: (0..<2 * frames).flatMap { frame in
        (frame % 2 == 0 ? cold : hot).coordinates[frame / 2 * width..<(frame / 2 + 1) * width]
      })
    let bonds = try #require(chain.test(both)?.bonds)
    #expect(abs(bonds.kelvin - 465) < 40, "\(bonds.kelvin)")
  }

  @Test func `a few frames, or one frame many times, say nothing`() {
    let chain = Chain()
    #expect(chain.test(chain.samples(19, kelvin: 310, seed: 1)) == nil)
    #expect(chain.test(chain.samples(20, kelvin: 310, seed: 1)) != nil)
    let one = chain.samples(1, kelvin: 310, seed: 1)
    let repeated = Trajectory(
      atoms: 3, coordinates: (0..<30).flatMap { _ in one.coordinates })
    #expect(chain.test(repeated) == nil)
  }

  /// Four atoms in a row: exact samples of bonds, angles and a torsion that know nothing of each
  /// other, with the densities `r² exp(−u)`, `sin θ exp(−u)` and `exp(−u)`.
  private struct Butane {
    let topology = Topology(
      atomNames: ["A", "B", "C", "D"], atomicNumbers: [6, 6, 6, 6], masses: [12, 12, 12, 12],
      residueNames: ["X"], residueOfAtom: [0, 0, 0, 0],
      bonds: [SIMD2(0, 1), SIMD2(1, 2), SIMD2(2, 3)])
    let bond = HarmonicBond(atoms: SIMD2(0, 1), length: 0.15, stiffness: 200_000)
    let angle = HarmonicAngle(atoms: SIMD3(0, 1, 2), angle: 1.9, stiffness: 400)
    let torsion = Torsion(atoms: SIMD4(0, 1, 2, 3), periodicity: 3, phase: 0.4, barrier: 5)

    /// - Parameter barrier: Of another torsion than that of the samples.
    func energy(barrier: Double = 5) -> Energy {
      var bonds: [HarmonicBond] = []
      for first in Int32(0)..<3 {
        bonds.append(
          HarmonicBond(
            atoms: SIMD2(first, first + 1), length: bond.length, stiffness: bond.stiffness))
      }
      var other = torsion
      other.barrier = barrier
      let second = HarmonicAngle(
        atoms: SIMD3(1, 2, 3), angle: angle.angle, stiffness: angle.stiffness)
      return Energy(
        ForceField(
          bonds: bonds, angles: [angle, second], torsions: [other], charges: [0, 0, 0, 0],
          lennardJonesTypes: [0, 0, 0, 0],
          lennardJonesTable: [LennardJones(repulsion: 0, attraction: 0)],
          radii: [0.15, 0.15, 0.15, 0.15], screens: [0.8, 0.8, 0.8, 0.8]),
        solvent: .vacuum)
    }

    func samples(_ frames: Int, kelvin: Double, seed: UInt64) -> Trajectory {
      var generator = RandomGenerator(seed: seed, stream: .testing)
      let thermal = Constants.gas * kelvin
      /// A proposal, accepted with a probability.
      func draw(
        _ propose: (inout RandomGenerator) -> Double, _ probability: (Double) -> Double
      ) -> Double {
        while true {
          let value = propose(&generator)
          if generator.uniform() < probability(value) { return value }
        }
      }
      let (stretch, bend) = (
        (thermal / bond.stiffness).squareRoot(), (thermal / angle.stiffness).squareRoot()
      )
      func length() -> Double {
        draw({ bond.length + stretch * $0.normal() }, { min(1, pow($0 / 0.25, 2)) })
      }
      func bent() -> Double {
        draw({ angle.angle + bend * $0.normal() }, { $0 > 0 && $0 < .pi ? sin($0) : 0 })
      }
      return Trajectory(
        atoms: 4,
        coordinates: (0..<frames).flatMap { _ -> [Double] in
          let (r1, r2, r3, a, b) = (length(), length(), length(), bent(), bent())
          let phi = draw(
            { (2 * $0.uniform() - 1) * .pi },
            { exp(-torsion.barrier * (1 + cos(3 * $0 - torsion.phase)) / thermal) })
          // The first atom, the second at the origin, the third along x, the fourth.
          return [r1 * cos(a), r1 * sin(a), 0, 0, 0, 0, r2, 0, 0]
            + [r2 - r3 * cos(b), r3 * sin(b) * cos(phi), r3 * sin(b) * sin(phi)]
        })
    }
  }

  @Test(arguments: [100.0, 310])
  func `bonds, angles and torsions each give their temperature`(kelvin: Double) throws {
    let butane = Butane()
    var deviations: [[Double]] = [[], [], [], []]
    for seed in 0..<16 {
      let found = try #require(
        HypervirialTest(
          butane.samples(1_000, kelvin: kelvin, seed: UInt64(seed)), topology: butane.topology,
          energy: butane.energy(), execution: .serial))
      for (index, temperature) in [found.bonds, found.angles, found.torsions, found.all]
        .enumerated()
      {
        let temperature = try #require(temperature)
        #expect(temperature.motions == [3, 3, 1, 7][index])
        deviations[index].append((temperature.kelvin - kelvin) / temperature.error)
      }
      #expect(found.strangest.map(\.motion.kind) == [.bond, .angle, .torsion])
      #expect(found.strangest.allSatisfy { abs($0.deviation) < 5 }, "\(found)")
      #expect(abs(found.spread.surprise) < 4.5 && found.spread.motions == 7, "\(found)")
    }
    for deviations in deviations {
      let mean = deviations.reduce(0, +) / 16
      let square = deviations.reduce(0) { $0 + $1 * $1 } / 16
      #expect(abs(mean) < 0.8 && square > 0.3 && square < 2.5, "\(mean), \(square)")
    }
  }

  @Test func `half the barrier of a torsion halves its temperature, and no other`() throws {
    let butane = Butane()
    let found = try #require(
      HypervirialTest(
        butane.samples(4_000, kelvin: 310, seed: 1), topology: butane.topology,
        energy: butane.energy(barrier: 2.5), execution: .serial))
    let torsions = try #require(found.torsions)
    #expect(abs(torsions.kelvin - 155) < 4 * torsions.error && torsions.error < 10, "\(found)")
    #expect(found.bonds?.verdict(wanted: 310) == .agrees)
    #expect(found.angles?.verdict(wanted: 310) == .agrees)
  }

  private func test(
    _ frames: Range<Int>, _ energy: (MolecularSystem) -> Energy = { $0.energy }
  ) throws -> HypervirialTest {
    let molecule = try system("AL3")
    return try #require(
      HypervirialTest(
        try alanineFrames(frames), topology: molecule.topology, energy: energy(molecule),
        execution: Execution(workers: 2)))
  }

  /// The molecule, its forces from OBC1, and 4,000 frames simulated at 310 K.
  @Test func `frames of a peptide give their temperature`() throws {
    let found = try test(0..<4_000)
    let temperatures = [found.bonds, found.angles, found.torsions, found.all].compactMap(\.self)
    #expect(temperatures.map(\.motions) == [32, 86, 11, 129])
    for (temperature, error) in zip(temperatures, [2, 2, 5, 1.2]) {
      #expect(temperature.error < error)
      #expect(abs(temperature.kelvin - 310) < 4 * temperature.error, "\(found)")
      #expect(temperature.verdict(wanted: 310) == .agrees)
      #expect(temperature.verdict(wanted: 31) == .contradicts)
      #expect(temperature.verdict(wanted: 3100) == .contradicts)
    }
    #expect(found.bonds?.verdict(wanted: 300) == .differs)
    #expect(found.all.verdict(wanted: 300) == .differs)
    #expect(found.strangest.allSatisfy { abs($0.deviation) < 5 }, "\(found)")
    #expect(found.spread.surprise < 4, "\(found)")
  }

  @Test func `without the solvent the temperature is the same, but not the mean force`() throws {
    let found = try test(0..<1_000) { Energy($0.prmtop.forceField, solvent: .vacuum) }
    #expect(found.bonds?.verdict(wanted: 310) == .agrees)
    #expect(found.strangest.allSatisfy { abs($0.deviation) > 10 }, "\(found)")
    #expect(found.spread.surprise > 15 && found.spread.deviation > 5, "\(found)")
  }
}
