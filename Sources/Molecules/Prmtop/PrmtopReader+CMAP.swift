extension PrmtopReader {
  /// The maps and the torsions that they correct; none where the file has no `CMAP_COUNT`.
  ///
  /// `CMAP_COUNT`: terms and maps. `CMAP_RESOLUTION`: points along each axis. `CMAP_PARAMETER_01` and
  /// so on: kcal/mol, rows φ and columns ψ, from −180°. `CMAP_INDEX`: five atoms and the map of each
  /// term, all from 1.
  func correctionMaps() throws(PrmtopError) -> (
    torsions: [CorrectedTorsions], maps: [CorrectionMap]
  ) {
    guard file.sections["CMAP_COUNT"] != nil else {
      if file.flags.contains(where: { $0.hasPrefix("CMAP_") }) {
        throw .missingFlag(path: file.path, flag: "CMAP_COUNT")
      }
      return ([], [])
    }
    let counts = try integers("CMAP_COUNT", count: 2)
    for (entry, count) in counts.values.enumerated() where !(0...Self.limit).contains(count) {
      throw .indexOutOfRange(
        counts.place(entry), entry: entry + 1, found: count, allowed: 0...Self.limit)
    }
    let maps = try correctionMaps(counts.values[1])
    let list = try integers("CMAP_INDEX", count: 6 * counts.values[0])
    var torsions: [CorrectedTorsions] = []
    for start in stride(from: 0, to: list.values.count, by: 6) {
      var atoms: [Int32] = []
      for entry in start..<start + 5 {
        atoms.append(Int32(try index(list, entry, count: self.atoms)))
      }
      if Set(atoms).count < 5 {
        throw .repeatedAtom(list.place(start), atoms: atoms.map { Int($0) + 1 })
      }
      torsions.append(
        CorrectedTorsions(
          atoms: SIMD4(atoms[0], atoms[1], atoms[2], atoms[3]), last: atoms[4],
          map: try index(list, start + 5, count: maps.count)))
    }
    return (torsions, maps)
  }

  /// More terms, maps or points along an axis than any file has.
  private static let limit = 10_000

  private func correctionMaps(_ count: Int) throws(PrmtopError) -> [CorrectionMap] {
    let sizes = try integers("CMAP_RESOLUTION", count: count)
    var maps: [CorrectionMap] = []
    for (entry, size) in sizes.values.enumerated() {
      guard (1...360).contains(size) else {
        throw .indexOutOfRange(
          sizes.place(entry), entry: entry + 1, found: size, allowed: 1...360)
      }
      let number = entry + 1
      let flag = "CMAP_PARAMETER_\(number < 10 ? "0" : "")\(number)"
      let energies = try reals(flag, count: size * size).values
      maps.append(CorrectionMap(size: size, energies: energies.map { $0 * AmberUnits.energy }))
    }
    let sections = file.flags.filter { $0.hasPrefix("CMAP_PARAMETER_") }
    if sections.count != count {
      throw .count(try section("CMAP_COUNT").place, expected: sections.count, found: count)
    }
    return maps
  }
}
