/// Rows of chains that are about independent: every ⌈g⌉-th frame of each chain, g the statistical
/// inefficiency of some values.
///
/// - Parameter values: [rows], chain after chain.
/// - Returns: Row indices, ascending.
package func independentRows(_ values: [Double], chains: [Range<Int>]) -> [Int] {
  let inefficiency = statisticalInefficiency(chains.map { Array(values[$0]) })
  let step = max(1, Int(inefficiency.rounded(.up)))
  return chains.flatMap { stride(from: $0.lowerBound, to: $0.upperBound, by: step) }
}
