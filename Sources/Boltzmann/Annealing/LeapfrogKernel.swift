import Foundation
import Kernels

/// The field g that leads a kernel: `β ∂ log p + (1 − β) ∂ log q`; where the flow's gradient is not
/// known, that of the standard normal numbers that its training data look like from afar, −x on the
/// line and 0 on a circle.
func pathField(
  _ position: Double, x: Float, target: Float, base: Float?, isOnCircle: Bool
) -> Double {
  // Not 0 · ∞ at the end of the path.
  guard position < 1 else { return Double(target) }
  let start = base ?? (isOnCircle ? 0 : -x)
  return (1 - position) * Double(start) + position * Double(target)
}

/// A Markov kernel that leaves `log π_β = (1 − β) log q + β log p` invariant: leapfrog steps with
/// fresh normal momenta, led by some gradient field g, and Metropolis' test.
///
/// `p ← p + ½ε s g(x)`, `x ← x + ε s p`, `p ← p + ½ε s g(x)`; accepted with
/// `min(1, exp(Δ log π_β − Δ ½p²))`. The steps are reversible and keep volumes whatever g is, so
/// that the kernel is exact for every g that depends on x alone (`LeapfrogKernelTests`). One step is
/// MALA; without the test it is ULA, exact only for small ε.
struct LeapfrogKernel {
  let path: AnnealedPath
  let kernel: AnnealingSettings.Kernel
  let guide: AnnealingSettings.Guide
  let steps: Int
  /// β.
  let position: Double
  /// ε.
  let stepSize: Double
  /// s, [width]; a number whose s is 0 stays as it is.
  let scales: [Double]
  let seed: UInt64
  /// The number of the first particle in the seed's stream.
  let first: Int
  let execution: Execution

  /// A number beyond this ends a trajectory: nothing in a support comes near it.
  private static let largest: Float = 1e5

  /// What a move did.
  struct Outcome {
    /// The mean acceptance, each particle with its weight.
    let acceptance: Double
    /// Evaluations of p, of log q alone, and of log q with its gradient, by one particle.
    let targets, densities, gradients: Int
  }

  private var usesBaseGradient: Bool { guide == .path && position < 1 }

  /// Moves every particle once.
  ///
  /// The numbers of a particle depend on the seed, the move's number and its own.
  func move(_ particles: inout Particles, number: Int) -> Outcome {
    let (count, width) = (particles.count, path.width)
    var x = particles.x
    var momenta = [Double](repeating: 0, count: count * width)
    var chances = [Double](repeating: 0, count: count)
    var own = [Double](repeating: stepSize, count: count)
    write(&momenta, &chances, &own, width: width) { index, momenta, chance, own in
      var generator = RandomGenerator(
        seed: seed, stream: .annealing, step: number, index: first + index)
      for place in 0..<width { momenta[place] = generator.normal() }
      chance = log(1 - generator.uniform())
      // Trajectories of different lengths meet no resonance.
      if kernel == .hmc { own *= 0.8 + 0.4 * generator.uniform() }
    }
    let before = momenta
    var target: AnnealedPath.Slopes = (particles.target, particles.targetGradient)
    var base: AnnealedPath.Slopes? =
      usesBaseGradient ? particles.baseGradient.map { (particles.base, $0) } : nil
    for _ in 0..<steps {
      kick(&momenta, by: own, at: x, target.gradient, base?.gradient)
      drift(&x, &chances, momenta, by: own, keeping: particles.x)
      target = path.targetSlopes(x, execution)
      if usesBaseGradient { base = path.baseSlopes(x, execution) }
      kick(&momenta, by: own, at: x, target.gradient, base?.gradient)
    }
    // At the end of the path the flow has no part in π.
    let needsBase = position < 1
    let baseValues = base?.values ?? (needsBase ? path.base(x, execution) : particles.base)
    let largest = particles.logWeights.max() ?? 0
    var (accepted, all) = (0.0, 0.0)
    for index in 0..<count {
      let range = index * width..<(index + 1) * width
      let kinetic = range.reduce(0.0) {
        $0 + (before[$1] * before[$1] - momenta[$1] * momenta[$1]) / 2
      }
      let new = value(baseValues[index], target.values[index])
      let old = value(particles.base[index], particles.target[index])
      let exponent = chances[index] < .infinity ? change(from: old, to: new, kinetic) : -.infinity
      let weight = largest > -.infinity ? exp(particles.logWeights[index] - largest) : 1
      all += weight
      accepted += weight * min(1, exp(exponent))
      let isTaken = kernel == .ula ? exponent > -.infinity : chances[index] < exponent
      guard isTaken else { continue }
      particles.x.replaceSubrange(range, with: x[range])
      particles.targetGradient.replaceSubrange(range, with: target.gradient[range])
      if let base { particles.baseGradient?.replaceSubrange(range, with: base.gradient[range]) }
      (particles.base[index], particles.target[index]) = (baseValues[index], target.values[index])
    }
    return Outcome(
      acceptance: all > 0 ? accepted / all : 0, targets: steps,
      densities: needsBase && base == nil ? 1 : 0, gradients: usesBaseGradient ? steps : 0)
  }

