import Foundation
import Kernels
import TestSupport
import Testing

@testable import Flow

// mpmath 1.3.0 with 60 digits: log(erfc(−x/√2)/2), and for the quantiles findroot of log Φ(z) = log
// lower (or log Φ(−z) = log upper), log upper being log1p(−exp(log lower)).
private let logCDF: [(x: Double, value: Double)] = [
  (-1e6, -500000000014.73444909), (-1000, -500007.82669481218431), (-40, -804.60844201375378817),
  (-26, -342.17850892992783169), (-25, -316.63940800802025894),
  (-24.899999999999998579, -314.14041276161316294), (-10, -53.231285150512470578),
  (-3, -6.6077262215103495433), (-1, -1.8410216450092635058), (-1e-10, -0.6931471806397337655),
  (0, -0.69314718055994530942), (0.5, -0.36894641528865639307), (1, -0.17275377902344988953),
  (3, -0.0013508099647481937988), (6, -9.8658764552437573169e-10),
  (8, -6.2209605742717860585e-16), (10, -7.619853024160526066e-24),
  (20, -2.7536241186062336951e-89), (37, -5.7255712225245768227e-300),
]

private let quantiles: [(logLower: Double, logUpper: Double, z: Double)] = [
  (-1e-300, -690.77552789821370518, 37.047096299361199237),
  (-1e-20, -46.051701859880913735, 9.2623400897984075796),
  (-1e-05, -11.512930464966061672, 4.2648919103089225399),
  (-0.1, -2.3521684610440907561, 1.3096177994584931321),
  (-0.7, -0.6863410028083851535, -0.0085594785824802822957),
  (-1, -0.45867514538708189102, -0.33747496376420245528),
  (-2.5, -0.08565048374203818117, -1.3911828143255684557),
  (-20, -2.0611536245627349585e-9, -5.8792093564853362599),
  (-300, -5.1482002224120137812e-131, -24.326438906565587379),
  (-330, -4.8174916649430755606e-144, -25.528014273135936769),
  (-10000, 0, -141.3798398731271637), (-1e12, 0, -1414213.5623624311554),
]

@Suite struct NormalDistributionTests {
  @Test func `the log-CDF over both tails`() {
    for (x, value) in logCDF {
      // In the upper tail the rounding of x/√2 counts x² times.
      let relative = 2e-14 + 1.2e-16 * (x > 0 ? x * x : 0)
      expectClose([logNormalCDF(x)], [value], relative: relative, "x = \(x)")
    }
    #expect(logNormalCDF(-.infinity) == -.infinity)
    #expect(logNormalCDF(.infinity) == 0)
    #expect(logNormalCDF(.nan).isNaN)
  }

  @Test func `the quantile from the logarithms of both tails`() {
    for (lower, upper, z) in quantiles {
      let found = normalQuantile(logLower: lower, logUpper: upper)
      expectClose([found], [z], absolute: 1e-15, relative: 2e-14, "log lower = \(lower)")
      #expect(normalQuantile(logLower: upper, logUpper: lower) == -found)
    }
    #expect(abs(normalQuantile(logLower: -log(2), logUpper: -log(2))) < 1e-15)
  }

  @Test func `the quantile undoes the CDF`() {
    for step in -400...400 {
      let z = Double(step) * 0.1
      let found = normalQuantile(logLower: logNormalCDF(z), logUpper: logNormalCDF(-z))
      expectClose([found], [z], absolute: 1e-14, relative: 1e-14, "z = \(z)")
    }
  }

  @Test func `limits and NaN end`() {
    #expect(normalQuantile(logLower: -.infinity, logUpper: 0) == -.infinity)
    #expect(normalQuantile(logLower: 0, logUpper: -.infinity) == .infinity)
    #expect(normalQuantile(logLower: .nan, logUpper: -1).isNaN)
    #expect(normalQuantile(logLower: -1, logUpper: .nan).isNaN)
  }

  @Test func `log-sum-exp`() {
    expectClose(
      [logSumExp([1000, 1000]), logSumExp([-1e4, 0])], [1000 + log(2), 0], absolute: 1e-12)
    #expect(logSumExp([-.infinity, -.infinity]) == -.infinity)
    #expect(logSumExp([]) == -.infinity)
    #expect(logSumExp([.nan, 1]).isNaN && logSumExp([1, .nan]).isNaN)
  }
}
