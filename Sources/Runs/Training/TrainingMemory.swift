import Flow
import Kernels

extension TarFlow {
  /// Checks that there is memory for a training; of several ranks for the share of one.
  ///
  /// - Parameter samples: Training samples.
  /// - Throws: `RunError.configuration` with what is needed and what there is.
  package func checkMemory(
    for settings: TrainingConfiguration, samples: Int, ranks: Ranks, workers: Int
  ) throws(RunError) {
    try requireMemory(
      trainingMemory(
        batch: settings.batch, parts: settings.partCount(of: self), ranks: ranks.count,
        samples: samples, workers: workers, precision: settings.precision),
      for: "\(layout.count) parameters and \(samples) samples",
      advice: "train a smaller flow, a smaller batch or fewer parts of it, or fewer samples")
  }
}
