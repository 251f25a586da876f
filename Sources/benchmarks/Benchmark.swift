import Foundation
import Kernels
import Reporting

/// One piece of work that can be repeated.
struct Benchmark: Sendable {
  let name: String
  /// Conformations or images of one repeat.
  let samples: Int
  /// Tokens of a sample; nil for what has none.
  var tokens: Int? = nil
  /// Floating-point operations of one repeat, counted as the field does: 6 (training) or 2
  /// (sampling) a parameter and token; nil where nobody counts.
  let operations: Double?
  /// Makes the work ready and returns one repeat of it, given the number of threads.
  let prepare: @Sendable (_ threads: Int) throws -> () throws -> Void
}

/// The times of a benchmark.
struct BenchmarkResult: Encodable {
  let name: String
  let tokens: Int?
  let threads: Int
  let kernel: String
  let secondsBest: Double
  let secondsMedian: Double
  let samplesPerSecond: Double
  let gigaflops: Double?
  let sgemmPeak: Double?
  let shareOfPeak: Double?
  /// The same of products in bfloat16, where the work is in that precision.
  let bf16Peak: Double?
  let shareOfBf16Peak: Double?
  let peakMebibytes: Double

  /// One line for people.
  var line: String {
    let padded = name.padded(to: 35)
    let share = gigaflops.map { rate in
      let share =
        shareOfBf16Peak.map { " (\(rounded(100 * $0)) % of the bf16 peak)" } ?? shareOfPeak.map {
          " (\(rounded(100 * $0)) % of the peak)"
        } ?? ""
      return "\(rounded(rate)) GFLOP/s\(share), "
    }
    return
      "\(padded) \(rounded(samplesPerSecond)) samples/s, "
      + "\(share ?? "")\(rounded(1000 * secondsMedian)) ms median, "
      + "\(rounded(1000 * secondsBest)) ms best, \(rounded(peakMebibytes)) MiB"
  }

  /// One line for programs.
  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}

/// Runs the work once for warmth and then `repeats` times; rates are those of the median time.
func measure(
  _ benchmark: Benchmark, threads: Int, repeats: Int, peaks: () -> Peaks?, kernel: String
) throws -> BenchmarkResult {
  let work = try benchmark.prepare(threads)
  try work()
  let times = try (0..<repeats).map { _ in try seconds(of: work) }.sorted()
  let median = times[times.count / 2]
  let rate = benchmark.operations.map { $0 / median / 1e9 }
  let (memory, peaks) = (peakResidentMemory(), peaks())
  let bf16Peak = benchmark.name.contains("bf16") ? peaks?.bf16 : nil
  func share(_ peak: Double?) -> Double? { rate.flatMap { rate in peak.map { rate / $0 } } }
  return BenchmarkResult(
    name: benchmark.name, tokens: benchmark.tokens, threads: threads, kernel: kernel,
    secondsBest: times[0],
    secondsMedian: median,
    samplesPerSecond: Double(benchmark.samples) / median, gigaflops: rate,
    sgemmPeak: peaks?.sgemm, shareOfPeak: share(peaks?.sgemm), bf16Peak: bf16Peak,
    shareOfBf16Peak: share(bf16Peak), peakMebibytes: memory)
}

/// The rates of matrix products that the work is measured against, GFLOP/s.
struct Peaks {
  let sgemm: Double
  /// That of bfloat16; nil where this machine has no unit for it.
  let bf16: Double?

  init(threads: Int) {
    sgemm = matrixProductPeak(threads: threads)
    bf16 = MatrixUnit.best(for: .bf16).map { matrixProductPeak(of: $0, threads: threads) }
  }

  /// Both in words.
  var text: String {
    "sgemm peak \(rounded(sgemm)) GFLOP/s" + (bf16.map { ", bf16 peak \(rounded($0))" } ?? "")
  }
}

/// The wall-clock time of some work.
func seconds(of work: () throws -> Void) rethrows -> Double {
  let start = ContinuousClock.now
  try work()
  return (ContinuousClock.now - start) / .seconds(1)
}

/// The largest resident memory of this process so far, MiB.
private func peakResidentMemory() -> Double {
  var usage = rusage()
  getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  return Double(usage.ru_maxrss) / 1024
}

/// Three significant digits.
func rounded(_ value: Double) -> String { String(format: value >= 100 ? "%.0f" : "%.3g", value) }
