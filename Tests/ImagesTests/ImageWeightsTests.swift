import Flow
import Foundation
import Images
import TensorFiles
import TestSupport
import Testing

@Suite struct ImageWeightsTests {
  private func file(prefix: String = "") throws -> Safetensors {
    let configuration = ImageModelConfiguration(
      imageSize: 4, channels: 1, classes: 2,
      network: ImageNetwork(patch: 2, width: 8, blocks: 2, layers: 1, headWidth: 4))
    let flow = try TarFlow(try configuration.flow())
    var file = Safetensors()
    file.tensors = flow.tensors(flow.layout.initialValues(seed: 1), prefix: prefix)
    file.tensors[prefix + "var"] = StoredTensor(
      shape: [4, 4], values: [Float](repeating: 2, count: 16))
    return file
  }

  private let hints = ImageModelConfiguration.Hints(channels: 1, headWidth: 4)

  @Test(arguments: ["module.", "_orig_mod.", "ema.", "model._orig_mod.module."])
  func `a prefix that all names share is taken off with a note`(prefix: String) throws {
    try withTemporaryFolder { folder in
      let path = folder + "/w"
      try file().write(path: path)
      var notes: [String] = []
      let plain = try ImageModel(path: path, hints: hints) { notes.append($0) }
      #expect(notes.isEmpty)
      try file(prefix: prefix).write(path: path)
      let model = try ImageModel(path: path, hints: hints) { notes.append($0) }
      #expect(model.weights == plain.weights && model.priorVariance == plain.priorVariance)
      #expect(model.configuration == plain.configuration)
      #expect(
        notes == [
          "\(path): the names of its weights begin with '\(prefix)', which is taken off"
        ])
    }
  }

  @Test func `several sets of weights and strangers beside them are refused by name`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/w"
      func problem(_ file: Safetensors) throws -> String {
        try file.write(path: path)
        do {
          _ = try ImageModel(path: path, hints: hints)
          return "nothing was thrown"
        } catch { return "\(error)" }
      }
      var both = try file(prefix: "module.")
      both.tensors.merge(try file(prefix: "ema.").tensors) { $1 }
      #expect(
        try problem(both)
          == "\(path): holds several sets of weights, whose names begin with 'ema.', 'module.'; "
          + "keep one of them")
      var averaged = try file(prefix: "module.")
      averaged.tensors["n_averaged"] = StoredTensor(shape: [1], values: [3])
      #expect(
        try problem(averaged)
          == "\(path): names its weights 'module.blocks…' and holds 'n_averaged' beside them; keep "
          + "the weights alone, without 'module.'")
    }
  }

  /// What PyTorch's `tril(ones(n, n)).bool()` becomes.
  @Test func `causal masks may have any type`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/w"
      try file().write(path: path)
      let plain = try ImageModel(path: path, hints: hints)
      for type in ["BOOL", "U8", "F8_E4M3"] {
        try addMask(type, to: path)
        #expect(try ImageModel(path: path, hints: hints).weights == plain.weights)
        #expect(throws: SafetensorsError.self) { _ = try Safetensors(path: path) }
        try file().write(path: path)
      }
    }
  }

  /// Adds a mask of four tokens, one byte an element.
  private func addMask(_ type: String, to path: String) throws {
    let url = URL(fileURLWithPath: path)
    let data = try Data(contentsOf: url)
    let length = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    let elements = data.dropFirst(8 + length)
    let mask =
      ",\"blocks.0.attn_blocks.0.attention.attn_mask\":{\"dtype\":\"\(type)\",\"shape\":[4,4],"
      + "\"data_offsets\":[\(elements.count),\(elements.count + 16)]}}"
    var text = String(decoding: data.dropFirst(8).prefix(length), as: UTF8.self)
    text = text.trimmingCharacters(in: .whitespaces)
    let json = Data((text.dropLast() + mask).utf8)
    let start = withUnsafeBytes(of: UInt64(json.count).littleEndian) { Data($0) }
    try (start + json + elements + Data(repeating: 1, count: 16)).write(to: url)
  }

  @Test func `tensors that are not finite or not scaled are named`() throws {
    #expect(
      throws: ImageError.content(
        path: "in", problem: "tensor 'x' is nan at [1, 0, 2], expected finite numbers")
    ) {
      try checkFinite(
        [0, 0, 0, 1, 1, .nan], shape: [2, 1, 3], name: "x", path: "in")
    }
    try checkFinite([1, -2], shape: [2], name: "x", path: "in")
    for pixels: [Float] in [[0, 255], [0, 3], [-128, 127]] {
      #expect(
        throws: ImageError.content(
          path: "in",
          problem: "tensor 'x' goes from \(pixels[0]) to \(pixels[1]), expected pixels from -1 to "
            + "1; scale bytes v by 2 v/255 - 1")
      ) { try checkScale(pixels, name: "x", path: "in") }
    }
    for pixels: [Float] in [[-1, 1], [0, 1], [-5, 5], [0, 0], []] {
      try checkScale(pixels, name: "x", path: "in")
    }
  }
}
