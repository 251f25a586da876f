import TensorFiles

/// Weights under their names: those of the published code's state dict where it has the tensor.
extension TarFlow {
  /// The flat weights from named tensors.
  ///
  /// The published code's buffers are no weights and are left alone: `var`, the prior's variance
  /// (`priorVariance` reads it), and `attn_mask`; so are names with a prefix in `ignoring`.
  /// - Throws: `FlowError.tensor` for a tensor that is missing, of another shape, unknown or not
  ///   finite.
  package func weights(
    from file: Safetensors, path: String, prefix: String = "", ignoring: [String] = []
  ) throws(FlowError) -> [Float] {
    var weights: [Float] = []
    for parameter in layout.parameters {
      guard let tensor = file.tensors[prefix + parameter.name] else {
        throw .tensor(
          path: path, name: prefix + parameter.name,
          problem: "is missing; the model has shape \(parameter.shape)")
      }
      guard tensor.shape == parameter.shape else {
        throw .tensor(
          path: path, name: prefix + parameter.name,
          problem: "has shape \(tensor.shape), expected \(parameter.shape)")
      }
      guard tensor.values.allSatisfy(\.isFinite) else {
        throw .tensor(
          path: path, name: prefix + parameter.name, problem: "holds values that are not finite")
      }
      weights.append(contentsOf: tensor.values)
    }
    let known = Set(layout.parameters.map { prefix + $0.name }).union([prefix + "var"])
    for name in file.tensors.keys.sorted() where name.hasPrefix(prefix) && !known.contains(name) {
      if name.hasSuffix(".attn_mask") { continue }
      if ignoring.contains(where: { $0 != prefix && name.hasPrefix($0) }) { continue }
      throw .tensor(
        path: path, name: name,
        problem: prefix.isEmpty && name.hasPrefix("adam.")
          ? "is of a training's checkpoint, not of a model; name best.safetensors beside it"
          : "is unknown to this model; another configuration wrote the file")
    }
    return weights
  }

  /// Named tensors from flat weights.
  package func tensors(_ weights: [Float], prefix: String = "") -> [String: StoredTensor] {
    precondition(
      weights.count == layout.count, "\(weights.count) weights for \(layout.count) parameters")
    var tensors: [String: StoredTensor] = [:]
    for parameter in layout.parameters {
      tensors[prefix + parameter.name] = StoredTensor(
        shape: parameter.shape,
        values: Array(weights[parameter.offset..<parameter.offset + parameter.count]))
    }
    return tensors
  }
}
