/// The statistical inefficiency below which frames look independent: noise alone makes it a little
/// more than 1.
package let leastDependentInefficiency = 1.5

/// Rows of chains that are about independent: every ⌈g⌉-th frame of each chain, g the statistical
/// inefficiency of some values, or all where g is below ``leastDependentInefficiency``.
///
/// - Parameter values: [rows], chain after chain.
/// - Returns: Row indices, ascending.
package func independentRows(_ values: [Double], chains: [Range<Int>]) -> [Int] {
  let inefficiency = statisticalInefficiency(chains.map { Array(values[$0]) })
  let step = inefficiency < leastDependentInefficiency ? 1 : Int(inefficiency.rounded(.up))
  return chains.flatMap { stride(from: $0.lowerBound, to: $0.upperBound, by: step) }
}
