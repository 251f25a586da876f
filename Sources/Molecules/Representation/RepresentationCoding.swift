extension InternalRepresentation {
  enum CodingKeys: CodingKey {
    case tree, cuts, means, standardDeviations, hasPeriodicTorsions, atomsPerToken, tokenStarts
  }

  /// Reads a fitted representation and checks that its parts fit each other.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    tree = try container.decode(BondTree.self, forKey: .tree)
    cuts = try container.decode([Double].self, forKey: .cuts)
    means = try container.decode([Double].self, forKey: .means)
    standardDeviations = try container.decode([Double].self, forKey: .standardDeviations)
    hasPeriodicTorsions =
      try container.decodeIfPresent(Bool.self, forKey: .hasPeriodicTorsions) ?? false
    let starts = try container.decodeIfPresent([Int].self, forKey: .tokenStarts)
    guard
      let groups = AtomGroups(
        placements: tree.placements,
        size: try container.decodeIfPresent(Int.self, forKey: .atomsPerToken) ?? 1,
        starts: starts ?? Array(0..<tree.placements))
    else {
      throw DecodingError.dataCorruptedError(
        forKey: .tokenStarts, in: container,
        debugDescription: "tokens that begin there do not hold \(tree.placements) placements")
    }
    self.groups = groups
    guard
      cuts.count == tree.placements && means.count == 3 * tree.placements
        && standardDeviations.count == means.count
        && standardDeviations.allSatisfy({ $0 > 0 && $0.isFinite })
        && (cuts + means).allSatisfy(\.isFinite)
    else {
      throw DecodingError.dataCorruptedError(
        forKey: .standardDeviations, in: container,
        debugDescription:
          "\(tree.placements) placements need as many cuts, three finite means and three "
          + "positive standard deviations each")
    }
  }

  /// Writes what was fitted, whether torsions are periodic where they are, and the groups where
  /// tokens hold several placements.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(tree, forKey: .tree)
    try container.encode(cuts, forKey: .cuts)
    try container.encode(means, forKey: .means)
    try container.encode(standardDeviations, forKey: .standardDeviations)
    if hasPeriodicTorsions { try container.encode(true, forKey: .hasPeriodicTorsions) }
    guard groups.size > 1 else { return }
    try container.encode(groups.size, forKey: .atomsPerToken)
    try container.encode(groups.starts, forKey: .tokenStarts)
  }
}

extension CartesianRepresentation {
  enum CodingKeys: CodingKey { case atoms, scale }

  /// Reads a fitted representation and checks it.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    atoms = try container.decode(Int.self, forKey: .atoms)
    scale = try container.decode(Double.self, forKey: .scale)
    guard atoms > 0 && scale > 0 && scale.isFinite else {
      throw DecodingError.dataCorruptedError(
        forKey: .scale, in: container,
        debugDescription: "\(atoms) atoms with a scale of \(scale) nm")
    }
  }
}

extension RebuiltConformations {
  /// Takes apart rows of 3 · atoms coordinates, the log-Jacobian, and 1 inside the support.
  init(rows: [Double], atoms: Int) {
    let width = 3 * atoms + 2
    let starts = stride(from: 0, to: rows.count, by: width)
    coordinates = []
    coordinates.reserveCapacity(rows.count / width * 3 * atoms)
    for start in starts { coordinates.append(contentsOf: rows[start..<start + 3 * atoms]) }
    logJacobian = starts.map { rows[$0 + 3 * atoms] }
    inSupport = starts.map { rows[$0 + 3 * atoms + 1] == 1 }
  }
}
