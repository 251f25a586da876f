/// The integral `I_i = Σ_j I_ij` of every atom of one conformation, and how it changes with each distance.
struct BornIntegrals {
  /// `I`, nm⁻¹, [atoms].
  private(set) var values: [Double]
  /// `∂I_ij/∂r_ij`, nm⁻², [atoms, atoms]; empty if it is not wanted.
  private var slopes: [Double]

  /// Sums over all pairs.
  ///
  /// - Parameters:
  ///   - x: Positions, nm, [atoms].
  ///   - reduced: Radii less the offset, nm, [atoms].
  ///   - scaled: The same times the screens, nm, [atoms].
  init(_ x: Positions, _ reduced: [Double], _ scaled: [Double], _ born: BornRadius, slopes: Bool) {
    let atoms = reduced.count
    var values = [Double](repeating: 0, count: atoms)
    var derivatives = [Double](repeating: 0, count: slopes ? atoms * atoms : 0)
    derivatives.withUnsafeMutableBufferPointer { derivatives in
      values.withUnsafeMutableBufferPointer { values in
        reduced.withUnsafeBufferPointer { reduced in
          scaled.withUnsafeBufferPointer { scaled in
            for i in 0..<atoms {
              for j in 0..<i {
                let separation = x[i] - x[j]
                let distance = dot(separation, separation).squareRoot()
                let first = born.integral(
                  distance: distance, reduced: reduced[i], scaled: scaled[j])
                let second = born.integral(
                  distance: distance, reduced: reduced[j], scaled: scaled[i])
                values[i] += first.value
                values[j] += second.value
                guard slopes else { continue }
                derivatives[i * atoms + j] = first.derivative
                derivatives[j * atoms + i] = second.derivative
              }
            }
          }
        }
      }
    }
    self.values = values
    self.slopes = derivatives
  }

  /// Adds `F = −Σ_i ∂U/∂I_i ∂I_i/∂x`, given `∂U/∂I`, kJ nm/mol, [atoms].
  func addForces(_ x: Positions, byIntegral: [Double], _ forces: Forces) {
    let atoms = values.count
    slopes.withUnsafeBufferPointer { slopes in
      byIntegral.withUnsafeBufferPointer { byIntegral in
        for i in 0..<atoms {
          for j in 0..<i {
            let slope =
              byIntegral[i] * slopes[i * atoms + j] + byIntegral[j] * slopes[j * atoms + i]
            // Beyond everyone's reach nothing is added, not even the NaN of two atoms in one place.
            if slope == 0 { continue }
            let separation = x[i] - x[j]
            let force = separation * (-slope / dot(separation, separation).squareRoot())
            forces[i] += force
            forces[j] -= force
          }
        }
      }
    }
  }
}
