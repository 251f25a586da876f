import TensorFiles

/// Reads weights under the names of the published code.
///
/// The causal masks, `attn_mask`, are buffers that every flow has anyway; they are left out whatever
/// their type is. A prefix that all names share, as PyTorch's wrappers `module.` and `_orig_mod.`
/// leave it, is taken off. (`ImageWeightsTests`)
/// - Parameter onNote: Is told of a prefix that was taken off.
/// - Throws: `SafetensorsError`, or `ImageError` for weights of which the prefix is not clear.
package func readImageWeights(_ path: String, onNote: (String) -> Void) throws -> Safetensors {
  var file = try Safetensors(path: path) { $0.hasSuffix("attn_mask") }
  let landmark = "blocks.0.proj_in.weight"
  let prefixes = file.tensors.keys.filter { $0.hasSuffix(landmark) }.sorted()
    .map { $0.dropLast(landmark.count) }
  guard let prefix = prefixes.first, !prefix.isEmpty else { return file }
  guard prefixes.count == 1 else {
    let names = prefixes.map { "'\($0)'" }.joined(separator: ", ")
    throw ImageError.content(
      path: path,
      problem: "holds several sets of weights, whose names begin with \(names); keep one of them")
  }
  if let other = file.tensors.keys.sorted().first(where: { !$0.hasPrefix(prefix) }) {
    throw ImageError.content(
      path: path,
      problem: "names its weights '\(prefix)blocks…' and holds '\(other)' beside them; keep the "
        + "weights alone, without '\(prefix)'")
  }
  file.tensors = Dictionary(
    uniqueKeysWithValues: file.tensors.map { (String($0.dropFirst(prefix.count)), $1) })
  onNote("\(path): the names of its weights begin with '\(prefix)', which is taken off")
  return file
}
