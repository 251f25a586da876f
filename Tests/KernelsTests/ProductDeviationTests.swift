import Kernels
import Testing

struct ProductDeviationTests {
  init() throws { try loadBLAS() }

  @Test func `BLAS and the units are within rounding, a wrong element is not`() {
    #expect(productDeviation { matrixProduct($0, $1, into: $2) } < 1e-6)
    for unit in MatrixUnit.allCases where unit.isPresent {
      #expect(productDeviation { unit.multiply($0, by: $1, into: $2) } < 1e-6, "\(unit)")
    }
    let wrong = productDeviation { a, b, c in
      matrixProduct(a, b, into: c)
      c[44][129] *= 1.001
    }
    #expect(wrong > 1e-6 && wrong < 1e-2)
    let broken = productDeviation { a, b, c in
      matrixProduct(a, b, into: c)
      c[3][5] = .nan
    }
    #expect(broken == .infinity)
  }
}
