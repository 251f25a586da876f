import Kernels
import Logging

/// What multiplies the matrices of a run; on another its last digits can differ.
package struct Arithmetic: Codable, Equatable, Sendable {
  /// The kernel of OpenBLAS, such as "Haswell".
  package let kernel: String
  /// The unit that multiplies the large matrices, such as "AVX-512 BF16"; nil where BLAS does it.
  package let unit: String?

  /// What this machine has for a precision.
  package init(kernel: String, precision: Precision) {
    self.kernel = kernel
    unit = MatrixUnit.best(for: precision)?.rawValue
  }

  /// For people.
  package func description(precision: Precision) -> String {
    "BLAS kernel \(kernel), products in \(precision.rawValue) (\(unit ?? "BLAS"))"
  }

  /// Warns when a run goes on with something else than it began with.
  package func warnIfChanged(now: Arithmetic, log: Logger) {
    if kernel != now.kernel {
      log.warning(
        """
        the run began with the BLAS kernel \(kernel), this is \(now.kernel): last digits can \
        differ; set OPENBLAS_CORETYPE=\(kernel) to go on exactly
        """)
    }
    if unit != now.unit {
      log.warning(
        """
        the run began with products by \(unit ?? "BLAS"), these are by \(now.unit ?? "BLAS"): \
        last digits can differ; go on where it began to repeat them
        """)
    }
  }
}
