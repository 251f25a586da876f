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
  optimalTransport(costs, rows: rows, columns: columns).cost
}

/// An optimal plan's cost and the prices that prove it: `u_i + v_j ≤ c_ij`, and
/// `mean u + mean v = cost` (`OptimalTransportTests`).
package struct OptimalTransport: Equatable, Sendable {
  package let cost: Double
  /// `u`, [rows], up to a constant that `v` has with the opposite sign.
  package let rowPrices: [Double]
  /// `v`, [columns].
  package let columnPrices: [Double]

  /// The variance of the cost if both sets are independent points of two distributions,
  /// `var u/m′ + var v/n′`, to first order, which the change of the plan does not enter.
  ///
  /// Where both distributions are the same it is too large.
  ///
  /// - Parameters:
  ///   - rows: How many independent points `m′` the rows are worth.
  ///   - columns: How many `n′` the columns are worth.
  /// - SeeAlso: del Barrio and Loubes 2019, *Central Limit Theorems for Empirical Transportation
  ///   Cost in General Dimension*.
  package func variance(rows: Double, columns: Double) -> Double {
    variance(of: rowPrices) / rows + variance(of: columnPrices) / columns
  }

  private func variance(of prices: [Double]) -> Double {
    let mean = prices.reduce(0, +) / Double(prices.count)
    return prices.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(prices.count)
  }
}

/// The least mean cost of moving one uniform set of points onto another, as
/// ``optimalTransportCost(_:rows:columns:)``, with its prices.
package func optimalTransport(_ costs: [Double], rows: Int, columns: Int) -> OptimalTransport {
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
  return OptimalTransport(
    cost: tree.meanCost, rowPrices: Array(tree.prices[..<rows]),
    columnPrices: Array(tree.prices[rows...]))
}
