extension Peptide {
  /// The torsions φ and ψ of residues that have a map, and the maps that are used (CMAP).
  ///
  /// Residues with a charged end have none: one of their torsions is missing. That of a D-residue is
  /// the mirror image, E(−φ, −ψ).
  func corrections(
    _ parameters: AmberParameters
  ) -> (torsions: [CorrectedTorsions], maps: [CorrectionMap]) {
    var used: [ResidueMap] = []
    var torsions: [CorrectedTorsions] = []
    for (residue, template) in templates.enumerated() {
      guard let map = template.map, let before = atom(residue - 1, "C"),
        let nitrogen = atom(residue, "N"), let alpha = atom(residue, "CA"),
        let carbon = atom(residue, "C"), let after = atom(residue + 1, "N")
      else { continue }
      let own = ResidueMap(grid: map, isMirrored: sequence.residues[residue].isD)
      if !used.contains(own) { used.append(own) }
      torsions.append(
        CorrectedTorsions(
          atoms: SIMD4(Int32(before), Int32(nitrogen), Int32(alpha), Int32(carbon)),
          last: Int32(after), map: used.firstIndex(of: own) ?? 0))
    }
    let maps = used.map { own in
      let map = correctionMap(parameters.grids[own.grid])
      return own.isMirrored ? map.mirrored : map
    }
    return (torsions, maps)
  }

  /// A grid, whose first angle runs fastest and whose angles begin at 0, as rows of φ from −π.
  private func correctionMap(_ grid: [Double]) -> CorrectionMap {
    let size = Int(Double(grid.count).squareRoot().rounded())
    func shifted(_ place: Int) -> Int { (place + size / 2) % size }
    let energies = (0..<size * size).map { place in
      grid[shifted(place / size) + size * shifted(place % size)]
    }
    return CorrectionMap(size: size, energies: energies)
  }
}

/// The map of a residue: which grid of the force field, and whether of its mirror image.
private struct ResidueMap: Equatable {
  var grid: Int
  var isMirrored: Bool
}

extension CorrectionMap {
  /// The map of the mirror image, E(−φ, −ψ).
  fileprivate var mirrored: CorrectionMap {
    // The first point is −π, whose mirror image is itself.
    func opposite(_ place: Int) -> Int { (size - place) % size }
    return CorrectionMap(
      size: size,
      energies: energies.indices.map { place in
        energies[opposite(place / size) * size + opposite(place % size)]
      })
  }
}
