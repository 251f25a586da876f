import Flow
import Kernels

extension TarFlow {
  /// Checks that there is memory for a training; of several ranks for the share of one.
  ///
  /// - Parameters:
  ///   - samples: Training samples.
  ///   - proposals: Those that the training draws at once for itself; 0 for none.
  /// - Throws: `RunError.configuration` with what is needed and what there is.
  package func checkMemory(
    for settings: TrainingConfiguration, samples: Int, proposals: Int = 0, ranks: Ranks,
    workers: Int
  ) throws(RunError) {
    let drawn = proposals > 0
    try requireMemory(
      trainingMemory(
        batch: settings.batch, parts: settings.partCount(of: self), ranks: ranks.count,
        samples: samples, proposals: proposals, workers: workers, precision: settings.precision),
      for: drawn
        ? "\(layout.count) parameters, \(samples) samples and \(proposals) proposals"
        : "\(layout.count) parameters and \(samples) samples",
      advice: (drawn ? "set energies.drawn lower, or " : "")
        + "train a smaller flow, a smaller batch or fewer parts of it, or fewer samples")
  }
}
