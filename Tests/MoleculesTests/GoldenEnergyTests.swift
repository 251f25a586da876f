import Foundation
import Kernels
import Molecules
import Testing

/// The energy against OpenMM's Reference platform, term by term, without a cut-off.
struct GoldenEnergyTests {
  /// kJ/mol, and kJ/mol/nm for forces; the larger of the two counts.
  private static let energyTolerance = (absolute: 1e-3, relative: 1e-6)
  private static let forceTolerance = (absolute: 1e-2, relative: 1e-6)
  /// Overlapping atoms reach 5e7 kJ/mol there, and a prmtop's `A` and `B` have nine digits.
  private static let overlapRelative = 1e-5

  private typealias Term = (name: String, value: @Sendable (EnergyTerms) -> Double)
  private static let terms: [Term] = [
    ("E_bond", \.bond), ("E_angle", \.angle), ("E_torsion", \.properTorsion),
    ("E_improper", \.improperTorsion), ("E_lj", \.distantLennardJones),
    ("E_lj14", \.lennardJones14), ("E_coul", \.distantCoulomb), ("E_coul14", \.coulomb14),
    ("E_gbpol", \.polarization), ("E_sa", \.surfaceArea), ("E_total", \.total),
  ]

  @Test func `the repository has cases`() {
    #expect(GoldenSystem.all.count >= 4)
  }

  @Test(arguments: GoldenSystem.all)
  func `every term and every force equals OpenMM's`(system: GoldenSystem) throws {
    let energy = try system.energy()
    let noise = try system.values("noise_sd")
    let found = energy.termsAndForces(
      coordinates: try system.values("positions"), execution: Execution(workers: 2))
    try #require(found.terms.count == noise.count)
    var report = "term,largest deviation without noise,with noise,largest relative to tolerance\n"
    for term in Self.terms {
      let expected = try system.values(term.name)
      var worst = Worst()
      for frame in noise.indices {
        var relative = Self.energyTolerance.relative
        if term.name == "E_lj14" && noise[frame] > 0 { relative = Self.overlapRelative }
        worst.add(
          term.value(found.terms[frame]), expected[frame], isNoisy: noise[frame] > 0,
          max(Self.energyTolerance.absolute, relative * abs(expected[frame])), frame)
      }
      #expect(worst.excess <= 1, "\(term.name) of frame \(worst.place): off by \(worst.deviation)")
      report += "\(term.name),\(worst.row)\n"
    }
    let expected = try system.values("forces")
    try #require(expected.count == found.forces.count)
    let coordinates = expected.count / noise.count
    var worst = Worst()
    for index in expected.indices {
      let relative = Self.forceTolerance.relative * abs(expected[index])
      worst.add(
        found.forces[index], expected[index], isNoisy: noise[index / coordinates] > 0,
        max(Self.forceTolerance.absolute, relative), index)
    }
    #expect(worst.excess <= 1, "force component \(worst.place): off by \(worst.deviation)")
    try write(report + "forces,\(worst.row)\n", system.name)
  }

  /// The largest deviations of one quantity, absolute and as a share of what is allowed.
  private struct Worst {
    var quiet = 0.0
    var noisy = 0.0
    var excess = 0.0
    var deviation = 0.0
    var place = -1

    var row: String { "\(quiet),\(noisy),\(excess)" }

    mutating func add(
      _ found: Double, _ expected: Double, isNoisy: Bool, _ allowed: Double, _ place: Int
    ) {
      let off = found.isFinite ? abs(found - expected) : .infinity
      if isNoisy { noisy = max(noisy, off) } else { quiet = max(quiet, off) }
      if off / allowed > excess {
        (excess, deviation, self.place) = (off / allowed, off, place)
      }
    }
  }

  /// Leaves the table in the folder that TARFLOW_TEST_REPORTS names, if it is set.
  private func write(_ report: String, _ name: String) throws {
    guard let folder = ProcessInfo.processInfo.environment["TARFLOW_TEST_REPORTS"] else { return }
    let file = "energies-\(name.replacing("/", with: "-")).csv"
    try report.write(
      to: URL(fileURLWithPath: folder).appending(path: file), atomically: true, encoding: .utf8)
  }
}
