/// The least mean cost of moving one uniform set of points onto another, exactly.
///
/// Minimises `Σ_ij P_ij c_ij` over plans `P ≥ 0` with row sums `1/m` and column sums `1/n`; for
/// equal sizes this is the linear assignment problem divided by `n`. Solved by the simplex method
/// on spanning trees with integer flows, for any two sizes.
///
/// - Parameters:
///   - costs: `c`, [rows, columns], finite.
///   - rows: The number of points `m` of the first set.
///   - columns: The number of points `n` of the second set.
/// - Returns: The optimal `Σ P c`, in the unit of the costs, to about 1e-12 of the largest.
/// - SeeAlso: Dantzig 1951, *Application of the Simplex Method to a Transportation Problem*.
package func optimalTransportCost(_ costs: [Double], rows: Int, columns: Int) -> Double {
  precondition(
    rows > 0 && columns > 0 && costs.count == rows * columns,
    "optimal transport: \(costs.count) costs for \(rows) × \(columns) points")
  precondition(costs.allSatisfy(\.isFinite), "optimal transport: a cost is not finite")
  var tree = TransportTree(costs: costs, rows: rows, columns: columns)
  let tolerance = 1e-12 * costs.reduce(0) { max($0, abs($1)) }
  var (row, scanned) = (0, 0)
  while scanned < rows {
    let (column, gain) = tree.cheapestEntry(row)
    if gain < -tolerance {
      tree.pivot(row: row, column: column, gain: gain)
      scanned = 0
    } else {
      scanned += 1
    }
    row = row + 1 == rows ? 0 : row + 1
  }
  return tree.meanCost
}
