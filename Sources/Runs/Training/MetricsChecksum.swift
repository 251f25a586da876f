import Foundation
import Logging
import TensorFiles

extension RunFolder {
  /// The name of the checkpoints' metadata that the checksum of `metrics.csv` is in.
  static let metricsNote = "metrics_crc32"

  /// The checksum of the whole rows of `metrics.csv` up to a step, without the columns of wall-clock
  /// time, so that a training that was resumed has that of an uninterrupted one; nil where there is
  /// no such file.
  func metricsChecksum(upTo step: Int) -> String? {
    guard let data = try? readBytes(path: metrics) else { return nil }
    // What no line feed ends is no row yet.
    let lines = data.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast().map {
      String(decoding: $0, as: UTF8.self).split(separator: ",", omittingEmptySubsequences: false)
    }
    guard let names = lines.first else { return "\(Checksum())" }
    let kept = names.indices.filter { !["samples_per_second", "seconds"].contains(names[$0]) }
    let rows = lines.dropFirst().filter {
      $0.count == names.count && (Int($0[0]) ?? .max) <= step
    }
    var checksum = Checksum()
    for fields in [names] + rows {
      checksum.add(Array("\(kept.map { fields[$0] }.joined(separator: ","))\n".utf8))
    }
    return "\(checksum)"
  }

  /// Warns where `metrics.csv` up to the newest checkpoint is not what the training has written,
  /// times apart (`MetricsChecksumTests`).
  package func warnOfChangedMetrics(log: Logger) {
    guard let (step, path) = savedSteps().first,
      let expected = (try? Safetensors.metadata(path: path))?[Self.metricsNote],
      let found = metricsChecksum(upTo: step), found != expected
    else { return }
    log.warning(
      """
      \(metrics): is not what the training has written: its rows up to step \(step) have the \
      checksum \(found), expected \(expected); use a copy, or do not trust its curves
      """)
  }
}
