import CKernels

/// The corrected torsions as the lanes read them, with the cells of all maps.
final class CorrectionMapTable {
  let terms: [ck_cmap]
  /// For each map the 16 factors of every cell; the terms point into it.
  private let cells: UnsafeMutablePointer<Double>

  init(_ forceField: ForceField) {
    var (starts, values): ([Int], [Double]) = ([], [])
    for map in forceField.correctionMaps {
      starts.append(values.count)
      values += map.cells
    }
    let cells = UnsafeMutablePointer<Double>.allocate(capacity: max(1, values.count))
    cells.initialize(from: values, count: values.count)
    self.cells = cells
    terms = forceField.correctedTorsions.map { term in
      ck_cmap(
        i: term.atoms.x, j: term.atoms.y, k: term.atoms.z, l: term.atoms.w, m: term.last,
        size: Int32(forceField.correctionMaps[term.map].size), cells: cells + starts[term.map])
    }
  }

  deinit { cells.deallocate() }
}

extension CorrectionMap {
  /// The factors of `uᵖ vᵠ` in each cell, [size, size, 4, 4], u and v from 0 to 1 along φ and ψ.
  ///
  /// They follow from the energies and the slopes at the corners, where the slopes are those of the
  /// periodic cubic splines through the rows and columns.
  var cells: [Double] {
    let alongPhi = transposed(slopes(transposed(energies)))
    let (alongPsi, mixed) = (slopes(energies), slopes(alongPhi))
    var cells: [Double] = []
    cells.reserveCapacity(16 * size * size)
    for row in 0..<size {
      for column in 0..<size {
        let next = ((row + 1) % size, (column + 1) % size)
        func corners(_ values: [Double], _ row: Int) -> (Double, Double) {
          (values[row * size + column], values[row * size + next.1])
        }
        func cubic(_ values: [Double], _ slopes: [Double], _ row: Int) -> SIMD4<Double> {
          hermite(corners(values, row), corners(slopes, row))
        }
        // Polynomials of v at both ends of the cell along u, and their slopes along u.
        let ends = [row, next.0].map { cubic(energies, alongPsi, $0) }
        let ramps = [row, next.0].map { cubic(alongPhi, mixed, $0) }
        let powers = (0..<4).map {
          hermite((ends[0][$0], ends[1][$0]), (ramps[0][$0], ramps[1][$0]))
        }
        for p in 0..<4 { for q in 0..<4 { cells.append(powers[q][p]) } }
      }
    }
    return cells
  }

  private func transposed(_ values: [Double]) -> [Double] {
    (0..<size * size).map { values[$0 % size * size + $0 / size] }
  }

  /// The slopes at the points of the periodic cubic spline through each row, per step.
  ///
  /// They solve `d_(i−1) + 4 d_i + d_(i+1) = 3 (y_(i+1) − y_(i−1))`; the inverse of this cyclic
  /// matrix has the entries `(zᵏ + zⁿ⁻ᵏ)/((1 − zⁿ) 2√3)`, `z = √3 − 2`, at the distance k.
  private func slopes(_ values: [Double]) -> [Double] {
    let root = 3.0.squareRoot()
    var powers = [1.0]
    for _ in 0..<size { powers.append(powers[powers.count - 1] * (root - 2)) }
    let inverse = (0..<size).map {
      (powers[$0] + powers[size - $0]) / ((1 - powers[size]) * 2 * root)
    }
    return (0..<size * size).map { place in
      let (row, column) = (place / size * size, place % size)
      return (0..<size).reduce(0.0) { sum, other in
        let rise = values[row + (other + 1) % size] - values[row + (other + size - 1) % size]
        return sum + inverse[abs(column - other)] * 3 * rise
      }
    }
  }
}

/// The factors of 1, t, t², t³ of the cubic with these values and slopes at 0 and 1.
private func hermite(_ values: (Double, Double), _ slopes: (Double, Double)) -> SIMD4<Double> {
  let rise = values.1 - values.0
  return SIMD4(
    values.0, slopes.0, 3 * rise - 2 * slopes.0 - slopes.1, slopes.0 + slopes.1 - 2 * rise)
}
