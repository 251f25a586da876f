import Foundation

/// Every term of a force field, described by its relabelled atoms, in a direction that does not
/// depend on how it was written, and by its parameters; with how often it occurs.
struct ForceFieldTerms: Equatable {
  /// All but the impropers.
  private(set) var counts: [[Double]: Int] = [:]
  /// The impropers, each by its description.
  private(set) var impropers: [[Double]: [Torsion]] = [:]

  /// - Parameter labels: The new name of every atom, [atoms].
  init(_ field: ForceField, labels: [Int]) {
    func names(_ atoms: [Int32]) -> [Double] { atoms.map { Double(labels[Int($0)]) } }
    func count(_ kind: Double, _ atoms: [Int32], _ parameters: [Double]) {
      let forward = names(atoms)
      let backward = Array(forward.reversed())
      let direction = forward.lexicographicallyPrecedes(backward) ? forward : backward
      counts[[kind] + direction + parameters, default: 0] += 1
    }
    for atom in 0..<field.atoms { count(1, [Int32(atom)], field.kind(of: atom)) }
    for bond in field.bonds {
      count(2, [bond.atoms.x, bond.atoms.y], [bond.length, bond.stiffness])
    }
    for angle in field.angles {
      count(3, [angle.atoms.x, angle.atoms.y, angle.atoms.z], [angle.angle, angle.stiffness])
    }
    for torsion in field.torsions where torsion.barrier != 0 {
      let parameters = [Double(torsion.periodicity), torsion.phase, torsion.barrier]
      count(4, (0..<4).map { torsion.atoms[$0] }, parameters)
    }
    for term in field.correctedTorsions {
      // A map tells φ from ψ: read backwards it is another one.
      let atoms = names((0..<4).map { term.atoms[$0] } + [term.last])
      counts[[5] + atoms + [Double(term.map)], default: 0] += 1
    }
    for pair in field.pairs14 {
      count(6, [pair.atoms.x, pair.atoms.y], [pair.lennardJonesScale, pair.coulombScale])
    }
    for pair in field.exclusions { count(7, [pair.x, pair.y], []) }
    for improper in field.impropers where improper.barrier != 0 {
      let atoms = names((0..<4).map { improper.atoms[$0] })
      impropers[Self.description(of: improper, atoms), default: []].append(improper)
    }
  }

  /// The description of an improper.
  ///
  /// Where its cosine is even, its outer atoms may be exchanged, and its inner atoms, either of
  /// which turns the angle's sign; an outer atom for an inner one may not, although both may be
  /// bonded to the same centre.
  private static func description(of improper: Torsion, _ atoms: [Double]) -> [Double] {
    let parameters = [Double(improper.periodicity), improper.phase, improper.barrier]
    let (outer, inner) = ([atoms[0], atoms[3]], [atoms[1], atoms[2]])
    // Files write a phase of π with six or more digits.
    if abs(sin(improper.phase)) < 1e-5 { return outer.sorted() + inner.sorted() + parameters }
    let backward = Array(atoms.reversed())
    return (atoms.lexicographicallyPrecedes(backward) ? atoms : backward) + parameters
  }

  static func == (a: ForceFieldTerms, b: ForceFieldTerms) -> Bool {
    a.counts == b.counts && a.impropers.mapValues(\.count) == b.impropers.mapValues(\.count)
  }

  /// The impropers that others have no equal of.
  func impropers(missingIn others: ForceFieldTerms) -> [Torsion] {
    impropers.flatMap { described, terms in
      terms.dropLast(min(terms.count, others.impropers[described]?.count ?? 0))
    }.sorted { a, b in
      let (a, b) = ((0..<4).map { a.atoms[$0] }, (0..<4).map { b.atoms[$0] })
      return a.lexicographicallyPrecedes(b)
    }
  }
}

extension ForceField {
  /// What the terms of single atoms and of pairs read of an atom.
  func kind(of atom: Int) -> [Double] {
    [
      charges[atom], Double(lennardJonesTypes[atom]), radii[atom], screens[atom],
      elements.isEmpty ? 0 : Double(elements[atom]),
    ]
  }
}
