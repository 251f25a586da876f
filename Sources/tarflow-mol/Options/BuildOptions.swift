import ArgumentParser
import Boltzmann
import Molecules
import Runs

/// What a system is built of, besides its sequence.
struct BuildOptions: ParsableArguments {
  @Option(help: "The force field, ff14SB by default.")
  var forceField: AmberForceField?

  @Option(help: "The implicit solvent, obc1 by default.")
  var solvent: ImplicitSolvent.Model?

  @Option(
    help: """
      The Born radii, by default those of the solvent's model (mbondi2 for OBC, mbondi3 for gbn2); \
      amber99-obc with ff99SB-ILDN are OpenMM's.
      """)
  var radii: RadiusSet?

  @Option(help: "Salt of monovalent ions in mol/l, none by default.")
  var salt: Double?

  @Option(
    help: ArgumentHelp(
      "Two cysteines that a disulfide joins, such as 1-4; amino acids count from 1.",
      valueName: "i-j"))
  var disulfide: [String] = []

  @Option(
    help: ArgumentHelp("A proline with a cis bond before it, such as 3.", valueName: "i"))
  var cis: [Int] = []

  func validate() throws {
    try check("--salt", salt, .between(0, 100))
    if let salt, salt > 0, solvent == ImplicitSolvent.Model.none {
      throw ValidationError("--salt needs a solvent, but --solvent is none; leave one of them out")
    }
    for pair in disulfide where numbers(pair) == nil {
      throw ValidationError("--disulfide is '\(pair)', expected two numbers, such as 1-4")
    }
  }

  /// Whether any was given.
  var isGiven: Bool {
    forceField != nil || solvent != nil || radii != nil || salt != nil || !disulfide.isEmpty
      || !cis.isEmpty
  }

  /// The settings for a sequence.
  /// - Throws: `SequenceError`.
  func settings(_ sequence: PeptideSequence) throws -> BuildSettings {
    var sequence = sequence
    for pair in disulfide.compactMap(numbers) { try sequence.addDisulfide(pair) }
    for number in cis { try sequence.makeCis(number) }
    try sequence.closeDisulfides()
    var settings = BuildSettings(sequence: sequence)
    if let forceField { settings.forceField = forceField }
    if let solvent { settings.solvent = solvent }
    settings.radii = radii
    if let salt { settings.saltConcentration = salt }
    return settings
  }

  private func numbers(_ pair: String) -> SIMD2<Int>? {
    let parts = pair.split(separator: "-").map { Int($0) }
    guard parts.count == 2, let i = parts[0], let j = parts[1] else { return nil }
    return SIMD2(i, j)
  }
}

extension AmberForceField: ExpressibleByArgument {}
extension ImplicitSolvent.Model: ExpressibleByArgument {}
extension RadiusSet: ExpressibleByArgument {}
