import Kernels
import Logging

/// What multiplies the matrices of a run; on another its last digits can differ.
struct Arithmetic: Codable, Equatable {
  /// The kernel of OpenBLAS, such as "Haswell".
  let kernel: String
  /// The unit that multiplies the large matrices, such as "AVX-512 BF16"; nil where BLAS does it.
  let unit: String?

  /// What this machine has for a precision.
  init(kernel: String, precision: Precision) {
    self.kernel = kernel
    unit = MatrixUnit.best(for: precision)?.rawValue
  }

  /// For people.
  func description(precision: Precision) -> String {
    "BLAS kernel \(kernel), products in \(precision.rawValue) (\(unit ?? "BLAS"))"
  }

  /// Says that a run goes on with something else than it began with.
  func warn(now: Arithmetic, log: Logger) {
    if kernel != now.kernel {
      log.warning(
        """
        the run began with the BLAS kernel \(kernel), this is \(now.kernel): last digits can differ; set \
        OPENBLAS_CORETYPE=\(kernel) to go on exactly
        """)
    }
    if unit != now.unit {
      log.warning(
        """
        the run began with products by \(unit ?? "BLAS"), these are by \(now.unit ?? "BLAS"): last digits can differ; go on \
        where it began to repeat them
        """)
    }
  }
}
