import Kernels

/// Guided decoding: the predicted parameters are pushed away from those of a second, unconditional
/// pass.
///
/// `a ← a + g (a − aᵤ)`, and b likewise; the second pass has the mean class embedding and its own
/// key–value cache, and its attention logits are divided by the temperature (in a flow without
/// classes that is the whole difference).
/// - SeeAlso: Zhai et al. 2024 (TarFlow), section 3.4.
package struct Guidance: Equatable, Sendable {
  /// Which of the two affine parameters are changed.
  package enum Target: String, CaseIterable, Sendable {
    case logScale = "a"
    case shift = "b"
    case both = "ab"
  }

  /// The guidance weight g; 0 is plain decoding.
  package var weight: Double
  package var target: Target
  /// Divides the attention logits of the unconditional pass alone.
  package var attentionTemperature: Double
  /// Whether the weight grows linearly over the sequence, from 0 at the first token to g at the
  /// last.
  package var isAnnealed: Bool

  package init(
    weight: Double, target: Target = .both, attentionTemperature: Double = 1,
    isAnnealed: Bool = false
  ) {
    self.weight = weight
    self.target = target
    self.attentionTemperature = attentionTemperature
    self.isAnnealed = isAnnealed
  }

  /// The weight at a position of a block's sequence of `tokens`.
  func weight(at position: Int, of tokens: Int) -> Float {
    Float(isAnnealed ? weight * Double(position) / Double(max(1, tokens - 1)) : weight)
  }

  /// Changes the parameters of one token of every sample, transformParameters and unconditional
  /// [batch, D · P].
  func apply(
    to transformParameters: Matrix, unconditional: Matrix, index: AffineIndex, features: Int,
    weight: Float
  ) {
    for row in 0..<transformParameters.rows {
      func push(_ place: Int) {
        transformParameters[row][place] +=
          weight * (transformParameters[row][place] - unconditional[row][place])
      }
      for d in 0..<features {
        if index.hasScale, target != .shift { push(d * index.featureStride) }
        if target != .logScale { push(d * index.featureStride + index.shiftOffset) }
      }
    }
  }
}
