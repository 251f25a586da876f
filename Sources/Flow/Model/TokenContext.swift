/// What follows from the tokens before the one that is predicted, turned into features: for a
/// molecule, where the atoms already placed are, seen from the next one's place.
///
/// It is data: gradients do not pass through it, and a decoding builds it up token by token.
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
}
