import CKernels

/// How every pair of atoms interacts, as the lanes read it.
///
/// A row has the pairs of one atom with those before it: first the distant ones, then the 1–4, then
/// the excluded ones, each in ascending order.
struct PairTable {
  /// How many pairs of each kind are in the row of each atom, [atoms].
  private(set) var rows: [ck_row] = []
  /// The atom before, row after row, [pairs].
  private(set) var partners: [Int32] = []
  /// The interactions, [pairs].
  private(set) var pairs: [ck_pair] = []
  /// The distances from which on two atoms are far for the solvent, nm, [pairs].
  private(set) var reaches: [Double] = []
  /// The necks, [pairs]; empty where the solvent has none.
  private(set) var necks: [ck_neck] = []

  init(_ forceField: ForceField, solvation: GeneralizedBorn?) {
    let scaledInteractions = scaledInteractions(forceField)
    var exclusions = [Set<Int>](repeating: [], count: forceField.atoms)
    for pair in forceField.exclusions {
      exclusions[Int(max(pair.x, pair.y))].insert(Int(min(pair.x, pair.y)))
    }
    for atom in 0..<forceField.atoms {
      let scaled = (0..<atom).filter { scaledInteractions[atom][$0] != nil }
      let excluded = (0..<atom).filter { exclusions[atom].contains($0) && !scaled.contains($0) }
      let distant = (0..<atom).filter { !exclusions[atom].contains($0) && !scaled.contains($0) }
      rows.append(
        ck_row(
          distant: Int32(distant.count), scaled: Int32(scaled.count),
          excluded: Int32(excluded.count)))
      for partner in distant + scaled + excluded {
        let unscaled =
          exclusions[atom].contains(partner)
          ? Interaction() : Interaction(forceField, atom, partner)
        let interaction = scaledInteractions[atom][partner] ?? unscaled
        partners.append(Int32(partner))
        pairs.append(ck_pair(interaction, atom, partner, solvation))
        reaches.append(solvation?.reach(atom, partner) ?? 0)
        if let neck = solvation?.neck(atom, partner) { necks.append(neck) }
      }
    }
  }
}

extension ck_pair {
  fileprivate init(
    _ interaction: Interaction, _ atom: Int, _ partner: Int, _ solvation: GeneralizedBorn?
  ) {
    let hasSize = interaction.repulsion != 0 || interaction.attraction != 0
    self.init(
      repulsion: interaction.repulsion,
      attraction: interaction.attraction, coulomb: interaction.coulomb,
      largest_inverse_square: hasSize ? .infinity : 1,
      largest_inverse: interaction.coulomb == 0 ? 1 : .infinity,
      polarization: solvation?.product(atom, partner) ?? 0)
  }
}

/// `A`, `B` and `k_e q_i q_j` of a pair.
private struct Interaction {
  var repulsion = 0.0
  var attraction = 0.0
  var coulomb = 0.0

  init() {}

  /// Unscaled.
  init(_ forceField: ForceField, _ i: Int, _ j: Int) {
    let lennardJones = forceField.lennardJones(i, j)
    (repulsion, attraction) = (lennardJones.repulsion, lennardJones.attraction)
    coulomb = Constants.coulomb * forceField.charges[i] * forceField.charges[j]
  }
}

/// The 1–4 interactions of each atom with atoms before it, by partner, [atoms].
private func scaledInteractions(_ forceField: ForceField) -> [[Int: Interaction]] {
  var scaled = [[Int: Interaction]](repeating: [:], count: forceField.atoms)
  for pair in forceField.pairs14 {
    let (i, j) = (Int(pair.atoms.max()), Int(pair.atoms.min()))
    let own = Interaction(forceField, i, j)
    var sum = scaled[i][j] ?? Interaction()
    sum.repulsion += own.repulsion * pair.lennardJonesScale
    sum.attraction += own.attraction * pair.lennardJonesScale
    sum.coulomb += own.coulomb * pair.coulombScale
    scaled[i][j] = sum
  }
  return scaled
}
