/// What follows from the tokens before the one that is predicted, turned into features: for a
/// molecule, where the atoms already placed are, seen from the next one's place.
///
/// A training takes it for data, through which no gradient passes; the gradient of the density with
/// respect to the tokens goes through it. A decoding builds it up token by token.
package protocol TokenContext: Sendable {
  /// The entries of every row and their features.
  var shape: ContextShape { get }

  /// The numbers that the state of a sample takes.
  var stateSize: Int { get }

  /// Takes a token, after all tokens before it.
  ///
  /// - Parameters:
  ///   - token: Its features, [D].
  ///   - state: What is known of the sample; undefined before the first token.
  func take(
    _ token: UnsafePointer<Float>, at index: Int, state: UnsafeMutablePointer<Double>)

  /// Writes the features of the entries that a row sees, [entries, F].
  ///
  /// - Parameter state: As the last token before the row has left it; undefined for row 0.
  func write(
    row: Int, state: UnsafePointer<Double>, into features: UnsafeMutablePointer<Float>)

  /// The reverse of `take` and `write` for all rows of a sample: adds to the gradient of its tokens
  /// what they do through the features.
  ///
  /// - Parameters:
  ///   - dFeatures: The gradient of the features of all rows, [Σ entries, F].
  ///   - features: As `write` has left them, [Σ entries, F].
  ///   - tokens: [tokens, D].
  ///   - dTokens: [tokens, D], added to.
  func addGradient(
    _ dFeatures: UnsafePointer<Float>, features: UnsafePointer<Float>,
    tokens: UnsafePointer<Float>, to dTokens: UnsafeMutablePointer<Float>)
}
