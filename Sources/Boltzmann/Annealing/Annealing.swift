import Evaluation
import Foundation
import Kernels
import Reporting
import Runs

/// Particles at the end of a path of densities.
package struct AnnealedParticles: Sendable {
  /// [particles, width].
  package let x: [Float]
  /// `log w` with which they stand for the target, [particles]; their mean weight is the estimate of
  /// Z.
  package let logWeights: [Double]
  /// Which particle of the beginning each descends from, ascending, [particles].
  package let ancestors: [Int]
  package let facts: AnnealingFacts
}

/// Annealed importance sampling with resampling (a sequential Monte Carlo sampler): carries weighted
/// particles along a path of densities from q to p.
///
/// At each β the weights get `(β′ − β)(log p − log q)`, particles are resampled where few of them
/// carry the weight, and every particle moves by a kernel that leaves π_β′ invariant. Averages with
/// the weights, and the mean weight as an estimate of Z, are then those of p, however good the
/// kernels are (with Metropolis' test; `AnnealingTests`). The result is the same for any number of
/// workers and of ranks, which share the densities; all ranks get it.
///
/// - Parameters:
///   - states: Independent draws from q, [particles, width].
///   - logDensities: log q of them, [particles].
///   - energies: Reduced energies of them, kT, [particles], for an energy cutoff.
///   - first: The number of the first in the seed's stream: particles of other numbers have noise of
///     their own.
/// - Throws: `RunError.configuration`, also for an energy cutoff that leaves no particle, `RunError.interrupted` when the context says so,
///   `EvaluationError.noUsableWeight` where no particle has a density under p; on all ranks alike.
/// - SeeAlso: Neal 2001, *Annealed importance sampling*; Del Moral, Doucet and Jasra 2006,
///   *Sequential Monte Carlo samplers*.
package func anneal(
  _ states: [Float], logDensities: [Double], energies: [Double]? = nil, along path: AnnealedPath,
  _ settings: AnnealingSettings, seed: UInt64, from first: Int = 0, context: RunContext
) throws -> AnnealedParticles {
  try settings.validate()
  let count = logDensities.count
  precondition(
    states.count == count * path.width, "\(states.count) numbers for \(count) particles")
  let (execution, path) = (context.execution, path.shared(by: context.ranks))
  let target = path.targetSlopes(states, execution)
  var particles = Particles(
    width: path.width, x: states, base: logDensities, target: target.values,
    targetGradient: target.gradient,
    baseGradient: settings.guide == .path ? path.baseSlopes(states, execution).gradient : nil,
    logWeights: [Double](repeating: 0, count: count), ancestors: Array(0..<count))
  var facts = AnnealingFacts(settings, particles: count)
  facts.targetEvaluations = count
  if settings.guide == .path { facts.gradientEvaluations = count }
  guard particles.logRatios.contains(where: \.isFinite) else {
    throw EvaluationError.noUsableWeight(
      samples: count, nonfiniteEnergies: particles.target.count { !$0.isFinite },
      nonfiniteLogDensities: particles.base.count { !$0.isFinite })
  }
  facts.dropped = try drop(settings, energies: energies, from: &particles)
  var (position, stepSize, number) = (0.0, settings.stepSize, 0)
  let end = settings.stopsShort ? 1 - 1 / Double(settings.equalSteps) : 1
  while position < end {
    let before = position
    position = next(position, particles, settings, end: end)
    particles.reweigh(by: position - before)
    let share = effectiveSampleSize(particles.logWeights)
    let resamples = share < settings.resamplingShare
    if resamples {
      resample(&particles, settings, seed: seed, from: first, round: facts.steps.count)
    }
    let scales =
      settings.isScaled ? particles.scales(position, path, rows: 1_000) : path.evenScales
    var acceptances: [Double] = []
    for _ in 0..<settings.moves {
      if let reason = context.ranks.agreed(context.stopReason()) {
        throw RunError.interrupted(run: "annealing", step: number, reason: reason)
      }
      let kernel = LeapfrogKernel(
        path: path, kernel: settings.kernel, guide: settings.guide, steps: settings.steps,
        position: position, stepSize: stepSize, scales: scales, seed: seed, first: first,
        execution: execution)
      let outcome = kernel.move(&particles, number: number)
      number += 1
      facts.add(outcome, particles: particles.count)
      acceptances.append(outcome.acceptance)
      if let wanted = settings.acceptance {
        stepSize = min(2, max(1e-5, stepSize * exp(2 * (outcome.acceptance - wanted))))
      }
    }
    facts.steps.append(
      AnnealingFacts.Step(
        position: position, effectiveSampleSize: share, isResampled: resamples,
        acceptance: acceptances.reduce(0, +) / Double(acceptances.count), stepSize: stepSize))
    context.onProgress(
      WorkProgress("annealing, per mille of the path", done: Int(1_000 * position / end), of: 1_000)
    )
  }
  facts.takeError(particles)
  if settings.resamplesAtEnd {
    resample(&particles, settings, seed: seed, from: first, round: facts.steps.count)
  }
  particles.gatherFamilies()
  facts.close(particles)
  let constant = particles.logNormalization
  try context.ranks.checkAgreement(
    on: particles.logWeights + [constant], at: number, name: "weights of particles")
  return AnnealedParticles(
    x: particles.x, logWeights: particles.logWeights.map { $0 + constant },
    ancestors: particles.ancestors, facts: facts)
}

