/// "; did you mean 'x'?" for the known name nearest to a misspelt one.
///
/// - Parameter listing: Whether all names are listed when none is near.
package func suggestion(
  for name: String, among known: [String], listing: Bool = false
) -> String {
  let distances = known.map { ($0, editDistance(name.lowercased(), $0.lowercased())) }
  guard let (nearest, distance) = distances.min(by: { $0.1 < $1.1 }),
    distance <= max(1, min(name.count, nearest.count) / 3)
  else { return listing ? "; known: \(known.joined(separator: ", "))" : "" }
  return "; did you mean '\(nearest)'?"
}

/// The number of insertions, deletions, replacements and swaps of neighbours between two words
/// (optimal string alignment; Damerau 1964).
private func editDistance(_ a: String, _ b: String) -> Int {
  let (a, b) = (Array(a), Array(b))
  var table = (0...a.count).map { i in (0...b.count).map { j in i == 0 ? j : j == 0 ? i : 0 } }
  for i in 1..<(a.count + 1) {
    for j in 1..<(b.count + 1) {
      let replaced = table[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
      table[i][j] = min(replaced, table[i - 1][j] + 1, table[i][j - 1] + 1)
      if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
        table[i][j] = min(table[i][j], table[i - 2][j - 2] + 1)
      }
    }
  }
  return table[a.count][b.count]
}
