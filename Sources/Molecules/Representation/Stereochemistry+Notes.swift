extension Stereochemistry {
  /// What a minimised structure has that the structure before, or a residue's name, does not
  /// expect: stereocentres and amides in the other form, a sentence each.
  ///
  /// - Parameters:
  ///   - start: The structure, nm, [atoms].
  ///   - minimum: The same after minimisation.
  package func notes(
    from start: [SIMD3<Double>], to minimum: [SIMD3<Double>], topology: Topology
  ) -> [String] {
    let graph = BondGraph(topology)
    var notes: [String] = []
    for ((centre, before), after) in zip(zip(centres, handedness(start)), handedness(minimum)) {
      let name = topology.shortLabel(centre.atom)
      let residue = topology.residueNames[topology.residueOfAtom[centre.atom]]
      if let expected = graph.expectedHandedness(centre, residue: residue), after != expected {
        notes.append(
          "the stereocentre \(name) is the mirror image of what the name \(residue) stands for"
            + (before == expected ? "; minimisation turned it" : ""))
      } else if before != after, before != 0 {
        notes.append("minimisation turned the stereocentre \(name) into its mirror image")
      }
    }
    for ((amide, before), after) in zip(zip(amides, isomers(start)), isomers(minimum)) {
      let name = label(of: amide, in: topology)
      if before != after, before != 0 {
        let (old, new) = after > 0 ? ("trans", "cis") : ("cis", "trans")
        notes.append("minimisation turned the amide \(name) from \(old) to \(new)")
      } else if after > 0, amide.isSecondary {
        notes.append("the amide \(name) is cis")
      }
    }
    return notes
  }

  /// The handedness that the name of each centre's residue stands for, [centres]; nil where it says
  /// nothing.
  package func expectedHandedness(_ topology: Topology) -> [Int?] {
    let graph = BondGraph(topology)
    return centres.map { centre in
      graph.expectedHandedness(
        centre, residue: topology.residueNames[topology.residueOfAtom[centre.atom]])
    }
  }

  /// The names of the centres, "ALA2 CA".
  package func centreNames(_ topology: Topology) -> [String] {
    centres.map { topology.shortLabel($0.atom) }
  }

  /// The names of the amides, "ALA1 C–ALA2 N".
  package func amideNames(_ topology: Topology) -> [String] {
    amides.map { label(of: $0, in: topology) }
  }

  private func label(of amide: Amide, in topology: Topology) -> String {
    [amide.atoms.y, amide.atoms.z].map { topology.shortLabel(Int($0)) }.joined(separator: "–")
  }
}

extension Topology {
  /// Residue and name of an atom, "ALA2 CA".
  fileprivate func shortLabel(_ atom: Int) -> String {
    let residue = residueOfAtom[atom]
    return "\(residueNames[residue])\(residue + 1) \(atomNames[atom])"
  }
}
