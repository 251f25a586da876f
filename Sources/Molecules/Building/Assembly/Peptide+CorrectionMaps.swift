extension Peptide {
  /// The torsions φ and ψ of residues that have a map, and the maps that are used (CMAP).
  ///
  /// Residues with a charged end have none: one of their torsions is missing.
  func corrections(
    _ parameters: AmberParameters
  ) -> (torsions: [CorrectedTorsions], maps: [CorrectionMap]) {
    var numbers: [Int] = []
    var torsions: [CorrectedTorsions] = []
    for (residue, template) in templates.enumerated() {
      guard let map = template.map, let before = atom(residue - 1, "C"),
        let nitrogen = atom(residue, "N"), let alpha = atom(residue, "CA"),
        let carbon = atom(residue, "C"), let after = atom(residue + 1, "N")
      else { continue }
      if !numbers.contains(map) { numbers.append(map) }
      torsions.append(
        CorrectedTorsions(
          atoms: SIMD4(Int32(before), Int32(nitrogen), Int32(alpha), Int32(carbon)),
          last: Int32(after), map: numbers.firstIndex(of: map) ?? 0))
    }
    return (torsions, numbers.map { correctionMap(parameters.grids[$0]) })
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
