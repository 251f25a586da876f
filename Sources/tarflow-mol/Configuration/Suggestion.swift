/// "; did you mean 'x'?" for the known name nearest to a misspelt one; when none is near, all names or nothing.
func suggestion(for name: String, among known: [String], listing: Bool = false) -> String {
  let distances = known.map { ($0, editDistance(name.lowercased(), $0.lowercased())) }
  guard let (nearest, distance) = distances.min(by: { $0.1 < $1.1 }),
    distance <= max(1, min(name.count, nearest.count) / 3)
  else { return listing ? "; known: \(known.joined(separator: ", "))" : "" }
  return "; did you mean '\(nearest)'?"
}

/// The number of insertions, deletions and replacements between two words (Levenshtein 1965).
private func editDistance(_ a: String, _ b: String) -> Int {
  let b = Array(b)
  var row = Array(0...b.count)
  for (i, letter) in a.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for j in b.indices {
      let replaced = diagonal + (letter == b[j] ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
    }
  }
  return row[b.count]
}