  /// The logarithm of Metropolis' ratio; −∞ where there is none, ∞ out of a state of density zero.
  private func change(from old: Double, to new: Double, _ kinetic: Double) -> Double {
    guard new > -.infinity, kinetic.isFinite else { return -.infinity }
    return old > -.infinity ? new - old + kinetic : .infinity
  }

  /// log π_β.
  private func value(_ base: Double, _ target: Double) -> Double {
    let value = position < 1 ? (1 - position) * base + position * target : target
    // Without this, a NaN would be above every threshold.
    return value.isFinite ? value : -.infinity
  }

  /// Half a step of the momenta.
  private func kick(
    _ momenta: inout [Double], by own: [Double], at x: [Float], _ target: [Float], _ base: [Float]?
  ) {
    let width = path.width
    eachParticle(&momenta, width: width) { index, momenta in
      for place in 0..<width {
        let slope = field(at: index * width + place, x, target, base)
        momenta[place] += 0.5 * own[index] * scales[place] * slope
      }
    }
  }

  /// The field g at one number of all particles.
  private func field(at index: Int, _ x: [Float], _ target: [Float], _ base: [Float]?) -> Double {
    pathField(
      position, x: x[index], target: target[index], base: base?[index],
      isOnCircle: path.isOnCircle(index % path.width))
  }

  /// A step of the positions; a particle that leaves all bounds goes back to where it began, with a
  /// chance that no test accepts.
  private func drift(
    _ x: inout [Float], _ chances: inout [Double], _ momenta: [Double], by own: [Double],
    keeping start: [Float]
  ) {
    let width = path.width
    chances.withUnsafeMutableBufferPointer { chances in
      nonisolated(unsafe) let chances = chances
      eachParticle(&x, width: width) { index, x in
        for place in 0..<width {
          let step = own[index] * scales[place] * momenta[index * width + place]
          let moved = Float(Double(x[place]) + step)
          guard abs(moved) < Self.largest else {
            chances[index] = .infinity
            for place in 0..<width { x[place] = start[index * width + place] }
            return
          }
          x[place] = path.wrapped(moved, at: place)
        }
      }
    }
  }

  /// Calls `body` for every particle, on several workers, with its row of an array.
  private func eachParticle<Element>(
    _ array: inout [Element], width: Int,
    _ body: (_ index: Int, _ row: UnsafeMutablePointer<Element>) -> Void
  ) {
    array.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let base = buffer.baseAddress
      parallel(buffer.count / max(1, width), workers: execution.workers) { index in
        if let base { body(index, base + index * width) }
      }
    }
  }

  /// As above, with a row of one array and an element of each of two others.
  private func write(
    _ rows: inout [Double], _ first: inout [Double], _ second: inout [Double], width: Int,
    _ body: (Int, UnsafeMutablePointer<Double>, inout Double, inout Double) -> Void
  ) {
    first.withUnsafeMutableBufferPointer { first in
      second.withUnsafeMutableBufferPointer { second in
        nonisolated(unsafe) let (first, second) = (first, second)
        eachParticle(&rows, width: width) { index, row in
          body(index, row, &first[index], &second[index])
        }
      }
    }
  }
}
