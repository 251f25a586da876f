/// A basis of the transportation problem: a spanning tree over the rows (nodes `0 ..< rows`) and
/// the columns (nodes from `rows` on), with a flow from row to column on each of its arcs, and
/// prices with `u_i + v_j = c_ij` on them.
///
/// A row supplies `(2m + 1)·n + 1` units and a column takes `(2m + 1)·m`, the last one `m` more.
/// With these odd units no arc of a tree ever has flow zero, so that each pivot lowers the cost and
/// none can go in circles; rounding a flow to a multiple of `2m + 1` takes them out again (Orden's
/// perturbation, in integers).
struct TransportTree {
  let costs: [Double]
  let rows: Int
  let columns: Int
  let unit: Int
  /// The prices `u` of the rows, then `v` of the columns.
  var prices: [Double]
  /// The node above each node, −1 for the root, node 0.
  var parents: [Int]
  /// The flow on the arc to the node above, in the direction from row to column.
  var flows: [Int]
  var depths: [Int]
  /// The nodes below each node, as linked lists; −1 ends a list.
  var firstChild: [Int]
  var nextSibling: [Int]
  var previousSibling: [Int]

  init(costs: [Double], rows: Int, columns: Int) {
    (self.costs, self.rows, self.columns, unit) = (costs, rows, columns, 2 * rows + 1)
    let none = Array(repeating: -1, count: rows + columns)
    (parents, firstChild, nextSibling, previousSibling) = (none, none, none, none)
    flows = Array(repeating: 0, count: rows + columns)
    depths = flows
    prices = Array(repeating: 0, count: rows + columns)
    plant(greedyArcs())
  }

  /// Lets each row in turn send all it has to the cheapest columns that still take something.
  private func greedyArcs() -> [(row: Int, column: Int, flow: Int)] {
    var demands = Array(repeating: unit * rows, count: columns)
    demands[columns - 1] += rows
    var open = Array(0..<columns)
    var arcs: [(row: Int, column: Int, flow: Int)] = []
    for row in 0..<rows {
      var supply = unit * columns + 1
      while supply > 0 {
        var cheapest = 0
        for place in open.indices
        where costs[row * columns + open[place]] < costs[row * columns + open[cheapest]] {
          cheapest = place
        }
        let column = open[cheapest]
        let sent = min(supply, demands[column])
        arcs.append((row, column, sent))
        supply -= sent
        demands[column] -= sent
        if demands[column] == 0 { open.remove(at: cheapest) }
      }
    }
    return arcs
  }

  /// Hangs all nodes from node 0 and sets the prices that follow.
  private mutating func plant(_ arcs: [(row: Int, column: Int, flow: Int)]) {
    precondition(arcs.count == rows + columns - 1, "optimal transport: the first plan is no tree")
    var neighbors = Array(repeating: [(node: Int, flow: Int)](), count: rows + columns)
    for arc in arcs {
      neighbors[arc.row].append((rows + arc.column, arc.flow))
      neighbors[rows + arc.column].append((arc.row, arc.flow))
    }
    var pending = [0]
    while let node = pending.popLast() {
      for (below, flow) in neighbors[node] where below != parents[node] {
        attach(below, to: node)
        flows[below] = flow
        depths[below] = depths[node] + 1
        prices[below] = cost(below, node) - prices[node]
        pending.append(below)
      }
    }
  }

  /// The cost between a row and a column, given as nodes in any order.
  private func cost(_ a: Int, _ b: Int) -> Double { costs[min(a, b) * columns + max(a, b) - rows] }

  /// The mean cost of the plan, the odd units rounded away.
  var meanCost: Double {
    var (sum, total) = (0.0, 0)
    for node in parents.indices where parents[node] >= 0 {
      let flow = (flows[node] + rows) / unit
      sum += Double(flow) * cost(node, parents[node])
      total += flow
    }
    return sum / Double(total)
  }

