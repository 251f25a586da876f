import Foundation
import Kernels
import Molecules
import Trajectories

/// The temperature at which conformations have the Boltzmann distribution of an energy, measured
/// along the bonds.
///
/// For every vector field `v` on the conformations that grows more slowly than `exp(U/kT)`,
/// integrating `∇·(v exp(−U/kT))` over all space gives zero, that is
/// `⟨v · ∇U⟩ = kT ⟨∇ · v⟩`. Take a bond that is in no ring, from atom i to atom j, with the length
/// `r` and the unit vector `u` from i to j, and let `v` move every atom behind the bond, j and
/// whatever is bonded to it except by way of i, by `(r − r̄) u`, with any constant `r̄`. Then
/// `v · ∇U = −(r − r̄) u · F`, where `F` is the sum of the forces on the atoms that move: it is
/// `(r − r̄) ∂U/∂r`. Of the derivatives of `v` only those by the position of j count, since the
/// others that move are not in `r` and `u`, and i does not move:
/// `∇_j · ((r − r̄) u) = 1 + 2 (r − r̄)/r`. Hence, exactly and whatever else acts on the molecule,
///
/// `⟨(r − r̄) ∂U/∂r⟩ = kT ⟨1 + 2 (r − r̄)/r⟩`.
///
/// The temperature is the sum of the left sides over the bonds over that of the right sides, with
/// the mean length of each bond for its `r̄`, which keeps the error small. That `r̄` is a mean over
/// the same n frames takes a part of 1/n from the left side, which is given back.
///
/// Since the theorem holds for any `r̄`, it also says for each bond that
///
/// `⟨∂U/∂r⟩ = kT ⟨2/r⟩`,
///
/// which hardly depends on the temperature but on every force: stiff bonds hide a wrong solvent or
/// charge from the temperature, not from the mean force (``BondForce``).
package struct ConfigurationalTemperature: Equatable, Sendable {
  /// K.
  package let kelvin: Double
  /// The standard error of `kelvin`, K: from the spread over up to 40 blocks of frames.
  package let error: Double
  /// How many bonds were averaged.
  package let bonds: Int
  /// How many bonds in no ring have a length that never changes, as constraints (SHAKE) make it;
  /// these are left out.
  package let rigidBonds: Int
  /// The bond whose mean force is the most standard errors away from what it has to be.
  package let strangestForce: BondForce

  /// The number of frames below which the spread is not known well enough.
  package static let fewestFrames = 20
  /// The number of frames, evenly spread, that are looked at.
  package static let mostFrames = 4_000
  /// The number of blocks of consecutive frames.
  private static let blocks = 40
  /// The standard deviation of a rigid bond's length, nm: far above what rounding and the tolerance
  /// of constraints leave, far below that of a bond that vibrates at 1 K.
  private static let rigidSpread = 1e-5

  /// Measures the temperature of up to ``mostFrames`` frames.
  ///
  /// Exact samples of a harmonic molecule give their temperature to within the error, which has the
  /// size of the actual spread (ConfigurationalTemperatureTests).
  ///
  /// - Returns: Nil below ``fewestFrames`` frames, or where no bond outside rings changes its
  ///   length.
  package init?(
    _ trajectory: Trajectory, topology: Topology, energy: Energy, execution: Execution
  ) {
    guard trajectory.frames >= Self.fewestFrames else { return nil }
    let frames = min(trajectory.frames, Self.mostFrames)
    let width = 3 * trajectory.atoms
    let coordinates = (0..<frames).flatMap { index -> ArraySlice<Double> in
      let first = index * trajectory.frames / frames * width
      return trajectory.coordinates[first..<first + width]
    }
    let forces = energy.termsAndForces(coordinates: coordinates, execution: execution).forces
    let samples = topology.bondsInNoRing.map {
      BondSamples($0, coordinates: coordinates, forces: forces, atoms: trajectory.atoms)
    }
    let moving = samples.filter { $0.spread > Self.rigidSpread }
    guard !moving.isEmpty else { return nil }
    let blocks = min(Self.blocks, frames)
    // Of every block, the mean over frames and bonds.
    var (virials, divergences) = ([Double](), [Double]())
    for block in 0..<blocks {
      let range = block * frames / blocks..<(block + 1) * frames / blocks
      let count = Double(range.count * moving.count)
      let unbiased = Double(frames) / Double(frames - 1)
      virials.append(
        moving.reduce(0) { $0 + $1.virials[range].reduce(0, +) } * unbiased / count)
      divergences.append(
        moving.reduce(0) { $0 + $1.divergences[range].reduce(0, +) } / count)
    }
    let (virial, divergence) = (mean(virials), mean(divergences))
    let ratio = virial / divergence
    let squares = zip(virials, divergences).map { pow(($0 - ratio * $1) / divergence, 2) }
    kelvin = ratio / Constants.gas
    error = (mean(squares) / Double(blocks - 1)).squareRoot() / Constants.gas
    bonds = moving.count
    rigidBonds = samples.count - moving.count
    let balances = moving.map { $0.force(thermalEnergy: ratio, blocks: blocks) }
    guard kelvin.isFinite, error.isFinite,
      let strangest = balances.max(by: { abs($0.deviation) < abs($1.deviation) })
    else { return nil }
    strangestForce = strangest
  }
}

