import Foundation

/// The temperature at which conformations have the Boltzmann distribution of an energy, measured
/// by one kind of motion, or by all.
package struct ConfigurationalTemperature: Equatable, Sendable {
  /// K.
  package let kelvin: Double
  /// The standard error of `kelvin`, K: from the spread over blocks of frames.
  package let error: Double
  /// How many bonds, angles or torsions were measured.
  package let motions: Int
}

/// The mean of `∂U/∂q` of a motion, kJ/mol over nm or rad, and what it has to be.
package struct MeanForce: Equatable, Sendable {
  package let motion: InternalMotion
  /// `⟨∂U/∂q⟩`.
  package let mean: Double
  /// What that has to be, `kT ⟨c⟩`.
  package let expected: Double
  /// The standard error of their difference, and the bias that is allowed, in quadrature.
  package let error: Double

  /// The difference in standard errors.
  package var deviation: Double { (mean - expected) / error }
}

/// All mean forces together.
package struct MeanForceSpread: Equatable, Sendable {
  /// The root mean square of the forces' deviations; 1 is right.
  package let deviation: Double
  /// The standard error of `deviation` where nothing is wrong.
  package let error: Double
  /// How unlikely so large a deviation is, in standard deviations of a normal distribution.
  package let surprise: Double
  package let motions: Int
}
