extension Energy {
  /// Goes downhill from a conformation until no force component is above `tolerance`.
  ///
  /// FIRE: dynamics with unit masses that is steered along the force, speeds up while it goes downhill and stops when it goes up
  /// (Bitzek et al. 2006, *Phys. Rev. Lett.* 97, 170201). No step moves an atom more than 0.01 nm.
  ///
  /// - Parameters:
  ///   - start: Positions, nm, [atoms].
  ///   - tolerance: kJ mol⁻¹ nm⁻¹.
  /// - Returns: The conformation with the lowest energy seen, its energy in kJ/mol, and whether the tolerance was met.
  package func minimum(
    from start: [SIMD3<Double>], tolerance: Double = 10, steps: Int = 10_000
  ) -> (positions: [SIMD3<Double>], energy: Double, isConverged: Bool) {
    let (longest, shortest) = (0.003, 1e-6)
    var (x, v) = (start, [SIMD3<Double>](repeating: .zero, count: start.count))
    var (step, steering, downhill) = (1e-4, 0.1, 0)
    var (terms, forces) = termsAndForces(x)
    var best = (positions: x, energy: terms.total)
    for _ in 0..<steps {
      let largest = forces.reduce(0) { max($0, abs($1.x), abs($1.y), abs($1.z)) }
      if largest <= tolerance { return (x, terms.total, true) }
      let power = zip(forces, v).reduce(0) { $0 + dot($1.0, $1.1) }
      if power > 0 {
        downhill += 1
        let speed = norm(v) / max(norm(forces), .leastNormalMagnitude)
        for atom in v.indices {
          v[atom] = (1 - steering) * v[atom] + steering * speed * forces[atom]
        }
        if downhill > 5 { (step, steering) = (min(step * 1.1, longest), steering * 0.99) }
      } else {
        (step, steering, downhill) = (max(step * 0.5, shortest), 0.1, 0)
        for atom in v.indices { v[atom] = .zero }
      }
      var move = v.indices.map { atom in
        v[atom] += step * forces[atom]
        return step * v[atom]
      }
      let farthest = move.map { dot($0, $0).squareRoot() }.max() ?? 0
      if farthest > 0.01 {
        for atom in v.indices {
          move[atom] *= 0.01 / farthest
          v[atom] = .zero
        }
      }
      for atom in x.indices { x[atom] += move[atom] }
      (terms, forces) = termsAndForces(x)
      if terms.total < best.energy { best = (x, terms.total) }
    }
    return (best.positions, best.energy, false)
  }
}

/// The length of all vectors together.
private func norm(_ vectors: [SIMD3<Double>]) -> Double {
  vectors.reduce(0) { $0 + dot($1, $1) }.squareRoot()
}
