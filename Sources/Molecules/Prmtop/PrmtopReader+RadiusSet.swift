extension PrmtopReader {
  /// The text of `RADIUS_SET`; adds a note unless it is the set that the model was fitted with.
  ///
  /// - Parameter model: The solvent, if it is known; not vacuum.
  func radiusSet(
    _ notes: inout [String], for model: ImplicitSolvent.Model?
  ) throws(PrmtopError) -> String {
    guard file.sections["RADIUS_SET"] != nil else {
      notes.append(
        "%FLAG RADIUS_SET is missing: whether the radii fit the solvent model is unknown")
      return ""
    }
    let section = try section("RADIUS_SET")
    let name = try section.texts(expected: 1).values.joined(separator: " ")
    let isOpenMMs = name.contains(Self.openMMsSet)
    let known =
      isOpenMMs ? Self.openMMsSet : name.split { "()".contains($0) }.last.map(String.init) ?? ""
    let wanted = model?.radiusSet ?? "mbondi2"
    if known == wanted || isOpenMMs && model == .obc2 { return name }
    guard !name.isEmpty, let purpose = Self.knownSets[known] else {
      notes.append(
        "the radius set '\(name)' is not one of AMBER's: whether it fits the solvent model is "
          + "unknown")
      return name
    }
    let expected =
      model.map { "\($0.rawValue) expects \(wanted) (ParmEd: changeRadii \(wanted))" }
      ?? Self.expectations
    notes.append("the radius set \(known) is meant for \(purpose); \(expected)")
    return name
  }

  /// Throws for residues of nucleic acids, for which GBn2 has constants that are not known here.
  func refuseNucleicAcids() throws(PrmtopError) {
    let labels = try section("RESIDUE_LABEL").texts(expected: pointers[.residues])
    for (index, label) in labels.values.enumerated() {
      let base = label.hasPrefix("D") || label.hasPrefix("R") ? label.dropFirst() : label[...]
      let middle = base.count > 1 && "35N".contains(base.last ?? " ") ? base.dropLast() : base
      guard ["A", "C", "G", "U", "T"].contains(middle) else { continue }
      throw .unsupported(
        labels.place(index), feature: "gbn2 of a nucleic acid (residue \(label))")
    }
  }

  /// The radii of OpenMM's amber99_obc.xml, which no program of AMBER's makes.
  private static let openMMsSet = "amber99_obc"

  /// AMBER's sets and the models they belong to.
  private static let knownSets = [
    "bondi": "GBn (igb=7)", "mbondi": "HCT (igb=1)", "amber6": "the first HCT model of Amber 6",
    "mbondi2": "OBC (igb=2, igb=5)", "mbondi3": "GBn2 (igb=8)", "parse": "PARSE surfaces",
    openMMsSet: "OpenMM's OBC2",
  ]

  private static let expectations =
    "obc1 and obc2 expect mbondi2, gbn2 mbondi3, gbn bondi, hct mbondi"
}
