/// Physical constants in the units used everywhere inside: nm, ps, u, kJ/mol, e, K, rad.
///
/// The fundamental ones are CODATA 2018, in SI; the others are derived from them here.
package enum Constants {
  /// Avogadro's constant `N_A`, mol⁻¹ (exact).
  package static let avogadro = 6.02214076e23
  /// Boltzmann's constant `k_B`, J/K (exact).
  package static let boltzmann = 1.380649e-23
  /// The elementary charge `e`, C (exact).
  package static let elementaryCharge = 1.602176634e-19
  /// The permittivity of the vacuum `ε₀`, F/m.
  package static let vacuumPermittivity = 8.8541878128e-12

  /// The gas constant `R = k_B N_A`, kJ mol⁻¹ K⁻¹: 0.00831446261815324.
  package static let gas = boltzmann * avogadro * 1e-3
  /// Coulomb's constant `k_e = e² N_A / (4π ε₀)`, kJ nm mol⁻¹ e⁻²: 138.93545764438….
  package static let coulomb =
    elementaryCharge * elementaryCharge * avogadro / (4 * Double.pi * vacuumPermittivity) * 1e6
}

/// What one unit of an AMBER file is in internal units: multiply on reading, divide on writing.
package enum AmberUnits {
  /// 1 Å in nm.
  package static let length = 0.1
  /// 1 kcal/mol in kJ/mol.
  package static let energy = 4.184
  /// 1 kcal mol⁻¹ Å⁻¹ in kJ mol⁻¹ nm⁻¹.
  package static let force = energy / length
  /// The number by which a prmtop multiplies charges in e, √(kcal Å/mol)/e.
  package static let chargeFactor = 18.2223
}
