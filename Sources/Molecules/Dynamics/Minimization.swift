extension Energy {
  /// Goes downhill from a conformation until no force component is above `tolerance`.
  ///
  /// FIRE: dynamics with unit masses that is steered along the force, speeds up while it goes
  /// downhill and stops when it goes up (Bitzek et al. 2006, *Phys. Rev. Lett.* 97, 170201). No
  /// step moves an atom more than 0.01 nm.
  ///
  /// - Parameters:
  ///   - start: Positions, nm, [atoms].
  ///   - tolerance: kJ mol⁻¹ nm⁻¹.
  /// - Returns: The first conformation that meets the tolerance, or else the one with the lowest
  ///   energy seen; its energy in kJ/mol; and whether the tolerance was met.
  package func minimum(
    from start: [SIMD3<Double>], tolerance: Double = 10, steps: Int = 10_000
  ) -> (positions: [SIMD3<Double>], energy: Double, isConverged: Bool) {
    var x = start
    var motion = DownhillMotion(atoms: start.count)
    var (terms, forces) = termsAndForces(x)
    var best = (positions: x, energy: terms.total)
    for _ in 0..<steps {
      let largest = forces.reduce(0) { max($0, abs($1.x), abs($1.y), abs($1.z)) }
      if largest <= tolerance { return (x, terms.total, true) }
      for (atom, move) in motion.step(forces: forces).enumerated() { x[atom] += move }
      (terms, forces) = termsAndForces(x)
      if terms.total < best.energy { best = (x, terms.total) }
    }
    return (best.positions, best.energy, false)
  }
}

/// The velocities of FIRE and what it adapts on its way; masses are 1.
private struct DownhillMotion {
  private static let longestStep = 0.003
  private static let shortestStep = 1e-6
  /// nm.
  private static let longestMove = 0.01
  // The paper's α_start, f_α, f_inc, f_dec and N_min.
  private static let firstSteering = 0.1
  private static let steeringFactor = 0.99
  private static let growth = 1.1
  private static let reduction = 0.5
  private static let delay = 5

  private var v: [SIMD3<Double>]
  private var timeStep = 1e-4
  private var steering = firstSteering
  /// Steps since it last went up.
  private var downhill = 0

  init(atoms: Int) { v = [SIMD3<Double>](repeating: .zero, count: atoms) }

  /// What to add to the positions at which these are the forces, nm, [atoms].
  mutating func step(forces: [SIMD3<Double>]) -> [SIMD3<Double>] {
    let power = zip(forces, v).reduce(0) { $0 + dot($1.0, $1.1) }
    if power > 0 {
      downhill += 1
      let speed = length(v) / max(length(forces), .leastNormalMagnitude)
      for atom in v.indices {
        v[atom] = (1 - steering) * v[atom] + steering * speed * forces[atom]
      }
      if downhill > Self.delay {
        timeStep = min(timeStep * Self.growth, Self.longestStep)
        steering *= Self.steeringFactor
      }
    } else {
      timeStep = max(timeStep * Self.reduction, Self.shortestStep)
      (steering, downhill) = (Self.firstSteering, 0)
      for atom in v.indices { v[atom] = .zero }
    }
    var move = v.indices.map { atom in
      v[atom] += timeStep * forces[atom]
      return timeStep * v[atom]
    }
    let farthest = move.map { dot($0, $0).squareRoot() }.max() ?? 0
    if farthest > Self.longestMove {
      for atom in v.indices {
        move[atom] *= Self.longestMove / farthest
        v[atom] = .zero
      }
    }
    return move
  }
}

/// The length of all vectors together.
private func length(_ vectors: [SIMD3<Double>]) -> Double {
  vectors.reduce(0) { $0 + dot($1, $1) }.squareRoot()
}