  /// The column whose arc from a row has the lowest reduced cost `c_ij − u_i − v_j`, and that cost.
  func cheapestEntry(_ row: Int) -> (column: Int, gain: Double) {
    var (best, lowest) = (0, Double.infinity)
    let start = row * columns
    for column in 0..<columns {
      let reduced = costs[start + column] - prices[rows + column]
      if reduced < lowest { (best, lowest) = (column, reduced) }
    }
    return (best, lowest - prices[row])
  }
}

extension TransportTree {
  /// Brings an arc into the tree, sends all it can along the cycle that this closes, and drops the
  /// emptied arc.
  mutating func pivot(row: Int, column: Int, gain: Double) {
    let end = rows + column
    let meeting = meetingPoint(row, end)
    // Going up from the row, what rows send up falls and what columns receive from above grows;
    // from the column it is the other way round.
    let rowSide = leastFalling(from: row, to: meeting, fallingRows: true)
    let columnSide = leastFalling(from: end, to: meeting, fallingRows: false)
    let fromRow = columnSide < 0 || (rowSide >= 0 && flows[rowSide] < flows[columnSide])
    let cut = fromRow ? rowSide : columnSide
    let moved = flows[cut]
    shiftFlows(by: moved, from: row, to: meeting, fallingRows: true)
    shiftFlows(by: moved, from: end, to: meeting, fallingRows: false)
    let (inside, outside) = fromRow ? (row, end) : (end, row)
    hang(inside, from: outside, cuttingAbove: cut, flow: moved)
    reprice(below: inside, rowChange: fromRow ? gain : -gain)
  }

  private func meetingPoint(_ a: Int, _ b: Int) -> Int {
    var (a, b) = (a, b)
    while a != b {
      if depths[a] >= depths[b] { a = parents[a] } else { b = parents[b] }
    }
    return a
  }

  /// The node of least flow to the node above among those whose flow falls; −1 if there is none.
  private func leastFalling(from start: Int, to end: Int, fallingRows: Bool) -> Int {
    var (node, least) = (start, -1)
    while node != end {
      if (node < rows) == fallingRows && (least < 0 || flows[node] < flows[least]) { least = node }
      node = parents[node]
    }
    return least
  }

  private mutating func shiftFlows(
    by units: Int, from start: Int, to end: Int, fallingRows: Bool
  ) {
    var node = start
    while node != end {
      flows[node] += (node < rows) == fallingRows ? -units : units
      node = parents[node]
    }
  }

  /// Cuts the arc above `cut` and hangs its subtree by `inside`, one of its nodes, from `outside`.
  private mutating func hang(
    _ inside: Int, from outside: Int, cuttingAbove cut: Int, flow: Int
  ) {
    var (node, above, flow) = (inside, outside, flow)
    while true {
      let (oldParent, oldFlow) = (parents[node], flows[node])
      detach(node)
      attach(node, to: above)
      flows[node] = flow
      if node == cut { return }
      (above, node, flow) = (node, oldParent, oldFlow)
    }
  }

  /// Shifts the prices of a subtree, rows by `rowChange` and columns by its negative, and renews
  /// the depths.
  private mutating func reprice(below top: Int, rowChange: Double) {
    var node = top
    while true {
      prices[node] += node < rows ? rowChange : -rowChange
      depths[node] = depths[parents[node]] + 1
      if firstChild[node] >= 0 {
        node = firstChild[node]
      } else {
        while node != top && nextSibling[node] < 0 { node = parents[node] }
        if node == top { return }
        node = nextSibling[node]
      }
    }
  }

  private mutating func attach(_ node: Int, to parent: Int) {
    parents[node] = parent
    let sibling = firstChild[parent]
    (nextSibling[node], previousSibling[node]) = (sibling, -1)
    if sibling >= 0 { previousSibling[sibling] = node }
    firstChild[parent] = node
  }

  private mutating func detach(_ node: Int) {
    let (before, after) = (previousSibling[node], nextSibling[node])
    if before >= 0 { nextSibling[before] = after } else { firstChild[parents[node]] = after }
    if after >= 0 { previousSibling[after] = before }
  }
}
