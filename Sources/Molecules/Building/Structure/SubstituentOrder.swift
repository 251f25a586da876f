extension BondGeometry {
  /// The neighbours of an atom in the order of the rules of nomenclature: towards the main chain
  /// first, then heavy atoms by number, then hydrogens by number.
  func ordered(_ atoms: [Int], around centre: Int) -> [Int] {
    let nearest = atoms.filter { !isHydrogen($0) }
      .min { rank($0, around: centre) < rank($1, around: centre) }
    return atoms.sorted { a, b in
      if a == nearest || b == nearest { return a == nearest && b != nearest }
      return sortKey(a) < sortKey(b)
    }
  }

  private func sortKey(_ atom: Int) -> (Int, Int, String) {
    let name = topology.atomNames[atom]
    return (isHydrogen(atom) ? 1 : 0, name.last?.wholeNumberValue ?? 0, name)
  }

  /// How far an atom is from the main chain, by the letter of its name: A, B, G, D, E, Z, H; 0 for
  /// the main chain itself.
  private func rank(_ atom: Int, around centre: Int) -> Int {
    let name = topology.atomNames[atom]
    if name == "N" || name == "C" && topology.atomNames[centre] != "CA" { return 0 }
    if name == "C" { return 1 }
    guard let letter = name.dropFirst().first, let place = "ABGDEZH".firstIndex(of: letter) else {
      return 9
    }
    return 1 + "ABGDEZH".distance(from: "ABGDEZH".startIndex, to: place)
  }

  /// The two other neighbours of a centre with four, clockwise after `plane` to someone who looks
  /// from `axis` to the centre.
  ///
  /// By the rules of nomenclature the substituents, numbered as in ``ordered(_:around:)``, turn
  /// clockwise seen from the main chain (Markley et al. 1998, *Pure Appl. Chem.* 70, 117); the
  /// natural forms of Cα, and of Cβ of threonine and isoleucine, turn the other way.
  func clockwise(_ centre: Int, axis: Int, plane: Int, isD: Bool) -> [Int] {
    let order = ordered(neighbours[centre], around: centre)
    let rest = order.filter { $0 != axis && $0 != plane }
    var isReversed = isOddPermutation([axis, plane] + rest, of: order)
    if turnsCounterclockwise(centre) { isReversed.toggle() }
    if isD { isReversed.toggle() }
    return isReversed ? rest.reversed() : rest
  }

  private func turnsCounterclockwise(_ centre: Int) -> Bool {
    switch (naturalNames[topology.residueOfAtom[centre]], topology.atomNames[centre]) {
    case ("GLY", "CA"): return false
    case (_, "CA"), ("THR", "CB"), ("ILE", "CB"), ("HYP", "CG"): return true
    default: return false
    }
  }
}

private func isOddPermutation(_ list: [Int], of order: [Int]) -> Bool {
  let places = list.compactMap { order.firstIndex(of: $0) }
  let inversions = places.indices.reduce(0) { count, i in
    count + places[(i + 1)...].filter { $0 < places[i] }.count
  }
  return inversions % 2 == 1
}
