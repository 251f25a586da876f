import Flow
import Kernels
import Reporting

/// Checks that there is memory for a piece of work: what the machine, the control group and the
/// limits of the process leave.
/// - Throws: `RunError.configuration` with what is needed and what there is.
package func requireMemory(
  _ bytes: Double, for work: String, advice: String
) throws(RunError) {
  let (available, limit) = memoryLimit
  guard bytes > available else { return }
  func gigabytes(_ bytes: Double) -> String { (bytes / 1e9).fixed(bytes < 1e10 ? 1 : 0) }
  throw .configuration(
    source: work,
    problem: "need about \(gigabytes(bytes)) GB of memory, \(limit.rawValue) has "
      + "\(gigabytes(available)); \(advice)")
}

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
