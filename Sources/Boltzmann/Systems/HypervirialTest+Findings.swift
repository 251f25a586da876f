import Molecules
import Reporting

extension ConfigurationalTemperature {
  /// What a measured temperature says of the one that is wanted.
  package enum Verdict: Equatable, Sendable {
    /// Within four standard errors beside the bias that is allowed.
    case agrees
    /// Beyond that.
    case differs
    /// Beyond four standard errors and 10 %.
    case contradicts
  }

  /// Compares with the temperature of the system, K.
  package func verdict(wanted: Double) -> Verdict {
    let difference = abs(kelvin - wanted)
    if difference > 4 * error, difference > 0.1 * wanted { return .contradicts }
    return difference > 4 * error + HypervirialTest.allowedTemperatureBias * wanted
      ? .differs : .agrees
  }

  /// The difference in words.
  ///
  /// - Parameter what: What was judged by, such as "the forces along its 32 bonds".
  package func problem(wanted: Double, by what: String) -> String {
    "judging by \(what), its frames are at \(kelvin.fixed(1)) ± \(error.fixed(1)) K, but the "
      + "system's temperature is \(Boltzmann.kelvin(wanted)) K: was it simulated at that "
      + "temperature, with this force field and solvent?"
  }
}

extension HypervirialTest {
  /// The bias of a temperature that is allowed, as a share of it: what time steps of 2 fs make.
  package static let allowedTemperatureBias = 0.01

  /// What it says against a system: its temperatures, its mean forces, rigid bonds.
  func findings(of system: MolecularSystem) -> [EquilibriumFinding] {
    let wanted = system.description.temperature
    let temperatures: [(ConfigurationalTemperature, by: String)] =
      (bonds.map { [($0, "the forces along its \($0.motions) bonds")] } ?? [])
      + (angles.map { [($0, "the torques on its \($0.motions) angles")] } ?? [])
      + (torsions.map { [($0, "the torques about its \($0.motions) bonds that turn")] } ?? [])
      + [(all, "the forces on all its bonds, angles and torsions")]
    for (temperature, what) in temperatures
    where temperature.verdict(wanted: wanted) == .contradicts {
      return [.contradiction(temperature.problem(wanted: wanted, by: what))]
    }
    var findings: [EquilibriumFinding] = []
    if rigidBonds > 0 {
      findings.append(
        .doubt(
          "the lengths of \(rigidBonds) bonds never change, as if constrained (SHAKE); the energy "
            + "lets them vibrate"))
    }
    if let (temperature, what) = temperatures.first(where: {
      $0.0.verdict(wanted: wanted) == .differs
    }) {
      findings.append(.doubt(temperature.problem(wanted: wanted, by: what)))
    }
    if let strange = strangest.first(where: { abs($0.deviation) > 6 }) {
      findings.append(.doubt(strange.problem(of: system)))
    } else if spread.surprise > 5 {
      findings.append(.doubt(spread.problem))
    }
    return findings
  }
}

extension MeanForce {
  /// What is strange about the force, in words.
  fileprivate func problem(of system: MolecularSystem) -> String {
    let names = motion.atoms.map { system.topology.atomNames[$0] }.joined(separator: "–")
    let numbers = motion.atoms.map { "\($0 + 1)" }.joined(separator: ", ")
    let (what, unit, decimals) =
      switch motion.kind {
      case .bond: ("force that stretches bond", "kJ/mol/nm", 0)
      case .angle: ("torque that widens angle", "kJ/mol/rad", 2)
      case .torsion: ("torque about torsion", "kJ/mol/rad", 2)
      }
    return "the mean \(what) \(names) (atoms \(numbers)) is \(mean.fixed(decimals)) \(unit), where "
      + "\(expected.fixed(decimals)) ± \(error.fixed(decimals)) is right for samples of this "
      + "energy; was it simulated with this force field and solvent?"
  }
}

extension MeanForceSpread {
  /// What is strange about the forces, in words.
  fileprivate var problem: String {
    "the mean forces on its \(motions) bonds, angles and torsions are \(deviation.fixed(2)) "
      + "standard errors from those of samples of this energy (root mean square), where 1 ± "
      + "\(error.fixed(2)) is right; was it simulated with this force field and solvent?"
  }
}
