/// The least mean cost of moving one uniform set of points onto another, exactly.
///
/// Minimises `Σ_ij P_ij c_ij` over plans `P ≥ 0` with row sums `1/m` and column sums `1/n`. For equal sizes this is
/// the linear assignment problem divided by `n`. Solved by shortest augmenting paths with dual prices, for
/// any sizes: a row supplies `n/g` units and a column takes `m/g`, `g` their greatest common divisor, so that
/// every flow is an integer.
///
/// - Parameters:
///   - costs: `c`, [rows, columns], finite.
///   - rows: The number of points `m` of the first set.
///   - columns: The number of points `n` of the second set.
/// - Returns: The optimal `Σ P c`, in the unit of the costs, summed from the plan and not from the prices.
/// - SeeAlso: Jonker and Volgenant 1987, *A Shortest Augmenting Path Algorithm for Dense and Sparse Linear
///   Assignment Problems*; Crouse 2016, *On Implementing 2D Rectangular Assignment Algorithms*.
package func optimalTransportCost(_ costs: [Double], rows: Int, columns: Int) -> Double {
  precondition(
    rows > 0 && columns > 0 && costs.count == rows * columns,
    "optimal transport: \(costs.count) costs for \(rows) × \(columns) points")
  precondition(costs.allSatisfy(\.isFinite), "optimal transport: a cost is not finite")
  var plan = TransportPlan(costs: costs, rows: rows, columns: columns)
  plan.startFromColumnMinima()
  for row in 0..<rows {
    while plan.supply[row] > 0 { plan.augment(from: row) }
  }
  return plan.meanCost
}

/// A partial plan with prices under which every flow is free and no move gains:
/// `c_ij − rowPrice_i − columnPrice_j ≥ 0`, with equality where there is flow.
private struct TransportPlan {
  let costs: [Double]
  let rows: Int
  let columns: Int
  /// Units that each row has still to send.
  var supply: [Int]
  /// Units that each column can still take.
  var demand: [Int]
  /// The flows into each column; units are positive.
  var flows: [[(row: Int, units: Int)]]
  var rowPrices: [Double]
  var columnPrices: [Double]

  init(costs: [Double], rows: Int, columns: Int) {
    (self.costs, self.rows, self.columns) = (costs, rows, columns)
    let divisor = greatestCommonDivisor(rows, columns)
    supply = Array(repeating: columns / divisor, count: rows)
    demand = Array(repeating: rows / divisor, count: columns)
    flows = Array(repeating: [], count: columns)
    rowPrices = Array(repeating: 0, count: rows)
    columnPrices = Array(repeating: 0, count: columns)
  }

  var meanCost: Double {
    var (sum, units) = (0.0, 0)
    for column in 0..<columns {
      for flow in flows[column] {
        sum += Double(flow.units) * costs[flow.row * columns + column]
        units += flow.units
      }
    }
    return sum / Double(units)
  }

  /// Prices each column at its cheapest row and lets that row send what it can; the other rows are
  /// then priced at their cheapest column.
  mutating func startFromColumnMinima() {
    for column in 0..<columns {
      var cheapest = 0
      for row in 1..<max(rows, 1)
      where costs[row * columns + column] < costs[cheapest * columns + column] {
        cheapest = row
      }
      columnPrices[column] = costs[cheapest * columns + column]
      send(min(supply[cheapest], demand[column]), from: cheapest, to: column)
    }
    let untouched = supply.max() ?? 0
    for row in 0..<rows where supply[row] == untouched {
      rowPrices[row] = (0..<columns).reduce(.infinity) {
        min($0, costs[row * columns + $1] - columnPrices[$1])
      }
    }
  }

  private mutating func send(_ units: Int, from row: Int, to column: Int) {
    guard units > 0 else { return }
    shift(units, row: row, column: column)
    supply[row] -= units
    demand[column] -= units
  }

  /// Adds units (or takes them away) on one arc.
  private mutating func shift(_ units: Int, row: Int, column: Int) {
    if let place = flows[column].firstIndex(where: { $0.row == row }) {
      flows[column][place].units += units
      if flows[column][place].units == 0 { flows[column].remove(at: place) }
    } else {
      flows[column].append((row, units))
    }
  }

  /// Sends units from a row to the nearest column with demand, moving earlier flows out of the way.
  mutating func augment(from source: Int) {
    let tree = shortestPaths(from: source)
    for (row, distance) in tree.rows { rowPrices[row] += tree.length - distance }
    for (column, distance) in tree.columns { columnPrices[column] -= tree.length - distance }

    var path: [(row: Int, column: Int)] = []
    var units = min(supply[source], demand[tree.sink])
    var column = tree.sink
    while true {
      let row = tree.rowBefore[column]
      path.append((row, column))
      guard row != source else { break }
      column = tree.columnBefore[row]
      units = min(units, flows[column].first { $0.row == row }?.units ?? 0)
    }
    supply[source] -= units
    demand[tree.sink] -= units
    for (step, arc) in path.enumerated() {
      shift(units, row: arc.row, column: arc.column)
      if step > 0 { shift(-units, row: path[step - 1].row, column: arc.column) }
    }
  }
}

/// The shortest paths, in reduced costs, from a row until the first column that can take more.
private struct PathTree {
  var sink = -1
  var length = 0.0
  /// The rows and columns reached before the sink, with their distances.
  var rows: [(row: Int, distance: Double)] = []
  var columns: [(column: Int, distance: Double)] = []
  var rowBefore: [Int]
  var columnBefore: [Int]
}

extension TransportPlan {
  /// Dijkstra's algorithm over columns; the rows that send to a reached column are reached at no cost.
  private func shortestPaths(from source: Int) -> PathTree {
    var tree = PathTree(
      rowBefore: Array(repeating: -1, count: columns),
      columnBefore: Array(repeating: -1, count: rows))
    var distances = Array(repeating: Double.infinity, count: columns)
    var waiting = Array(0..<columns)
    var reached = Array(repeating: false, count: rows)
    var pending = [source]
    reached[source] = true
    while true {
      while let row = pending.popLast() {
        tree.rows.append((row, tree.length))
        let offset = tree.length - rowPrices[row]
        for column in waiting {
          let distance = offset + costs[row * columns + column] - columnPrices[column]
          if distance < distances[column] {
            distances[column] = distance
            tree.rowBefore[column] = row
          }
        }
      }
      let place = nearest(waiting, distances)
      let column = waiting[place]
      // Rounding may leave a reduced cost of −1e-16: distances never fall.
      tree.length = max(tree.length, distances[column])
      if demand[column] > 0 {
        tree.sink = column
        return tree
      }
      waiting.swapAt(place, waiting.count - 1)
      waiting.removeLast()
      tree.columns.append((column, tree.length))
      for flow in flows[column] where !reached[flow.row] {
        reached[flow.row] = true
        tree.columnBefore[flow.row] = column
        pending.append(flow.row)
      }
    }
  }

  /// The place of the nearest waiting column; among equals one that can take more.
  private func nearest(_ waiting: [Int], _ distances: [Double]) -> Int {
    var best = 0
    for place in waiting.indices.dropFirst() {
      let (distance, least) = (distances[waiting[place]], distances[waiting[best]])
      if distance < least || (distance == least && demand[waiting[place]] > 0) { best = place }
    }
    return best
  }
}

private func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
  b == 0 ? a : greatestCommonDivisor(b, a % b)
}
