import Boltzmann
import Kernels
import Molecules
import TestSupport
import Testing
import Trajectories

@Suite struct ConfigurationalTemperatureTests {
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

    func temperature(_ samples: Trajectory) -> ConfigurationalTemperature? {
      ConfigurationalTemperature(
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
        chain.temperature(chain.samples(400, kelvin: kelvin, seed: UInt64(seed))))
      #expect(found.bonds == 2 && found.rigidBonds == 0)
      deviations.append((found.kelvin - kelvin) / found.error)
      // Two bonds, 400 frames: the variance of the mean of χ² over 800.
      #expect(abs(found.error / kelvin - 0.05) < 0.025, "\(found)")
      #expect(abs(found.strangestForce.deviation) < 5, "\(found)")
    }
    let mean = deviations.reduce(0, +) / 40
    let square = deviations.reduce(0) { $0 + $1 * $1 } / 40
    #expect(abs(mean) < 0.6 && square > 0.5 && square < 1.9, "\(mean), \(square)")
  }

  @Test func `rigid bonds are counted and left out, those of rings are left out`() throws {
    let chain = Chain()
    let rigid = chain.samples(2_000, kelvin: 310, isSecondRigid: true, seed: 1)
    let found = try #require(chain.temperature(rigid))
    #expect(found.bonds == 1 && found.rigidBonds == 1)
    #expect(abs(found.kelvin - 310) < 4 * found.error, "\(found)")
    #expect(Chain(isRing: true).temperature(rigid) == nil)
  }

  @Test func `a few frames, or one frame many times, say nothing`() {
    let chain = Chain()
    #expect(chain.temperature(chain.samples(19, kelvin: 310, seed: 1)) == nil)
    #expect(chain.temperature(chain.samples(20, kelvin: 310, seed: 1)) != nil)
    let one = chain.samples(1, kelvin: 310, seed: 1)
    let repeated = Trajectory(
      atoms: 3, coordinates: (0..<30).flatMap { _ in one.coordinates })
    #expect(chain.temperature(repeated) == nil)
  }

  /// The molecule, its forces from OBC1, and 4,000 frames simulated at 310 K.
  @Test func `frames of a peptide give their temperature`() throws {
    let molecule = try system("AL3")
    let frames = try alanineFrames(0..<4_000)
    let found = try #require(
      ConfigurationalTemperature(
        frames, topology: molecule.topology, energy: molecule.energy, execution: .serial))
    #expect(found.bonds == 32 && found.error < 2)
    #expect(abs(found.kelvin - 310) < 4 * found.error, "\(found)")
    #expect(abs(found.strangestForce.deviation) < 5, "\(found)")
    #expect(found.verdict(wanted: 310) == .agrees)
    #expect(found.verdict(wanted: 300) == .differs)
    #expect(found.verdict(wanted: 31) == .contradicts)
    #expect(found.verdict(wanted: 3100) == .contradicts)
  }

  @Test func `without the solvent the temperature is the same, but not the mean force`() throws {
    let molecule = try system("AL3")
    let vacuum = Energy(molecule.prmtop.forceField, solvent: .vacuum)
    let found = try #require(
      ConfigurationalTemperature(
        try alanineFrames(0..<1_000), topology: molecule.topology, energy: vacuum,
        execution: .serial))
    #expect(found.verdict(wanted: 310) == .agrees)
    #expect(abs(found.strangestForce.deviation) > 10, "\(found)")
  }
}
