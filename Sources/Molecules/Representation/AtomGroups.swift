/// How the placements of a tree are put into tokens: runs of consecutive ones.
///
/// A full token has `3 · size` features, the three internal coordinates of each of its placements;
/// one of fewer placements has zeros behind them.
package struct AtomGroups: Equatable, Sendable {
  /// The most placements of a token.
  package let size: Int
  /// The first placement of each token, ascending from 0, [tokens].
  package let starts: [Int]
  /// Where the coordinates of each placement begin among the features of a sample, [placements].
  let offsets: [Int]

  /// The sizes that a file may name: offsets then cannot overflow.
  private static let sizes = 1...1 << 20

  /// The groups that begin at `starts`; nil unless they hold all placements, 1 to `size` each, or
  /// for a size that no model has.
  init?(placements: Int, size: Int, starts: [Int]) {
    guard Self.sizes.contains(size), starts.first == 0 else { return nil }
    let ends = starts.dropFirst() + [placements]
    guard zip(starts, ends).allSatisfy({ (1...size).contains($1 - $0) }) else { return nil }
    (self.size, self.starts) = (size, starts)
    offsets = zip(starts, ends).enumerated().flatMap { token, group in
      (0..<group.1 - group.0).map { 3 * (token * size + $0) }
    }
  }

  /// The number of tokens.
  package var tokens: Int { starts.count }

  /// The features of a token.
  package var features: Int { 3 * size }

  /// The features that each token has, [tokens]; nil when all are full.
  package var present: [Int]? {
    let counts = zip(starts, starts.dropFirst() + [offsets.count]).map { 3 * ($1 - $0) }
    return counts.allSatisfy { $0 == features } ? nil : counts
  }

  /// The features of a sample from three numbers of each placement, with `missing` where there is
  /// none, [tokens, features].
  func spread<Number>(_ values: [Number], missing: Number) -> [Number] {
    var features = [Number](repeating: missing, count: tokens * self.features)
    for (placement, offset) in offsets.enumerated() {
      for axis in 0..<3 { features[offset + axis] = values[3 * placement + axis] }
    }
    return features
  }

  /// The internal coordinates of a sample, `mean + standard deviation · feature`, [placements, 3].
  ///
  /// - Parameters:
  ///   - means: And standard deviations, [placements, 3].
  ///   - feature: A standardised feature of the sample, by its place in [tokens, features].
  func coordinates<Scalar: BinaryFloatingPoint>(
    means: [Double], standardDeviations: [Double], _ feature: (Int) -> Scalar
  ) -> [Double] {
    var q = means
    for (placement, offset) in offsets.enumerated() {
      for axis in 0..<3 {
        let index = 3 * placement + axis
        q[index] += standardDeviations[index] * Double(feature(offset + axis))
      }
    }
    return q
  }
}

extension BondTree {
  /// Groups of `size` placements, or of fewer that end with a rotor, but of half as many at least.
  ///
  /// So what turns with a torsion such as φ, ψ or χ is mostly placed by a network that has seen it.
  func groups(of size: Int, topology: Topology) -> AtomGroups {
    precondition(size >= 1, "\(size) placements in a token")
    let isRotor = rotors(of: topology)
    var (starts, start) = ([0], 0)
    while start + size < placements {
      let full = start + size
      start = (start + (size + 1) / 2...full).last { isRotor[$0 - 1] } ?? full
      starts.append(start)
    }
    guard let groups = AtomGroups(placements: placements, size: size, starts: starts) else {
      preconditionFailure("no groups of \(size) begin at \(starts)")
    }
    return groups
  }

  /// Whether the torsion of a placement turns other heavy atoms about a bond that is in no ring and
  /// no amide's, [placements].
  private func rotors(of topology: Topology) -> [Bool] {
    let graph = BondGraph(topology)
    let free = Set(topology.bondsInNoRing.map { Set([$0.near, $0.far]) })
    let turns = references.map { reference in
      let (parent, axis) = (reference.parent, reference.axis)
      return !graph.neighbours[parent].contains(reference.plane)
        && free.contains([parent, axis]) && !graph.isAmideBond(parent, axis)
        && graph.neighbours[parent].contains { $0 != axis && topology.atomicNumbers[$0] > 1 }
    }
    return [false] + turns
  }
}
