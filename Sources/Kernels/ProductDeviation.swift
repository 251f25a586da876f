/// The largest deviation of a product `a · b` from sums in double precision, as a share of
/// `Σ |a||b|`.
///
/// The factors are normal numbers of eight bits, which bfloat16 holds exactly, so that a unit which
/// rounds has to give the same (ProductDeviationTests).
///
/// - Parameters:
///   - depth: The columns of a.
///   - multiply: Sets c to `a · b`.
package func productDeviation(
  depth: Int = 160, _ multiply: (_ a: Matrix, _ b: Matrix, _ c: Matrix) -> Void
) -> Double {
  let (rows, columns) = (45, 130)
  let arena = Arena()
  let (a, b, c) = (
    arena.matrix(rows, depth), arena.matrix(depth, columns), arena.matrix(rows, columns)
  )
  var generator = RandomGenerator(seed: 1, stream: .testing)
  for matrix in [a, b] {
    for index in 0..<matrix.count {
      let bits = Float(generator.normal()).bitPattern & 0xffff_0000
      matrix.base[index] = Float(bitPattern: bits)
    }
  }
  multiply(a, b, c)
  var worst = 0.0
  for row in 0..<rows {
    for column in 0..<columns {
      var (sum, size) = (0.0, 0.0)
      for index in 0..<depth {
        let term = Double(a[row][index]) * Double(b[index][column])
        sum += term
        size += abs(term)
      }
      let deviation = abs(Double(c[row][column]) - sum) / size
      worst = deviation.isNaN ? .infinity : max(worst, deviation)
    }
  }
  return worst
}
