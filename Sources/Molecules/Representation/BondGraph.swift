/// Elements and bonds of a molecule: what its stereochemistry is read from.
struct BondGraph {
  private let elements: [Int]
  let neighbours: [[Int]]

  private static let (hydrogen, carbon, nitrogen, oxygen, sulfur) = (1, 6, 7, 8, 16)
  /// A C–N bond in a ring of at most so many atoms has no choice between cis and trans.
  private static let smallRing = 8

  init(_ topology: Topology) {
    elements = topology.atomicNumbers
    neighbours = topology.neighbours
  }

  /// Whether an atom has four neighbours whose substituents all differ.
  func isStereocentre(_ atom: Int) -> Bool {
    let around = neighbours[atom]
    guard around.count == 4 else { return false }
    let ends = around.filter { neighbours[$0].count == 1 }.map { elements[$0] }
    return Set(ends).count == ends.count && areDistinct(around, seenFrom: atom)
  }

  /// Whether no two of the atoms are alike, seen from another atom.
  ///
  /// Atoms begin with their element as class, the observer with a class of its own. Classes are
  /// split where the classes of their neighbours differ, until nothing splits; what differs once
  /// always does.
  private func areDistinct(_ atoms: [Int], seenFrom observer: Int) -> Bool {
    var classes = elements
    classes[observer] = Int.max
    var count = Set(classes).count
    while Set(atoms.map { classes[$0] }).count < atoms.count {
      let surroundings = neighbours.indices.map { atom in
        [classes[atom]] + neighbours[atom].map { classes[$0] }.sorted()
      }
      var numbers: [[Int]: Int] = [:]
      for described in surroundings where numbers[described] == nil {
        numbers[described] = numbers.count
      }
      if numbers.count == count { return false }
      count = numbers.count
      classes = surroundings.map { numbers[$0] ?? 0 }
    }
    return true
  }

  /// The neighbours of an atom, the heaviest element first, those of one element by the elements of
  /// their own neighbours, and then by their place in the topology.
  func rankedNeighbours(of atom: Int) -> [Int] {
    let ranks = neighbours[atom].map { neighbour in
      let around = neighbours[neighbour].filter { $0 != atom }.map { elements[$0] }
      return (atom: neighbour, rank: [elements[neighbour]] + around.sorted(by: >))
    }
    return ranks.sorted { a, b in
      a.rank == b.rank ? a.atom < b.atom : b.rank.lexicographicallyPrecedes(a.rank)
    }.map(\.atom)
  }

  /// The amides whose carbonyl carbon an atom is: at most one.
  ///
  /// Ureas, carbamates and amides without a substituent on N, or with two that are not told apart
  /// by a carbonyl group, have no cis and trans.
  func amides(at atom: Int) -> [Stereochemistry.Amide] {
    guard isCarbonyl(atom) else { return [] }
    let rest = neighbours[atom].filter { !isDoubleBondedEnd($0) }
    guard rest.count == 2, let n = rest.first(where: { elements[$0] == Self.nitrogen }),
      let before = rest.first(where: { elements[$0] == Self.carbon }),
      let (after, isSecondary) = carbonAfter(n, from: atom), !shareSmallRing(atom, n)
    else { return [] }
    return [
      Stereochemistry.Amide(
        atoms: SIMD4(Int32(before), Int32(atom), Int32(n), Int32(after)), isSecondary: isSecondary)
    ]
  }

  /// Whether an atom is a carbon with three neighbours, one of them a double-bonded oxygen.
  func isCarbonyl(_ atom: Int) -> Bool {
    elements[atom] == Self.carbon && neighbours[atom].count == 3
      && neighbours[atom].contains(where: isDoubleBondedEnd)
  }

  /// Whether two atoms are a carbonyl carbon and a nitrogen.
  func isAmideBond(_ a: Int, _ b: Int) -> Bool {
    (isCarbonyl(a) && elements[b] == Self.nitrogen)
      || (isCarbonyl(b) && elements[a] == Self.nitrogen)
  }

