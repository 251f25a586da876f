import Flow
import Kernels

/// A path of densities from a flow's to a target, `log π_β = (1 − β) log q + β log p`, over states
/// of some numbers.
///
/// Both densities are functions of the numbers in single precision, each up to a constant. A state
/// outside the support of p has `log p = −∞`.
package struct AnnealedPath: Sendable {
  /// Values of a density, [states], and its gradient, [states, width].
  package typealias Slopes = (values: [Double], gradient: [Float])

  /// The numbers of a state.
  package let width: Int
  /// The windows of the numbers on a circle; nil where there are none.
  package let windows: PeriodicWindows?
  /// The numbers that neither density depends on: features of tokens that are not full.
  ///
  /// No move may touch them, since no density over them is normalised.
  package let missing: Set<Int>
  /// log q.
  package let base: @Sendable ([Float], Execution) -> [Double]
  /// log q and its gradient.
  package let baseSlopes: @Sendable ([Float], Execution) -> Slopes
  /// log p and its gradient.
  package let targetSlopes: @Sendable ([Float], Execution) -> Slopes

  package init(
    width: Int, windows: PeriodicWindows? = nil, missing: Set<Int> = [],
    base: @escaping @Sendable ([Float], Execution) -> [Double],
    baseSlopes: @escaping @Sendable ([Float], Execution) -> Slopes,
    targetSlopes: @escaping @Sendable ([Float], Execution) -> Slopes
  ) {
    (self.width, self.windows, self.missing) = (width, windows, missing)
    (self.base, self.baseSlopes, self.targetSlopes) = (base, baseSlopes, targetSlopes)
  }

  /// The same path, whose densities several ranks compute together: each those of its share of the
  /// states.
  func shared(by ranks: Ranks) -> AnnealedPath {
    guard ranks.count > 1 else { return self }
    let (width, base) = (width, base)
    @Sendable func own(_ states: [Float]) -> (states: [Float], shares: [Range<Int>]) {
      let shares = ranks.shares(of: states.count / width)
      let own = shares[ranks.rank]
      return (Array(states[own.lowerBound * width..<own.upperBound * width]), shares)
    }
    func shared(_ slopes: @escaping @Sendable ([Float], Execution) -> Slopes)
      -> @Sendable ([Float], Execution) -> Slopes
    {
      { states, execution in
        let (states, shares) = own(states)
        let found = slopes(states, execution)
        return (
          ranks.gathered(found.values, shares: shares),
          ranks.gathered(found.gradient, shares: shares, size: width)
        )
      }
    }
    return AnnealedPath(
      width: width, windows: windows, missing: missing,
      base: { states, execution in
        let (states, shares) = own(states)
        return ranks.gathered(base(states, execution), shares: shares)
      },
      baseSlopes: shared(baseSlopes), targetSlopes: shared(targetSlopes))
  }

  /// The scales of a kernel that moves all numbers alike: 1, and 0 for what is missing, [width].
  var evenScales: [Double] { (0..<width).map { missing.contains($0) ? 0 : 1 } }

  func isOnCircle(_ index: Int) -> Bool { (windows?.periods[index] ?? 0) > 0 }

  /// A number of a state, moved into its window if it lies on a circle.
  func wrapped(_ value: Float, at index: Int) -> Float {
    guard let windows, windows.periods[index] > 0 else { return value }
    let (low, period) = (windows.lows[index], windows.periods[index])
    return value - period * ((value - low) / period).rounded(.down)
  }
}

extension TrainedModel {
  /// The path from the flow to the Boltzmann density of a system, over the flow's tokens:
  /// `log p = −U/kT + log |dx/dtokens|`, up to a constant.
  ///
  /// The gradient of p is the forces taken back through the representation
  /// (`AnnealedModelTests`).
  package func annealedPath(to system: MolecularSystem) -> AnnealedPath {
    let (flow, weights, representation) = (flow, weights, representation)
    let thermalEnergy = system.thermalEnergy
    return AnnealedPath(
      width: flow.dimensions, windows: flow.configuration.windows,
      missing: Set((0..<flow.dimensions).filter(flow.configuration.isMissing)),
      base: { flow.logDensity($0, weights: weights, execution: $1) },
      baseSlopes: {
        let found = flow.logDensityAndGradient($0, weights: weights, execution: $1)
        return (found.logDensities, found.gradient)
      },
      targetSlopes: { tokens, execution in
        let rebuilt = representation.coordinates(from: tokens, execution: execution)
        let (terms, forces) = system.energy.termsAndForces(
          coordinates: rebuilt.coordinates, execution: execution)
        let gradient = representation.tokenGradient(
          of: forces.map { $0 / thermalEnergy }, at: tokens, coordinates: rebuilt.coordinates,
          execution: execution)
        let values = terms.indices.map { frame in
          let value = rebuilt.logJacobian[frame] - terms[frame].total / thermalEnergy
          return rebuilt.inSupport[frame] && value.isFinite ? value : -.infinity
        }
        return (values, gradient.map { Float($0) })
      })
  }
}
