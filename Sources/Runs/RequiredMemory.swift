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
