extension Peptide {
  /// All parameters of the peptide.
  ///
  /// Each term equals that of the system that OpenMM makes with the same force field
  /// (BuiltEnergyTests). Cosines without a barrier are left out, but for one where a torsion has no
  /// other: in a prmtop it carries the 1–4 pair of its ends.
  ///
  /// - Precondition: The force field has Born radii of its own if `radii` are those.
  package func parameters(radii: RadiusSet) -> ForceField {
    let parameters = forceField.parameters
    let classes = atomClasses
    let neighbours = topology.neighbours
    let near = NearAtoms(neighbours)
    let (types, table) = lennardJones(parameters)
    let born = bornRadii(radii)
    let corrections = corrections(parameters)
    let pairs14 = near.pairs14.map {
      Pair14(
        atoms: $0, lennardJonesScale: parameters.lennardJonesScale14,
        coulombScale: parameters.coulombScale14)
    }
    return ForceField(
      bonds: topology.bonds.map { bond in
        let found = parameters.bonds[key([bond.x, bond.y], classes)]
        let (length, stiffness) = known(found, [bond.x, bond.y])
        return HarmonicBond(atoms: bond, length: length, stiffness: stiffness)
      },
      angles: angles(neighbours).map { atoms in
        let three = [atoms.x, atoms.y, atoms.z]
        let (angle, stiffness) = known(parameters.angles[key(three, classes)], three)
        return HarmonicAngle(atoms: atoms, angle: angle, stiffness: stiffness)
      },
      torsions: propers(neighbours).flatMap { atoms in
        let four = (0..<4).map { atoms[$0] }
        let cosines = known(parameters.proper(four.map { classes[Int($0)] }), four)
        return terms(cosines, atoms)
      },
      impropers: impropers(parameters, neighbours), correctedTorsions: corrections.torsions,
      correctionMaps: corrections.maps,
      charges: templates.flatMap { $0.atoms.map(\.charge) }, lennardJonesTypes: types,
      lennardJonesTable: table, exclusions: near.excluded, pairs14: pairs14, radii: born.radii,
      screens: born.screens, elements: topology.atomicNumbers)
  }

  /// The molecule as a prmtop holds it: see ``prmtopText(_:atomTypes:title:)``.
  package func prmtop(radii: RadiusSet) -> Prmtop {
    Prmtop(
      topology: topology, forceField: parameters(radii: radii), radiusSet: radii.title, notes: [])
  }

  private func key(_ atoms: [Int32], _ classes: [String]) -> AmberParameters.Key {
    .init(atoms.map { classes[Int($0)] })
  }

  private func known<Value>(_ value: Value?, _ atoms: [Int32]) -> Value {
    guard let value else {
      preconditionFailure("no parameters for \(atoms.map { topology.label(Int($0)) })")
    }
    return value
  }

  /// The cosines with a barrier, or one without.
  private func terms(_ cosines: [AmberParameters.Cosine], _ atoms: SIMD4<Int32>) -> [Torsion] {
    let high = cosines.filter { $0.barrier != 0 }
    return (high.isEmpty ? Array(cosines.prefix(1)) : high).map {
      Torsion(atoms: atoms, periodicity: $0.periodicity, phase: $0.phase, barrier: $0.barrier)
    }
  }

  /// Every two bonds of an atom, the lower end first.
  private func angles(_ neighbours: [[Int]]) -> [SIMD3<Int32>] {
    neighbours.indices.flatMap { vertex in
      pairs(neighbours[vertex]).map { SIMD3(Int32($0), Int32(vertex), Int32($1)) }
    }
  }

  /// Every chain of four atoms, the lower end first.
  private func propers(_ neighbours: [[Int]]) -> [SIMD4<Int32>] {
    topology.bonds.flatMap { bond in
      let (j, k) = (Int(bond.x), Int(bond.y))
      return neighbours[j].filter { $0 != k }.flatMap { i in
        neighbours[k].filter { $0 != j && $0 != i }.map { l in
          i < l
            ? SIMD4(Int32(i), bond.x, bond.y, Int32(l)) : SIMD4(Int32(l), bond.y, bond.x, Int32(i))
        }
      }
    }
  }

  /// An improper torsion for every atom and three of its neighbours for which there are parameters.
  private func impropers(
    _ parameters: AmberParameters, _ neighbours: [[Int]]
  ) -> [Torsion] {
    let order = ImproperOrder(peptide: self, parameters: parameters)
    return neighbours.indices.flatMap { centre in
      triples(neighbours[centre]).flatMap { others -> [Torsion] in
        guard let (atoms, cosines) = order.improper(centre: centre, others: others) else {
          return []
        }
        return cosines.filter { $0.barrier != 0 }.map {
          Torsion(atoms: atoms, periodicity: $0.periodicity, phase: $0.phase, barrier: $0.barrier)
        }
      }
    }
  }

  /// Types by σ and ε, in the order of their first atoms, and the table of their pairs by the rules
  /// of Lorentz and Berthelot.
  private func lennardJones(_ parameters: AmberParameters) -> (types: [Int], table: [LennardJones])
  {
    var kinds: [SIMD2<Double>] = []
    let types = atomClasses.map { name -> Int in
      guard let atomClass = parameters.classes[name] else { return 0 }
      let kind = SIMD2(atomClass.sigma, atomClass.epsilon)
      if let type = kinds.firstIndex(of: kind) { return type }
      kinds.append(kind)
      return kinds.count - 1
    }
    let table = kinds.flatMap { a in
      kinds.map { b in
        let σ = (a.x + b.x) / 2
        let ε = (a.y * b.y).squareRoot()
        let σ6 = σ * σ * σ * σ * σ * σ
        return LennardJones(repulsion: 4 * ε * σ6 * σ6, attraction: 4 * ε * σ6)
      }
    }
    return (types, table)
  }
}

/// Every two elements of a list, in its order.
private func pairs(_ list: [Int]) -> [(Int, Int)] {
  list.indices.flatMap { i in list[(i + 1)...].map { (list[i], $0) } }
}

/// Every three elements of a list, in its order.
private func triples(_ list: [Int]) -> [[Int]] {
  list.indices.flatMap { i in pairs(Array(list[(i + 1)...])).map { [list[i], $0.0, $0.1] } }
}

/// The pairs of atoms that are at most three bonds apart.
private struct NearAtoms {
  /// All of them, the lower atom first, sorted.
  let excluded: [SIMD2<Int32>]
  /// Those that no shorter way joins than one of three bonds.
  let pairs14: [SIMD2<Int32>]

  init(_ neighbours: [[Int]]) {
    var excluded: [SIMD2<Int32>] = []
    var pairs14: [SIMD2<Int32>] = []
    for atom in neighbours.indices {
      var distances = [atom: 0]
      var shell = [atom]
      for distance in 1...3 {
        shell = shell.flatMap { neighbours[$0] }
        for other in shell where distances[other] == nil { distances[other] = distance }
      }
      for (other, distance) in distances.sorted(by: { $0.key < $1.key }) where other > atom {
        let pair = SIMD2(Int32(atom), Int32(other))
        excluded.append(pair)
        if distance == 3 { pairs14.append(pair) }
      }
    }
    (self.excluded, self.pairs14) = (excluded, pairs14)
  }
}
