import TensorFiles

/// The variance of the prior, the published code's buffer `var` [tokens, features].
///
/// A volume-preserving flow cannot scale, so the prior does: z is drawn as noise · √var, and
/// training moves `var` towards the mean of z². It has no part in the loss.
/// - SeeAlso: Zhai et al. 2024 (TarFlow), section 2.2.
extension TarFlow {
  /// Whether training moves the variance away from 1.
  package var learnsPriorVariance: Bool { configuration.transform == .translation }

  /// The stored variance; ones where the file has none.
  /// - Throws: `FlowError.tensor` for one of another shape, or not above 0.
  package func priorVariance(
    from file: Safetensors, path: String, prefix: String = ""
  ) throws(FlowError) -> [Float] {
    let shape = [configuration.tokens, configuration.features]
    guard configuration.transform != .mixture, let tensor = file.tensors[prefix + "var"] else {
      return [Float](repeating: 1, count: dimensions)
    }
    guard tensor.shape == shape else {
      throw .tensor(
        path: path, name: prefix + "var",
        problem: "has shape \(tensor.shape), expected \(shape)")
    }
    guard tensor.values.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
      throw .tensor(
        path: path, name: prefix + "var", problem: "holds values that are no variances")
    }
    return tensor.values
  }

  /// Stores a variance beside the weights, for a flow of affine maps, as the published code has it.
  package func store(_ variance: [Float], in file: inout Safetensors, prefix: String = "") {
    guard configuration.transform != .mixture else { return }
    file.tensors[prefix + "var"] = StoredTensor(
      shape: [configuration.tokens, configuration.features], values: variance)
  }

  /// Noise [batch, tokens, features] with the prior's variance: `noise · √var`.
  package func scaled(_ noise: [Float], variance: [Float]) -> [Float] {
    precondition(
      variance.count == dimensions, "\(variance.count) variances of \(dimensions) dimensions")
    return noise.indices.map { noise[$0] * variance[$0 % dimensions].squareRoot() }
  }
}
