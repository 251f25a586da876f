import CKernels

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
    let rows = (0..<forceField.atoms).map { pairs.row(of: $0) }
    if let solvation {
      for (atom, row) in rows.enumerated() {
        parameters += (row.distant + row.scaled + row.silent).map {
          solvation.reach(atom, $0.partner)
        }
      }
    }
    for (atom, row) in rows.enumerated() {
      indices += [row.distant, row.scaled, row.silent].map { Int32($0.count) }
      for pair in row.distant + row.scaled + row.silent {
        indices.append(Int32(pair.partner))
        parameters += pair.parameters
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
