import Foundation
import Molecules

/// The sums of one motion over blocks of frames.
struct MotionSamples {
  let motion: InternalMotion
  let blocks: [InternalMotionSums]
  let total: InternalMotionSums

  init(_ motion: InternalMotion, _ blocks: [InternalMotionSums]) {
    (self.motion, self.blocks) = (motion, blocks)
    var total = InternalMotionSums()
    for block in blocks { total += block }
    self.total = total
  }

  /// The standard deviation of q, nm or rad.
  var spread: Double {
    let mean = total.q / total.frames
    return max(0, total.squareQ / total.frames - mean * mean).squareRoot()
  }

  /// Whether any force is on it but what rounding leaves.
  var isActedOn: Bool { (total.squareG / total.frames).squareRoot() > 1e-6 }

  /// The means over each block of `(q − q̄) g` and `1 + (q − q̄) c`.
  var virials: [(force: Double, divergence: Double)] {
    let (middle, frames) = (total.q / total.frames, total.frames)
    return blocks.map { block in
      (
        force: (block.productQG - middle * block.g) / block.frames * frames / (frames - 1),
        divergence: 1 + (block.productQC - middle * block.c) / block.frames
      )
    }
  }

  /// The mean force, and its difference from `kT ⟨c⟩` in every block in units of its error; nil
  /// where it never changes.
  func force(
    thermalEnergy: Double, allowedBias: Double
  ) -> (force: MeanForce, differences: [Double])? {
    let differences = blocks.map { ($0.g - thermalEnergy * $0.c) / $0.frames }
    let mean = total.g / total.frames
    let bias =
      allowedBias * max(0, total.squareG / total.frames - mean * mean).squareRoot()
    let error = (squaredError(differences) + bias * bias).squareRoot()
    guard error > 0, error.isFinite else { return nil }
    let force = MeanForce(
      motion: motion, mean: mean, expected: thermalEnergy * total.c / total.frames, error: error)
    return (force, differences.map { $0 / error })
  }
}

/// The square of the standard error of the mean of blocks.
private func squaredError(_ blocks: [Double]) -> Double {
  let mean = blocks.reduce(0, +) / Double(blocks.count)
  let squares = blocks.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  return squares / Double(blocks.count - 1) / Double(blocks.count)
}

/// By how much the squared error of a mean of blocks is larger than if they did not depend on each
/// other, `(1 + ρ)/(1 − ρ)`, ρ the correlation of neighbours: frames of a few picoseconds have
/// blocks that are shorter than an energy persists.
private func persistence(_ blocks: [Double]) -> Double {
  let mean = blocks.reduce(0, +) / Double(blocks.count)
  let (own, neighbours) = (
    blocks.reduce(0) { $0 + ($1 - mean) * ($1 - mean) },
    zip(blocks, blocks.dropFirst()).reduce(0) { $0 + ($1.0 - mean) * ($1.1 - mean) }
  )
  guard own > 0 else { return 1 }
  // Two standard errors are chance.
  let chance = 2 / Double(blocks.count).squareRoot()
  let correlation = min(max(neighbours / own - chance, 0), 0.9)
  return (1 + correlation) / (1 - correlation)
}

extension ConfigurationalTemperature {
  /// Of the ratio of two sums over motions, whose means over each block are given: nil where it is
  /// no number.
  private init?(
    _ blocks: [(force: Double, divergence: Double)], motions: Int
  ) {
    let count = Double(blocks.count)
    let force = blocks.reduce(0) { $0 + $1.force } / count
    let divergence = blocks.reduce(0) { $0 + $1.divergence } / count
    let ratio = force / divergence
    let differences = blocks.map { ($0.force - ratio * $0.divergence) / divergence }
    let square = squaredError(differences) * persistence(differences)
    kelvin = ratio / Constants.gas
    error = square.squareRoot() / Constants.gas
    self.motions = motions
    guard motions > 0, divergence > 0, kelvin.isFinite, error.isFinite else { return nil }
  }

  /// By the virials of bonds or angles.
  init?(of samples: [MotionSamples], frames: Double) {
    guard let blocks = samples.first?.blocks.count else { return nil }
    let virials = samples.map(\.virials)
    self.init(
      (0..<blocks).map { block in
        virials.reduce((force: 0, divergence: 0)) {
          ($0.force + $1[block].force, $0.divergence + $1[block].divergence)
        }
      }, motions: samples.count)
  }

  /// By the sines and cosines of torsions.
  init?(ofTorsions samples: [MotionSamples]) {
    guard let count = samples.first?.blocks.count else { return nil }
    var sums = [(force: Double, divergence: Double)](repeating: (0, 0), count: count)
    for sample in samples {
      let identities = sample.blocks.map(\.waveIdentities)
      for wave in identities[0].indices {
        let blocks = identities.map { $0[wave] }
        // Not that of the blocks, which is known less well and would be too low where it counts.
        let square = sample.total.squaredWaveForces[wave]
        guard square > 0 else { continue }
        let divergence = blocks.reduce(0) { $0 + $1.divergence }
        for (index, block) in blocks.enumerated() {
          // A weight from the block itself would make the temperature too low.
          let weight = (divergence - block.divergence) / Double(count - 1) / square
          sums[index].force += weight * block.force
          sums[index].divergence += weight * block.divergence
        }
      }
    }
    self.init(sums, motions: samples.count)
  }

  /// The mean of several, weighted by their errors.
  init(combining parts: [ConfigurationalTemperature]) {
    let weights = parts.map { 1 / ($0.error * $0.error) }
    let sum = weights.reduce(0, +)
    kelvin = zip(parts, weights).reduce(0) { $0 + $1.0.kelvin * $1.1 } / sum
    error = (1 / sum).squareRoot()
    motions = parts.reduce(0) { $0 + $1.motions }
  }
}

extension MeanForceSpread {
  /// The root mean square of deviations that depend on each other.
  ///
  /// `Σ z²` has the variance `2 Σ ρ²` over all pairs, ρ the correlations of the blocks, whose own
  /// noise is subtracted; so it is distributed like χ² with `ν = M²/Σ ρ²` degrees of freedom, and
  /// `(Σ z²/M)^⅓` nearly normally (Wilson and Hilferty 1931). As a mean over b blocks has a t
  /// distribution, `Σ z²` is divided by the variance of that, `(b − 1)/(b − 3)`.
  ///
  /// - Parameter forces: Each with its difference in every block, in units of its error.
  init?(_ forces: [(force: MeanForce, differences: [Double])]) {
    guard let blocks = forces.first?.differences.count, blocks > 3 else { return nil }
    let (count, degrees) = (Double(forces.count), Double(blocks - 1))
    let squares = forces.reduce(0) { $0 + $1.force.deviation * $1.force.deviation }
    let centred = forces.map { force -> [Double] in
      let mean = force.differences.reduce(0, +) / Double(blocks)
      let differences = force.differences.map { $0 - mean }
      let norm = differences.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return differences.map { norm > 0 ? $0 / norm : 0 }
    }
    var correlations = count
    for i in centred.indices {
      for j in 0..<i {
        var product = 0.0
        for block in 0..<blocks { product += centred[i][block] * centred[j][block] }
        correlations += 2 * (product * product - 1 / degrees)
      }
    }
    correlations = min(max(correlations, count), count * count)
    let share = squares / count * (degrees - 2) / degrees
    let spread = 2 * correlations / (9 * count * count)
    deviation = share.squareRoot()
    error = (2 * correlations).squareRoot() / count / 2
    surprise = (pow(share, 1.0 / 3) - 1 + spread) / spread.squareRoot()
    motions = forces.count
  }
}
