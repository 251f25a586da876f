import Foundation
import Kernels
import Molecules

/// Sums over frames for one motion; its coordinate is q, the slope `∂U/∂q` is g, and c is that of
/// the divergence (``InternalMotion``).
struct InternalMotionSums {
  var frames = 0.0
  var q = 0.0
  var squareQ = 0.0
  var g = 0.0
  var squareG = 0.0
  var productQG = 0.0
  var c = 0.0
  var productQC = 0.0
  /// Of a torsion only: Σ sin nφ, Σ cos nφ, n = 1, 2, 3.
  var waves = SIMD8<Double>()
  /// Σ g sin nφ, Σ g cos nφ.
  var waveForces = SIMD8<Double>()
  /// The sums of their squares.
  var squaredWaveForces = SIMD8<Double>()

  static func += (sums: inout InternalMotionSums, other: InternalMotionSums) {
    sums.frames += other.frames
    sums.q += other.q
    sums.squareQ += other.squareQ
    sums.g += other.g
    sums.squareG += other.squareG
    sums.productQG += other.productQG
    sums.c += other.c
    sums.productQC += other.productQC
    sums.waves += other.waves
    sums.waveForces += other.waveForces
    sums.squaredWaveForces += other.squaredWaveForces
  }

  fileprivate mutating func add(q: Double, g: Double, c: Double) {
    frames += 1
    self.q += q
    squareQ += q * q
    self.g += g
    squareG += g * g
    productQG += q * g
    self.c += c
    productQC += q * c
  }

  fileprivate mutating func add(torsion: Double, g: Double) {
    add(q: torsion, g: g, c: 0)
    var wave = SIMD8<Double>()
    for n in 1...Self.waveNumbers {
      wave[2 * n - 2] = sin(Double(n) * torsion)
      wave[2 * n - 1] = cos(Double(n) * torsion)
    }
    waves += wave
    waveForces += g * wave
    squaredWaveForces += g * g * wave * wave
  }

  /// The largest n.
  static let waveNumbers = 3

  /// What the n-th sine and the n-th cosine say: the mean of `f g` and that of `f'`.
  var waveIdentities: [(force: Double, divergence: Double)] {
    (1...Self.waveNumbers).flatMap { n in
      let (sine, cosine) = (2 * n - 2, 2 * n - 1)
      return [
        (waveForces[sine] / frames, Double(n) * waves[cosine] / frames),
        (waveForces[cosine] / frames, -Double(n) * waves[sine] / frames),
      ]
    }
  }
}

extension MovingPart {
  /// The sums of its motions over frames, in their order.
  ///
  /// - Parameters:
  ///   - coordinates: nm, [frames, atoms, 3].
  ///   - forces: kJ mol⁻¹ nm⁻¹, likewise.
  func sums(_ coordinates: [Double], _ forces: [Double], atoms: Int) -> [InternalMotionSums] {
    var sums = [InternalMotionSums](
      repeating: InternalMotionSums(),
      count: 1 + angleEnds.count + (torsionEnds == nil ? 0 : 1))
    for start in stride(from: 0, to: coordinates.count, by: 3 * atoms) {
      func vector(_ values: [Double], _ atom: Int) -> SIMD3<Double> {
        let first = start + 3 * atom
        return SIMD3(values[first], values[first + 1], values[first + 2])
      }
      let origin = vector(coordinates, bond.near)
      let along = vector(coordinates, bond.far) - origin
      let length = (along * along).sum().squareRoot()
      var (force, torque) = (SIMD3<Double>(), SIMD3<Double>())
      for atom in bond.behind {
        let own = vector(forces, atom)
        force += own
        torque += cross(vector(coordinates, atom) - origin, own)
      }
      sums[0].add(q: length, g: -(force * along).sum() / length, c: 2 / length)
      for (index, end) in angleEnds.enumerated() {
        let arm = vector(coordinates, end) - origin
        let normal = cross(arm, along)
        let sine = (normal * normal).sum().squareRoot()
        let cosine = (arm * along).sum()
        sums[1 + index].add(
          q: atan2(sine, cosine), g: -(torque * normal).sum() / sine, c: cosine / sine)
      }
      guard let (first, last) = torsionEnds else { continue }
      let before = origin - vector(coordinates, first)
      let after = vector(coordinates, last) - vector(coordinates, bond.far)
      let (m, n) = (cross(before, along), cross(along, after))
      let torsion = atan2(length * (before * n).sum(), (m * n).sum())
      sums[sums.count - 1].add(torsion: torsion, g: -(torque * along).sum() / length)
    }
    return sums
  }
}
