/// Where work is done: how many threads share it, and what multiplies the large matrices.
///
/// Results do not depend on `workers`; with another `unit` their last digits may differ.
package struct Execution: Sendable {
  /// Worker threads, at least 1.
  package var workers: Int
  /// What multiplies by the weights of a network; nil for BLAS.
  package var unit: MatrixUnit?

  /// - Precondition: `workers` is at least 1.
  package init(workers: Int = availableProcessors, unit: MatrixUnit? = .best(for: .fp32)) {
    precondition(workers >= 1, "\(workers) workers, expected at least 1")
    self.workers = workers
    self.unit = unit
  }

  /// One thread, with the unit that multiplies in single precision.
  package static var serial: Execution { Execution(workers: 1) }
}
