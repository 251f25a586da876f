import Kernels

/// Normal numbers that single precision holds exactly, so that references in double see the same
/// input.
func normals(_ count: Int, seed: UInt64, scale: Double = 1) -> [Double] {
  var generator = RandomGenerator(seed: seed, stream: .testing)
  return (0..<count).map { _ in Double(Float(scale * generator.normal())) }
}

extension Arena {
  /// A matrix that holds `values`, row by row.
  func matrix(_ rows: Int, _ columns: Int, _ values: [Double]) -> Matrix {
    precondition(values.count == rows * columns, "\(values.count) values for \(rows)×\(columns)")
    let matrix = matrix(rows, columns)
    for (index, value) in values.enumerated() { matrix.base[index] = Float(value) }
    return matrix
  }

  func vector(_ values: [Double]) -> UnsafeMutablePointer<Float> {
    matrix(1, values.count, values).base
  }
}

extension Matrix {
  /// The elements row by row.
  var doubles: [Double] {
    (0..<rows).flatMap { row in (0..<columns).map { Double(self[row][$0]) } }
  }
}

func doubles(_ base: UnsafeMutablePointer<Float>, _ count: Int) -> [Double] {
  (0..<count).map { Double(base[$0]) }
}

/// The gradient of f by central differences; in double with this step it is good to about 1e-9.
func numericGradient(_ x: [Double], step: Double = 1e-5, _ f: ([Double]) -> Double) -> [Double] {
  x.indices.map { index in
    var shifted = x
    shifted[index] = x[index] + step
    let above = f(shifted)
    shifted[index] = x[index] - step
    return (above - f(shifted)) / (2 * step)
  }
}

func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

/// Odd sizes around the widths of vector registers.
let oddSizes = [1, 3, 7, 8, 17, 33]