  private func isDoubleBondedEnd(_ atom: Int) -> Bool {
    neighbours[atom].count == 1 && [Self.oxygen, Self.sulfur].contains(elements[atom])
  }

  /// The carbon of N that ω turns towards, and whether a hydrogen is N's other neighbour; of two
  /// carbons the one that bears a carbonyl group, as an α-carbon does.
  private func carbonAfter(_ n: Int, from carbonyl: Int) -> (atom: Int, isSecondary: Bool)? {
    let others = neighbours[n].filter { $0 != carbonyl }
    let carbons = others.filter { elements[$0] == Self.carbon }
    guard others.count == 2 else { return nil }
    if carbons.count == 1, others.contains(where: { elements[$0] == Self.hydrogen }) {
      return (carbons[0], true)
    }
    let bearing = carbons.filter { neighbours[$0].contains(where: isCarbonyl) }
    return bearing.count == 1 ? (bearing[0], false) : nil
  }

  /// Whether a small ring holds the bond of two atoms.
  private func shareSmallRing(_ a: Int, _ b: Int) -> Bool {
    var reached: Set = [a]
    var front = neighbours[a].filter { $0 != b }
    for _ in 0..<Self.smallRing - 1 where !front.isEmpty {
      if front.contains(b) { return true }
      reached.formUnion(front)
      front = Set(front.flatMap { neighbours[$0] }).subtracting(reached).sorted()
    }
    return false
  }
}

extension BondGraph {
  /// The handedness that a residue's name gives a stereocentre, as the sign of
  /// ``Stereochemistry/handedness(_:)``; nil where the name says nothing.
  ///
  /// The names are those of the L-amino acids, with AMBER's N or C before those of the chain's
  /// ends. L-threonine and L-isoleucine have a second centre, whose sign is that of
  /// `(Cα − x) × (O or CH₂ − x) · (CH₃ − x)`.
  func expectedHandedness(_ centre: Stereochemistry.Centre, residue name: String) -> Int? {
    let short = name.count == 4 && "NC".contains(name.prefix(1)) ? String(name.dropFirst()) : name
    guard lAminoAcids.contains(short) else { return nil }
    let ranked = centre.neighbours
    if isAlpha(centre.atom) {
      let wanted = ranked.filter { elements[$0] == Self.nitrogen } + ranked.filter(isCarbonyl)
      return parity(of: ranked, first: wanted)
    }
    guard ["THR", "ILE"].contains(short), let alpha = ranked.first(where: isAlpha),
      let methyl = ranked.first(where: isMethyl)
    else { return nil }
    let others = ranked.filter {
      $0 != alpha && $0 != methyl && elements[$0] != Self.hydrogen
    }
    return parity(of: ranked, first: [alpha] + others)
  }

  private func isAlpha(_ atom: Int) -> Bool {
    let around = neighbours[atom]
    return elements[atom] == Self.carbon && around.count == 4
      && around.count { elements[$0] == Self.nitrogen } == 1 && around.count(where: isCarbonyl) == 1
  }

  private func isMethyl(_ atom: Int) -> Bool {
    elements[atom] == Self.carbon
      && neighbours[atom].count { elements[$0] == Self.hydrogen } == 3
  }

  /// The sign of the order of three ranked neighbours relative to two of them, then the third.
  private func parity(of ranked: [Int], first wanted: [Int]) -> Int? {
    guard wanted.count == 2, let i = ranked.firstIndex(of: wanted[0]),
      let j = ranked.firstIndex(of: wanted[1]), max(i, j) < 3
    else { return nil }
    return (j - i + 3) % 3 == 1 ? 1 : -1
  }
}

private let lAminoAcids: Set = [
  "ALA", "ARG", "ASH", "ASN", "ASP", "CYM", "CYS", "CYX", "GLH", "GLN", "GLU", "HID", "HIE", "HIP",
  "HIS", "HYP", "ILE", "LEU", "LYN", "LYS", "MET", "NLE", "PHE", "PRO", "SER", "THR", "TRP", "TYR",
  "VAL",
]
