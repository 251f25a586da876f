/// The constants that were chosen by measurement, each with the benchmark that chooses it again.
///
/// Where no figure stands there, none was kept: change the constant and run its benchmark before
/// and after, in turn.
/// Which of them decide more than speed is said there: the order of a sum, or who multiplies, and
/// with that the last digits.
enum Tuning {
  /// Rows that a unit multiplies at a time, a multiple of every unit's own number of rows, so that
  /// a block of the left factor and of the product stay in the cache while the elementwise work on
  /// them is done.
  ///
  /// Benchmark: `benchmarks flow/train/AL3/batch512` and `flow/train/AL3-paper/batch64`.
  static let productRows = 96

  /// Elements of the right factor up to which a product that packs nothing is taken in place of
  /// BLAS.
  ///
  /// It decides who multiplies, and with that the last digits.
  ///
  /// Benchmark: `benchmarks flow/train/AL3/batch512/fp32` and `flow/sample/AL3/batch1000`, whose
  /// heads and attention have such products.
  static let smallProduct = 1 << 14

  /// Tokens from which attention is rounded with the layers; shorter sequences stay in single
  /// precision.
  ///
  /// It decides what is rounded, and with that the digits.
  ///
  /// At 49 tokens (`benchmarks flow/train/image28/batch256/bf16`) the rounding costs what it saves;
  /// at 1,024 (`flow/train/image64/batch2/bf16`) it raised 2.97 to 3.33 samples/s.
  static let roundedAttentionTokens = 64

  /// Queries of a sequence and head whose attention is taken together, so that their probabilities
  /// stay in the cache: whole tiles of the units.
  ///
  /// It fixes the order in which the gradients of keys and values are summed.
  ///
  /// Benchmark: `benchmarks flow/train/AL3` (31 tokens), `flow/train/image28` (49) and
  /// `flow/train/image64` (1,024).
  static func attentionQueries(tokens: Int, rounding: Bool) -> Int {
    if rounding { return 64 }
    // A few tokens more than 48 are no block of their own.
    return tokens <= 60 ? 60 : 48
  }

  /// Elements of the weights that a worker updates at a time: few enough to balance, many enough
  /// that handing them over does not matter.
  ///
  /// Benchmark: `benchmarks flow/train/AL3-paper/batch64`, which has 28.5 million.
  static let updatedElements = 1 << 15

  /// The longest time that a thread waits awake for work before it sleeps.
  ///
  /// Benchmark: `benchmarks flow/train/AL3/batch512`, whose steps fork most often.
  static let patience = Duration.microseconds(100)
}
