import Foundation
import Kernels

/// Why no start structure was found.
package enum StartStructureError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The minimised structures were all strained, or had lost a handedness or an isomer.
  case noneFound(attempts: Int, last: String)

  package var description: String {
    switch self {
    case .noneFound(let attempts, let last):
      "no unstrained structure was found in \(attempts) attempts (\(last)); pass another seed, or "
        + "begin from a PDB file"
    }
  }
}

extension Peptide {
  /// A structure to begin with: nm, [atoms].
  ///
  /// The atoms are placed from ideal lengths and angles: extended for the seed 0, otherwise with
  /// torsions drawn by the seed. Side chains turn until no atoms overlap, disulfides are closed by
  /// turning the chain, and the energy is minimised. Afterwards every bond is within a tenth of its
  /// equilibrium length, every centre has the handedness that the sequence says, and amides are
  /// trans, but for those that it says are cis (StartStructureTests).
  ///
  /// - Throws: ``StartStructureError``.
  package func startStructure(
    field: ForceField, energy: Energy, seed: UInt64 = 0
  ) throws(StartStructureError) -> [SIMD3<Double>] {
    let geometry = BondGeometry(self, field)
    let far = FarPairs(topology, field)
    var last = ""
    let attempts = 20
    for attempt in 0..<attempts {
      var generator = RandomGenerator(seed: seed, stream: .building, step: attempt)
      var torsions =
        seed == 0 && attempt == 0 && sequence.disulfides.isEmpty
        ? PeptideTorsions(extended: sequence)
        : PeptideTorsions(random: sequence, using: &generator)
      let ideal = relaxTorsions(&torsions, geometry, far, using: &generator)
      let found = energy.minimum(from: ideal, tolerance: 100, steps: 3_000)
      if let fault = fault(in: found.positions, ideal: ideal, field) {
        last = fault
        continue
      }
      return found.positions
    }
    throw .noneFound(attempts: attempts, last: last)
  }

  /// Turns torsions at random for as long as atoms overlap or sulfurs of a bridge are apart.
  private func relaxTorsions(
    _ torsions: inout PeptideTorsions, _ geometry: BondGeometry, _ far: FarPairs,
    using generator: inout RandomGenerator
  ) -> [SIMD3<Double>] {
    func cost(_ x: [SIMD3<Double>]) -> Double { far.overlap(x) + openBridges(x) }
    var best = idealStructure(geometry, torsions: torsions)
    var lowest = cost(best)
    let isBridged = !sequence.disulfides.isEmpty
    let places = sequence.aminoAcids
    for _ in 0..<(isBridged ? 2_000 : 300) where lowest > 0.01 {
      var trial = torsions
      let place = places[Int(generator.uniform() * Double(places.count))]
      if isBridged, generator.uniform() < 0.7 {
        let step = 0.5 * generator.normal()
        let isPro = ["PRO", "HYP"].contains(sequence.residues[place].name)
        if generator.uniform() < 0.5, !isPro {
          trial.residues[place].φ += step
        } else {
          trial.residues[place].ψ += step
        }
      } else {
        trial.turnSideChain(place, of: sequence.residues[place].name, using: &generator)
      }
      let x = idealStructure(geometry, torsions: trial)
      let value = cost(x)
      if value < lowest { (torsions, best, lowest) = (trial, x, value) }
    }
    return best
  }

  /// How far the sulfurs of bridges, and the carbons before them, are from where they have to be.
  private func openBridges(_ x: [SIMD3<Double>]) -> Double {
    func distance(_ i: Int?, _ j: Int?) -> Double {
      guard let i, let j else { return 0 }
      return dot(x[i] - x[j], x[i] - x[j]).squareRoot()
    }
    return sequence.disulfides.reduce(0) { sum, pair in
      let sulfurs = distance(atom(pair.x, "SG"), atom(pair.y, "SG"))
      let first = distance(atom(pair.x, "CB"), atom(pair.y, "SG"))
      let second = distance(atom(pair.x, "SG"), atom(pair.y, "CB"))
      return sum + max(0, abs(sulfurs - 0.205) - 0.02)
        + 0.3 * (max(0, abs(first - 0.305) - 0.04) + max(0, abs(second - 0.305) - 0.04))
    }
  }

  /// What is wrong with a minimised structure, in words; nil if nothing is.
  private func fault(
    in x: [SIMD3<Double>], ideal: [SIMD3<Double>], _ field: ForceField
  ) -> String? {
    for bond in field.bonds {
      let (i, j) = (Int(bond.atoms.x), Int(bond.atoms.y))
      let length = dot(x[i] - x[j], x[i] - x[j]).squareRoot()
      if abs(length / bond.length - 1) > 0.1 || !length.isFinite {
        return "bond \(topology.label(i)) – \(topology.label(j)) is strained"
      }
    }
    let stereochemistry = Stereochemistry(topology)
    let wanted = stereochemistry.handedness(ideal)
    for (place, sign) in stereochemistry.handedness(x).enumerated() where sign != wanted[place] {
      return "\(topology.label(stereochemistry.centres[place].atom)) turned into its mirror image"
    }
    let isomers = stereochemistry.isomers(ideal)
    for (place, isomer) in stereochemistry.isomers(x).enumerated() where isomer != isomers[place] {
      return "an amide turned"
    }
    return nil
  }
}

/// The pairs of atoms more than three bonds apart.
private struct FarPairs {
  private var pairs: [SIMD2<Int>] = []
  /// The distance at which the two touch, nm, [pairs].
  private var contacts: [Double] = []

  init(_ topology: Topology, _ field: ForceField) {
    let near = Set(field.exclusions)
    let reach = topology.atomicNumbers.map { $0 == 1 ? 0.09 : 0.14 }
    for j in 0..<topology.atoms {
      for i in 0..<j where !near.contains(SIMD2(Int32(i), Int32(j))) {
        pairs.append(SIMD2(i, j))
        contacts.append(reach[i] + reach[j])
      }
    }
  }

  /// How far they are within each other, summed, nm.
  func overlap(_ x: [SIMD3<Double>]) -> Double {
    var sum = 0.0
    for (pair, contact) in zip(pairs, contacts) {
      let apart = x[pair.x] - x[pair.y]
      let square = dot(apart, apart)
      if square < contact * contact { sum += contact - square.squareRoot() }
    }
    return sum
  }
}
