/// How every pair of atoms interacts, apart from the solvent.
struct PairTable {
  struct Pair {
    let partner: Int
    /// `A`, `B`, `k_e q_i q_j`, and the largest `1/r²` and `1/r` that count.
    var parameters: [Double]
  }

  private let forceField: ForceField
  /// The 1–4 pairs of each atom with atoms before it.
  private var scaled: [[Int: Pair]]
  private var silent: [Set<Int>]

  init(_ forceField: ForceField) {
    self.forceField = forceField
    scaled = [[Int: Pair]](repeating: [:], count: forceField.atoms)
    silent = [Set<Int>](repeating: [], count: forceField.atoms)
    for pair in forceField.exclusions {
      silent[Int(max(pair.x, pair.y))].insert(Int(min(pair.x, pair.y)))
    }
    for pair in forceField.pairs14 {
      let (i, j) = (Int(pair.atoms.max()), Int(pair.atoms.min()))
      let known = scaled[i][j]?.parameters ?? [0, 0, 0]
      let own = interaction(i, j)
      scaled[i][j] = Pair(
        partner: j,
        parameters: [
          known[0] + own.lennardJones.repulsion * pair.lennardJonesScale,
          known[1] + own.lennardJones.attraction * pair.lennardJonesScale,
          known[2] + own.coulomb * pair.coulombScale,
        ])
    }
  }

  /// The pairs of an atom with those before it, in ascending order.
  func row(of atom: Int) -> (distant: [Pair], scaled: [Pair], silent: [Pair]) {
    var row: (distant: [Pair], scaled: [Pair], silent: [Pair]) = ([], [], [])
    for partner in 0..<atom {
      if let pair = scaled[atom][partner] {
        row.scaled.append(Pair(partner: partner, parameters: limited(pair.parameters)))
      } else if silent[atom].contains(partner) {
        row.silent.append(Pair(partner: partner, parameters: []))
      } else {
        let own = interaction(atom, partner)
        row.distant.append(
          Pair(
            partner: partner,
            parameters: limited([
              own.lennardJones.repulsion, own.lennardJones.attraction, own.coulomb,
            ])))
      }
    }
    return row
  }

  private func interaction(_ i: Int, _ j: Int) -> (lennardJones: LennardJones, coulomb: Double) {
    let charges = forceField.charges
    return (forceField.lennardJones(i, j), Constants.coulomb * charges[i] * charges[j])
  }

  private func limited(_ parameters: [Double]) -> [Double] {
    parameters + [
      parameters[0] == 0 && parameters[1] == 0 ? 1 : .infinity, parameters[2] == 0 ? 1 : .infinity,
    ]
  }
}