/// The next β.
private func next(
  _ position: Double, _ particles: Particles, _ settings: AnnealingSettings, end: Double
) -> Double {
  guard let kept = settings.keptShare else {
    let steps = Double(settings.equalSteps)
    // From whole numbers, so that the end is reached exactly.
    return min(end, ((position * steps).rounded() + 1) / steps)
  }
  let limit = end - position
  let step = annealingStep(
    logWeights: particles.logWeights, logRatios: particles.logRatios, kept: kept, limit: limit)
  // A spread beyond all bounds must not hold the path up.
  return step < limit ? position + max(step, 1e-6 * limit) : end
}

private func resample(
  _ particles: inout Particles, _ settings: AnnealingSettings, seed: UInt64, from first: Int,
  round: Int
) {
  var generator = RandomGenerator(seed: seed, stream: .resampling, step: round, index: first)
  let weights = normalizedWeights(particles.logWeights)
  switch settings.resampling {
  case .systematic:
    particles.resample(systematicPicks(weights, offset: generator.uniform()))
  case .multinomial:
    particles.resample(
      multinomialPicks(weights, count: weights.count) { generator.uniform() })
  }
}

/// Takes the weight of particles above the energy cutoff and of the largest weights, as the settings
/// say; returns how many.
///
/// - Throws: `RunError.configuration` where the cutoff leaves no particle that has a density.
private func drop(
  _ settings: AnnealingSettings, energies: [Double]?, from particles: inout Particles
) throws(RunError) -> Int {
  var dropped = Set<Int>()
  let ratios = particles.logRatios
  if let cutoff = settings.energyCutoff, let energies {
    dropped.formUnion(energies.indices.filter { energies[$0] >= cutoff })
    let usable = ratios.indices.filter { ratios[$0].isFinite }
    let found = usable.map { energies[$0] }
    if dropped.isSuperset(of: usable), let lowest = found.min(), let highest = found.max() {
      throw .configuration(
        source: "--energy-cutoff",
        problem: "is \(cutoff) kT, but the proposals have energies from \(lowest.fixed(1)) to "
          + "\(highest.fixed(1)) kT, so that none is left; choose a higher one")
    }
  }
  if settings.droppedShare > 0 {
    let left = ratios.indices.filter { !dropped.contains($0) && ratios[$0].isFinite }
    if !left.isEmpty {
      let ceiling = quantile(left.map { ratios[$0] }, 1 - settings.droppedShare)
      dropped.formUnion(left.filter { ratios[$0] > ceiling })
    }
  }
  for index in dropped { particles.logWeights[index] = -.infinity }
  return dropped.count
}
