import Molecules
import Reporting

extension MolecularSystem {
  /// What there is to say of a system: the molecule, and the conventions of its energy that matter
  /// to whoever compares with another program.
  /// - Throws: `RunError`.
  package func facts() throws -> [Fact] {
    let field = prmtop.forceField
    let solvent = try description.solvent(path: descriptionPath)
    func factors(_ scale: KeyPath<Pair14, Double>) -> FactValue {
      let values = Set(field.pairs14.map { (1 / $0[keyPath: scale] * 1e6).rounded() / 1e6 })
      return .text(values.sorted().map { "\($0)" }.joined(separator: " "))
    }
    var facts: [Fact] = [
      ("kind", .text("system")), ("name", .text(description.name)),
      ("temperature K", .text("\(description.temperature)")), ("topology", .text(topologyPath)),
      ("atoms", .count(topology.atoms)), ("charge", .number(field.netCharge)),
      ("radius set", .text(prmtop.radiusSet)),
      ("Coulomb constant kJ nm/mol/e²", .text("\(Constants.coulomb)")),
      ("1–4 Coulomb divided by", factors(\.coulombScale)),
      ("1–4 Lennard-Jones divided by", factors(\.lennardJonesScale)), ("cut-off", .text("none")),
      ("implicit solvent", .text(solvent.model.rawValue)),
    ]
    if let model = solvent.bornModel {
      let curve =
        switch model.curve {
        case .plain: "none (1/B = 1/ρ − I)"
        case .constants(let own): "\(own.x) \(own.y) \(own.z)"
        case .byElement: "by element"
        }
      facts += [
        ("solvent dielectric", .text("\(solvent.solventDielectric)")),
        ("solute dielectric", .text("\(solvent.soluteDielectric)")),
        ("Born α β γ", .text(curve)),
        ("Born radius offset nm", .text("\(model.radiusOffset)")),
        ("spheres inside others", .text(model.fillsInnerSphere ? "filled" : "not filled")),
        ("polarization constant kJ nm/mol/e²", .text("\(model.coulomb)")),
        (
          "surface term kJ/mol/nm²",
          .text(solvent.surfaceArea ? "\(model.tension) · (R + 0.14 nm)² (R/B)⁶" : "none")
        ),
      ]
    }
    if solvent.bornModel != nil, solvent.inverseDebyeLength > 0 {
      facts.append(("salt: κ nm⁻¹", .text("\(solvent.inverseDebyeLength)")))
    }
    if !field.correctedTorsions.isEmpty {
      facts.append(("CMAP terms", .count(field.correctedTorsions.count)))
    }
    return facts + noteFacts(prmtop.notes)
  }
}
