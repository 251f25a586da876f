import CKernels

/// The vector instructions that lanes are computed with.
package enum VectorInstructions: String, CaseIterable, Sendable {
  case avx512 = "AVX-512"
  case avx2 = "AVX2"
  /// What every CPU of its kind has: SSE2 on x86-64.
  case baseline

  /// The best that this CPU has.
  package static let best: VectorInstructions =
    switch ck_lanes_choice() {
    case ck_lanes_avx512: .avx512
    case ck_lanes_avx2: .avx2
    default: .baseline
    }

  var target: ck_lane_target {
    switch self {
    case .avx512: ck_lanes_avx512
    case .avx2: ck_lanes_avx2
    case .baseline: ck_lanes_baseline
    }
  }
}

/// A molecule as the lanes read it: its shape, and its streams of indices and parameters (`CKernels/include/lanes.h`).
struct LaneMolecule: Sendable {
  private let shape: ck_molecule
  private let indices: [Int32]
  private let parameters: [Double]

  /// Lays out all terms of the energy.
  init(_ forceField: ForceField, solvent: ImplicitSolvent, instructions: VectorInstructions) {
    let solvation = GeneralizedBorn(forceField, solvent: solvent)
    var indices: [Int32] = []
    var parameters: [Double] = []
    for bond in forceField.bonds {
      indices += [bond.atoms.x, bond.atoms.y]
      parameters += [bond.length, bond.stiffness]
    }
    for angle in forceField.angles {
      indices += [angle.atoms.x, angle.atoms.y, angle.atoms.z]
      parameters += [angle.angle, angle.stiffness]
    }
    let torsions = dihedrals(forceField.torsions)
    let impropers = dihedrals(forceField.impropers)
    for dihedral in torsions + impropers {
      let atoms = dihedral.atoms
      indices += [atoms.x, atoms.y, atoms.z, atoms.w, Int32(dihedral.factors.count)]
      parameters.append(dihedral.constant)
      for factor in dihedral.factors { parameters += [factor.x, factor.y] }
    }
    if let solvation { parameters += solvation.atomParameters }
    let pairs = PairTable(forceField)
    for atom in 0..<forceField.atoms {
      let row = pairs.row(of: atom)
      indices += [row.distant, row.scaled, row.silent].map { Int32($0.count) }
      for pair in row.distant + row.scaled {
        indices.append(Int32(pair.partner))
        parameters += pair.parameters
        parameters.append(solvation?.product(atom, pair.partner) ?? 0)
      }
      for pair in row.silent {
        indices.append(Int32(pair.partner))
        parameters.append(solvation?.product(atom, pair.partner) ?? 0)
      }
    }
    let constants = solvation?.constants ?? .zero
    shape = ck_molecule(
      target: instructions.target, atoms: Int32(forceField.atoms),
      bonds: Int32(forceField.bonds.count),
      angles: Int32(forceField.angles.count), torsions: Int32(torsions.count),
      impropers: Int32(impropers.count), solvated: solvation == nil ? 0 : 1,
      fills_inner_sphere: solvation?.fillsInnerSphere == true ? 1 : 0, alpha: constants.x,
      beta: constants.y, gamma: constants.z)
    self.indices = indices
    self.parameters = parameters
  }

  /// Runs `body` with the scratch memory that one call at a time needs.
  func withScratch<Result>(_ body: (UnsafeMutableRawPointer) -> Result) -> Result {
    let size = withUnsafePointer(to: shape) { ck_lanes_scratch($0) }
    // The lanes' vectors are 64 bytes.
    let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
    defer { memory.deallocate() }
    return body(memory)
  }

  /// Energies, and forces if they are wanted, of up to eight conformations.
  ///
  /// - Parameters:
  ///   - coordinates: nm, [frames, atoms, 3].
  ///   - terms: kJ/mol, [frames, 10].
  ///   - forces: kJ mol⁻¹ nm⁻¹, [frames, atoms, 3].
  func energies(
    frames: Int, coordinates: UnsafePointer<Double>, terms: UnsafeMutablePointer<Double>,
    forces: UnsafeMutablePointer<Double>?, scratch: UnsafeMutableRawPointer
  ) {
    withUnsafePointer(to: shape) { shape in
      ck_lanes_energies(
        shape, indices, parameters, Int32(frames), coordinates, terms, forces, scratch)
    }
  }

  /// Steps of Langevin dynamics of eight chains, `ck_lanes_langevin`.
  ///
  /// - Parameters:
  ///   - masses: u, [atoms].
  ///   - thermal: kT, kJ/mol, [8].
  ///   - x: nm, [atoms, 3, 8].
  ///   - v: nm/ps, [atoms, 3, 8].
  ///   - potential: kJ/mol, [8].
  ///   - kinetic: kJ/mol, [8].
  func langevin(
    _ settings: ck_langevin, step: Int, steps: Int, masses: [Double],
    thermal: UnsafePointer<Double>, x: UnsafeMutablePointer<Double>,
    v: UnsafeMutablePointer<Double>, potential: UnsafeMutablePointer<Double>,
    kinetic: UnsafeMutablePointer<Double>
  ) {
    withScratch { scratch in
      withUnsafePointer(to: shape) { shape in
        withUnsafePointer(to: settings) { settings in
          ck_lanes_langevin(
            shape, indices, parameters, settings, UInt64(step), Int32(steps), masses, thermal, x, v,
            potential, kinetic, scratch)
        }
      }
    }
  }
}

/// All cosines over the same four atoms, `Σ_n (a_n cos nφ + b_n sin nφ)` with `a_n = k cos δ`, `b_n = k sin δ`.
private struct Dihedral {
  let atoms: SIMD4<Int32>
  /// `Σ k`, and `Σ k cos δ` of the terms with n = 0.
  var constant = 0.0
  /// `a_n`, `b_n` for n = 1, 2, ….
  var factors: [SIMD2<Double>] = []
}

/// Collects neighbouring terms over the same atoms.
private func dihedrals(_ torsions: [Torsion]) -> [Dihedral] {
  var result: [Dihedral] = []
  for torsion in torsions {
    if result.last?.atoms != torsion.atoms { result.append(Dihedral(atoms: torsion.atoms)) }
    let last = result.count - 1
    let (cosine, sine) = torsion.phaseCosineAndSine
    result[last].constant += torsion.barrier
    guard torsion.periodicity > 0 else {
      result[last].constant += torsion.barrier * cosine
      continue
    }
    while result[last].factors.count < torsion.periodicity { result[last].factors.append(.zero) }
    result[last].factors[torsion.periodicity - 1] += torsion.barrier * SIMD2(cosine, sine)
  }
  return result
}

/// How every pair of atoms interacts, apart from the solvent.
private struct PairTable {
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
