import ArgumentParser
import Boltzmann

/// How proposals are carried on to the target.
struct AnnealingOptions: ParsableArguments {
  @Flag(
    help: """
      Carry the proposals on to the Boltzmann distribution by sequential Monte Carlo: tempered \
      densities from the flow's to the target's, resampling, and moves at each of them. Down to an \
      effective sample size of 1 % it does not pay: the same time is better spent on more proposals.
      """)
  var smc = false

  @Option(
    help: """
      How a particle moves: hmc (the default), mala, or ula, which has no Metropolis test and is \
      exact for small steps alone.
      """)
  var kernel: AnnealingSettings.Kernel?

  @Option(
    help: """
      The gradient that leads hmc and mala: target (the default), the forces alone, or path, with \
      the flow's, which costs more. Both are exact.
      """)
  var gradient: AnnealingSettings.Guide?

  @Option(help: "Moves of every particle at each density, 2 by default.")
  var moves: Int?

  @Option(help: "Leapfrog steps of a move of hmc, 5 by default.")
  var leapfrog: Int?

  @Option(
    help: ArgumentHelp(
      "The share of the effective samples that one step of the path keeps, 0.7 by default.",
      valueName: "share"))
  var keep: Double?

  @Option(
    help: ArgumentHelp(
      """
      The settings of Sequential Boltzmann Generators in place of all these: 100 equal steps of \
      ula with this ε, such as 1e-5.
      """, valueName: "ε"))
  var sbg: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("With --sbg: drop proposals above this energy.", valueName: "kT"))
  var energyCutoff: Double?

  @Flag(help: "With --sbg: leave out the last step, as the published program does.")
  var sbgStopsShort = false

  private var hasOwn: Bool {
    kernel != nil || gradient != nil || moves != nil || leapfrog != nil || keep != nil
  }

  func validate() throws {
    if !smc, hasOwn || sbg != nil || energyCutoff != nil || sbgStopsShort {
      throw ValidationError(
        "--kernel, --gradient, --moves, --leapfrog, --keep, --sbg, --energy-cutoff and "
          + "--sbg-stops-short belong to --smc")
    }
    if sbg == nil, energyCutoff != nil || sbgStopsShort {
      throw ValidationError("--energy-cutoff and --sbg-stops-short belong to --sbg")
    }
    if sbg != nil, hasOwn {
      throw ValidationError(
        "--sbg has settings of its own; leave out --kernel, --gradient, --moves, --leapfrog and "
          + "--keep")
    }
    try check("--sbg", sbg, .aboveUpTo(0, 1))
    try check("--energy-cutoff", energyCutoff, .between(-1e9, 1e9))
    if kernel == .ula, gradient == .target {
      throw ValidationError("--kernel ula has no test: it needs --gradient path")
    }
    if leapfrog != nil, let kernel, kernel != .hmc {
      throw ValidationError("--leapfrog belongs to --kernel hmc; \(kernel.rawValue) takes one step")
    }
  }

  /// The settings on the command line over the defaults.
  var settings: AnnealingSettings {
    if let sbg {
      return .sequentialBoltzmann(
        diffusion: sbg, energyCutoff: energyCutoff, stopsShort: sbgStopsShort)
    }
    var settings = AnnealingSettings()
    if let kernel { settings.kernel = kernel }
    if kernel == .ula { settings.use(unadjustedStep: settings.stepSize) }
    if let gradient { settings.guide = gradient }
    if let moves { settings.moves = moves }
    if let leapfrog { settings.leapfrogSteps = leapfrog }
    if let keep { settings.keptShare = keep }
    return settings
  }
}

extension AnnealingSettings.Kernel: ExpressibleByArgument {}
extension AnnealingSettings.Guide: ExpressibleByArgument {}
