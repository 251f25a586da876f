import Kernels

extension Energy {
  /// The energies of many conformations, each on one of `workers` threads.
  ///
  /// - Parameter coordinates: nm, [frames, atoms, 3].
  /// - Returns: One entry per frame, the same for any number of workers.
  package func terms(coordinates: [Double], workers: Int) -> [EnergyTerms] {
    var results = [EnergyTerms](repeating: EnergyTerms(), count: frames(coordinates))
    results.withUnsafeMutableBufferPointer { results in
      // Every frame has its own entry.
      nonisolated(unsafe) let results = results
      parallel(results.count, workers: workers) { frame in
        results[frame] = terms(positions(coordinates, frame))
      }
    }
    return results
  }

  /// The energies of many conformations and the forces in kJ mol⁻¹ nm⁻¹, [frames, atoms, 3].
  ///
  /// - Parameter coordinates: nm, [frames, atoms, 3].
  package func termsAndForces(
    coordinates: [Double], workers: Int
  ) -> (terms: [EnergyTerms], forces: [Double]) {
    var results = [EnergyTerms](repeating: EnergyTerms(), count: frames(coordinates))
    var forces = [Double](repeating: 0, count: coordinates.count)
    results.withUnsafeMutableBufferPointer { results in
      forces.withUnsafeMutableBufferPointer { forces in
        // Every frame has its own entry and its own stretch of forces.
        nonisolated(unsafe) let (results, forces) = (results, forces)
        parallel(results.count, workers: workers) { frame in
          let found = termsAndForces(positions(coordinates, frame))
          results[frame] = found.terms
          for (atom, force) in found.forces.enumerated() {
            for axis in 0..<3 { forces[3 * (frame * atoms + atom) + axis] = force[axis] }
          }
        }
      }
    }
    return (results, forces)
  }

  private func frames(_ coordinates: [Double]) -> Int {
    guard atoms > 0 else { return 0 }
    precondition(
      coordinates.count % (3 * atoms) == 0, "\(coordinates.count) coordinates, \(atoms) atoms")
    return coordinates.count / (3 * atoms)
  }

  private func positions(_ coordinates: [Double], _ frame: Int) -> [SIMD3<Double>] {
    (0..<atoms).map { atom in
      let offset = 3 * (frame * atoms + atom)
      return SIMD3(coordinates[offset], coordinates[offset + 1], coordinates[offset + 2])
    }
  }
}
