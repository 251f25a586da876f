import Kernels

/// The sizes that were chosen by measurement, each with the benchmark that chooses it again.
///
/// `docs/benchmarks/README.md` has the rows as they were measured with these values, and no table
/// that compares values: to choose again, change one and run its benchmark before and after, in
/// turn. How a batch is cut follows from these and the shapes alone, never from the number of
/// workers, so that the number of workers cannot change a result.
enum Tuning {
  /// Tokens of a chunk: so many that the matrices fill the registers, so few that they stay in the
  /// cache.
  ///
  /// Benchmark: `benchmarks flow/train/AL3/batch512`; for fixed-point decoding
  /// `benchmarks flow/decode/ --weights FILE`.
  static let chunkTokens = 768

  /// The most bytes that the layers of a chunk keep for the gradient; deeper flows take smaller
  /// chunks.
  ///
  /// With it, training took 168, 269 and 474 MiB with 2, 4 and 8 layers of width 256
  /// (`benchmarks scaling/layers`), and 1,096 MiB with 36 (`benchmarks flow/train/AL3-paper`).
  static let keptBytes = 200_000_000

  /// Samples that are decoded together, token by token.
  ///
  /// Benchmark: `benchmarks flow/sample`.
  static let decodedSamples = 96

  /// The number of which the chunks of a decoded batch are a multiple, so that few workers share
  /// them evenly.
  static let decodedChunks = 4

  /// The widest layers that a unit in single precision multiplies in training.
  ///
  /// BLAS is as fast on wider ones and needs no panels. It decides who multiplies, and with that
  /// the last digits.
  ///
  /// Benchmark: `benchmarks flow/train/image28/batch256/fp32` (width 128) and
  /// `benchmarks flow/train/AL3-paper/batch64/fp32` (width 256).
  static let panelWidth = 192

  /// Tokens from which a part of a batch is worth a gradient of its own.
  ///
  /// Benchmark: `benchmarks flow/train/image64/batch2` and `benchmarks scaling/samples`.
  static let partTokens = 700

  /// The most numbers that the gradients of all parts of a batch take together.
  ///
  /// With it, 28.5 million parameters took the same 1,096 MiB with batches of 64 and of 512
  /// (`benchmarks flow/train/AL3-paper`).
  static let partNumbers = 1 << 26

  /// The numbers of parts to choose from: powers of two, which most numbers of workers share
  /// evenly.
  ///
  /// The parts fix the order in which a gradient is summed.
  static let partCounts = [2, 4, 8, 16]
}
