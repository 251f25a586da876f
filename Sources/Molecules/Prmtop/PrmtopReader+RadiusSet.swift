extension PrmtopReader {
  /// The text of `RADIUS_SET`; adds a note unless it is the set that OBC1 and OBC2 were fitted
  /// with, mbondi2.
  func radiusSet(_ notes: inout [String]) throws(PrmtopError) -> String {
    guard file.sections["RADIUS_SET"] != nil else {
      notes.append(
        "%FLAG RADIUS_SET is missing: whether the radii fit the solvent model is unknown")
      return ""
    }
    let section = try section("RADIUS_SET")
    let name = try section.texts(expected: 1).values.joined(separator: " ")
    let known = name.split { "()".contains($0) }.last.map(String.init) ?? ""
    if name.isEmpty || Self.knownSets[known] == nil {
      if known != "mbondi2" {
        notes.append(
          "the radius set '\(name)' is not one of AMBER's: whether it fits the solvent model is "
            + "unknown"
        )
      }
    } else if let purpose = Self.knownSets[known] {
      notes.append("the radius set \(known) is meant for \(purpose); obc1 and obc2 expect mbondi2")
    }
    return name
  }

  /// AMBER's other sets and the models they belong to.
  private static let knownSets = [
    "bondi": "GBn (igb=7)", "mbondi": "HCT (igb=1)", "amber6": "the first HCT model of Amber 6",
    "mbondi3": "GBn2 (igb=8)", "parse": "PARSE surfaces",
  ]
}