/// The mean of `∂U/∂r` along a bond, the force on all that is behind it, kJ mol⁻¹ nm⁻¹.
package struct BondForce: Equatable, Sendable {
  /// The bonded atoms.
  package let atoms: SIMD2<Int32>
  /// `⟨∂U/∂r⟩`.
  package let mean: Double
  /// What that has to be, `kT ⟨2/r⟩`.
  package let expected: Double
  /// The standard error of their difference.
  package let error: Double

  /// The difference in standard errors.
  package var deviation: Double { (mean - expected) / error }
}

private func mean(_ values: some Collection<Double>) -> Double {
  values.reduce(0, +) / Double(values.count)
}

/// What the frames say of one bond, [frames] each.
private struct BondSamples {
  private let bond: AcyclicBond
  /// `∂U/∂r`, kJ mol⁻¹ nm⁻¹.
  private let slopes: [Double]
  /// `2/r`, nm⁻¹.
  private let slopeDivergences: [Double]
  /// `(r − r̄) ∂U/∂r`, kJ/mol.
  let virials: [Double]
  /// `1 + 2 (r − r̄)/r`.
  let divergences: [Double]
  /// The standard deviation of `r`, nm.
  let spread: Double

  init(_ bond: AcyclicBond, coordinates: [Double], forces: [Double], atoms: Int) {
    let width = 3 * atoms
    var (lengths, slopes) = ([Double](), [Double]())
    for start in stride(from: 0, to: coordinates.count, by: width) {
      func vector(_ values: [Double], _ atom: Int) -> SIMD3<Double> {
        let first = start + 3 * atom
        return SIMD3(values[first], values[first + 1], values[first + 2])
      }
      let along = vector(coordinates, bond.far) - vector(coordinates, bond.near)
      let length = (along * along).sum().squareRoot()
      var force = SIMD3<Double>()
      for atom in bond.behind { force += vector(forces, atom) }
      lengths.append(length)
      slopes.append(-(force * along).sum() / length)
    }
    let middle = mean(lengths)
    spread = mean(lengths.map { ($0 - middle) * ($0 - middle) }).squareRoot()
    virials = zip(lengths, slopes).map { ($0 - middle) * $1 }
    divergences = lengths.map { 1 + 2 * ($0 - middle) / $0 }
    slopeDivergences = lengths.map { 2 / $0 }
    (self.bond, self.slopes) = (bond, slopes)
  }

  /// The mean force, its error from the spread over blocks of frames.
  func force(thermalEnergy: Double, blocks: Int) -> BondForce {
    let frames = slopes.count
    let excess = zip(slopes, slopeDivergences).map { $0 - thermalEnergy * $1 }
    let means = (0..<blocks).map { block in
      mean(excess[block * frames / blocks..<(block + 1) * frames / blocks])
    }
    let middle = mean(means)
    let square = mean(means.map { ($0 - middle) * ($0 - middle) }) / Double(blocks - 1)
    return BondForce(
      atoms: SIMD2(Int32(min(bond.near, bond.far)), Int32(max(bond.near, bond.far))),
      mean: mean(slopes), expected: thermalEnergy * mean(slopeDivergences),
      error: square.squareRoot())
  }
}

/// A bond whose removal divides the molecule.
private struct AcyclicBond {
  let near: Int
  let far: Int
  /// The far atom and all that hangs on it, the smaller of the two parts.
  let behind: [Int]
}

extension Topology {
  /// The bonds that are in no ring, each with the smaller part of the molecule behind it.
  fileprivate var bondsInNoRing: [AcyclicBond] {
    let neighbours = neighbours
    /// What is bonded to `atom` without the bond to `other`; nil when `other` is.
    func part(of atom: Int, without other: Int) -> [Int]? {
      var (reached, next) = (Set([atom]), [atom])
      while let present = next.popLast() {
        for neighbour in neighbours[present]
        where !(present == atom && neighbour == other) && reached.insert(neighbour).inserted {
          if neighbour == other { return nil }
          next.append(neighbour)
        }
      }
      return reached.sorted()
    }
    return bonds.compactMap { bond in
      let (i, j) = (Int(bond.x), Int(bond.y))
      guard let behindJ = part(of: j, without: i), let behindI = part(of: i, without: j) else {
        return nil
      }
      return behindJ.count <= behindI.count
        ? AcyclicBond(near: i, far: j, behind: behindJ)
        : AcyclicBond(near: j, far: i, behind: behindI)
    }
  }
}
