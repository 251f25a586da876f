/// A set of intrinsic Born radii, of those that AMBER's models were fitted with.
package enum RadiusSet: String, CaseIterable, Sendable {
  /// Bondi's radii, for GBn.
  case bondi
  /// For HCT; Tsui and Case 2000, *Biopolymers* 56, 275.
  case mbondi
  /// For OBC1 and OBC2; Onufriev, Bashford and Case 2004, *Proteins* 55, 383.
  case mbondi2
  /// For GBn2; Nguyen, Roe and Simmerling 2013, *J. Chem. Theory Comput.* 9, 2020.
  case mbondi3
  /// OpenMM's amber99_obc.xml, which only ff99SB-ILDN has: radii by atom type.
  case amber99OBC = "amber99-obc"

  /// What AMBER writes in a prmtop.
  package var title: String {
    switch self {
    case .bondi: "Bondi radii (bondi)"
    case .mbondi: "modified Bondi radii (mbondi)"
    case .mbondi2: "H(N)-modified Bondi radii (mbondi2)"
    case .mbondi3: "ArgH and AspGluO modified Bondi2 radii (mbondi3)"
    case .amber99OBC: "OpenMM amber99_obc.xml radii (not mbondi2); use igb=5/OBC2, solvent eps 78.3"
    }
  }
}

extension Peptide {
  /// The radii of a set, nm, and the factors of screening, [atoms].
  ///
  /// The factors are those of HCT and OBC, which a prmtop holds whatever the model: others bring
  /// their own by element.
  func bornRadii(_ set: RadiusSet) -> (radii: [Double], screens: [Double]) {
    if set == .amber99OBC {
      let born = atomClasses.compactMap { forceField.parameters.classes[$0]?.born }
      precondition(born.count == topology.atoms, "\(forceField) has no Born radii of its own")
      return (born.map(\.radius), born.map(\.screen))
    }
    let elements = topology.atomicNumbers.map { ChemicalElement(rawValue: $0) }
    let neighbours = topology.neighbours
    let radii = elements.indices.map { atom -> Double in
      let radius: Double =
        switch elements[atom] {
        case .hydrogen:
          hydrogenRadius(set, bondedTo: neighbours[atom].first.flatMap { elements[$0] })
        case .carbon: 0.17
        case .nitrogen: 0.155
        case .sulfur: 0.18
        case .oxygen, nil: 0.15
        }
      guard set == .mbondi3 else { return radius }
      if isCarboxylateOxygen(atom, neighbours, elements) { return 0.14 }
      let name = topology.atomNames[atom]
      let isGuanidinium = name.hasPrefix("HH") || name.hasPrefix("HE")
      return naturalName(of: atom) == "ARG" && isGuanidinium
        ? 0.117 : radius
    }
    let screens = elements.map { element -> Double in
      switch element {
      case .hydrogen, .oxygen: 0.85
      case .carbon: 0.72
      case .nitrogen: 0.79
      case .sulfur: 0.96
      case nil: 0.8
      }
    }
    return (radii, screens)
  }

  private func hydrogenRadius(_ set: RadiusSet, bondedTo element: ChemicalElement?) -> Double {
    switch (set, element) {
    case (.mbondi, .carbon), (.mbondi, .nitrogen): 0.13
    case (.mbondi, .oxygen), (.mbondi, .sulfur): 0.08
    case (.mbondi2, .nitrogen), (.mbondi3, .nitrogen): 0.13
    default: 0.12
    }
  }

  /// Whether an atom is an oxygen whose only neighbour is a carbon with three neighbours, another
  /// of which is an oxygen; also the C=O of a protonated carboxyl group, as in OpenMM.
  private func isCarboxylateOxygen(
    _ atom: Int, _ neighbours: [[Int]], _ elements: [ChemicalElement?]
  ) -> Bool {
    guard elements[atom] == .oxygen, neighbours[atom].count == 1,
      let carbon = neighbours[atom].first, elements[carbon] == .carbon,
      neighbours[carbon].count == 3
    else { return false }
    return neighbours[carbon].contains { $0 != atom && elements[$0] == .oxygen }
  }
}
