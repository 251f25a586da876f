extension PrmtopFile {
  /// Throws for the first section that belongs to physics which the energy does not have.
  func refuseUnsupportedFlags() throws(PrmtopError) {
    for flag in flags {
      guard let section = sections[flag] else { continue }
      if let feature = Self.unsupported.first(where: { flag.hasPrefix($0.prefix) })?.feature {
        let values = Self.coefficients.contains(flag) ? try? section.reals().values : nil
        if let values, values.allSatisfy({ $0 == 0 }) { continue }
        throw .unsupported(section.place, feature: feature)
      }
    }
    guard let polarizable = sections["IPOL"] else { return }
    let values = try polarizable.integers()
    for (entry, value) in values.values.enumerated() where value != 0 {
      throw .unsupported(values.place(entry), feature: "IPOL = \(value) (polarizable atoms)")
    }
  }

  /// Sections of unsupported physics that add nothing to the energy where all their values are
  /// zero.
  private static let coefficients: Set<String> = [
    "LENNARD_JONES_CCOEF", "LENNARD_JONES_DCOEF", "POLARIZABILITY",
  ]

  /// Sections that are neither read nor known to mean nothing for the energy.
  var unusedFlags: [String] {
    flags.filter { flag in
      !Self.used.contains(flag) && !Self.coefficients.contains(flag)
        && !Self.harmless.contains { flag.hasPrefix($0) }
    }
  }

  private static let unsupported: [(prefix: String, feature: String)] = [
    ("CTITLE", "a CHARMM force field (chamber)"),
    ("FORCE_FIELD_TYPE", "a CHARMM force field (chamber)"),
    ("CHARMM_", "a CHARMM force field (chamber)"),
    ("LENNARD_JONES_CCOEF", "the 12-6-4 Lennard-Jones potential"),
    ("LENNARD_JONES_DCOEF", "a Lennard-Jones potential with more than two terms"),
    ("LENNARD_JONES_14_", "a Lennard-Jones table of its own for 1–4 pairs"),
    ("POLARIZABILITY", "a polarizable force field"),
    ("DIPOLE_DAMP_FACTOR", "a polarizable force field"),
    ("AMOEBA_", "the AMOEBA force field"),
    ("EXPVDWMODEL", "an exponential van der Waals potential"),
    ("LES_", "locally enhanced sampling"),
    ("VIRTUAL_SITE", "virtual sites"),
  ]

  private static let used: Set<String> = [
    "POINTERS", "ATOM_NAME", "CHARGE", "ATOMIC_NUMBER", "MASS", "ATOM_TYPE_INDEX",
    "NUMBER_EXCLUDED_ATOMS", "EXCLUDED_ATOMS_LIST", "NONBONDED_PARM_INDEX", "RESIDUE_LABEL",
    "RESIDUE_POINTER", "BOND_FORCE_CONSTANT", "BOND_EQUIL_VALUE", "ANGLE_FORCE_CONSTANT",
    "ANGLE_EQUIL_VALUE", "DIHEDRAL_FORCE_CONSTANT", "DIHEDRAL_PERIODICITY", "DIHEDRAL_PHASE",
    "SCEE_SCALE_FACTOR", "SCNB_SCALE_FACTOR", "LENNARD_JONES_ACOEF", "LENNARD_JONES_BCOEF",
    "BONDS_INC_HYDROGEN", "BONDS_WITHOUT_HYDROGEN", "ANGLES_INC_HYDROGEN",
    "ANGLES_WITHOUT_HYDROGEN", "DIHEDRALS_INC_HYDROGEN", "DIHEDRALS_WITHOUT_HYDROGEN",
    "HBOND_ACOEF", "HBOND_BCOEF", "RADIUS_SET", "RADII", "SCREEN", "IPOL", "CMAP_COUNT",
    "CMAP_RESOLUTION", "CMAP_INDEX",
  ]

  /// Titles, bookkeeping of old programs, and what only a periodic box or a cap would use.
  private static let harmless = [
    "TITLE", "SOLTY", "HBCUT", "AMBER_ATOM_TYPE", "TREE_CHAIN_CLASSIFICATION", "JOIN_ARRAY",
    "IROTAT", "SOLVENT_POINTERS", "ATOMS_PER_MOLECULE", "BOX_DIMENSIONS", "CAP_INFO",
    "RESIDUE_NUMBER", "RESIDUE_CHAINID", "RESIDUE_ICODE", "ATOM_NUMBER", "ATOM_ELEMENT",
    "ATOM_OCCUPANCY", "ATOM_BFACTOR",
    // Read, as many as there are maps.
    "CMAP_PARAMETER_",
  ]
}

extension PrmtopReader {
  /// Throws for what `POINTERS` asks for and the energy does not have.
  func refuseUnsupportedPointers() throws(PrmtopError) {
    let features: [(name: PrmtopPointers.Name, feature: String)] = [
      (.locallyEnhanced, "locally enhanced sampling (NPARM)"),
      (.perturbation, "perturbation (IFPERT)"), (.box, "a periodic box (IFBOX)"),
      (.cap, "a solvent cap (IFCAP)"), (.extraPoints, "extra points (NUMEXTRA)"),
    ]
    for (name, feature) in features where pointers[name] != 0 {
      throw .unsupported(pointers.place(name), feature: "\(feature) = \(pointers[name])")
    }
    if pointers[.copies] > 1 {
      throw .unsupported(pointers.place(.copies), feature: "several copies (NCOPY)")
    }
    let count = pointers[.hydrogenBondTypes]
    for flag in ["HBOND_ACOEF", "HBOND_BCOEF"] where count > 0 || file.sections[flag] != nil {
      let found = try reals(flag, count: count)
      if let entry = found.values.firstIndex(where: { $0 != 0 }) {
        throw .unsupported(found.place(entry), feature: "a 10-12 hydrogen-bond potential")
      }
    }
  }
}
