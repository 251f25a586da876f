import Flow
import Foundation
import TensorFiles

/// The shape of a flow of images: what the images give, and the network.
package struct ImageModelConfiguration: Equatable, Sendable {
  /// Height and width, pixels.
  package var imageSize: Int
  package var channels: Int
  /// 0 for an unconditional flow.
  package var classes: Int
  package var network: ImageNetwork

  package init(imageSize: Int, channels: Int, classes: Int = 0, network: ImageNetwork) {
    self.imageSize = imageSize
    self.channels = channels
    self.classes = classes
    self.network = network
  }

  package var shape: ImageShape { ImageShape(channels: channels, size: imageSize) }

  /// The flow over tokens.
  /// - Throws: `FlowError.configuration`.
  package func flow() throws(FlowError) -> FlowConfiguration {
    func require(_ holds: Bool, _ what: String) throws(FlowError) {
      if !holds { throw .configuration(what) }
    }
    try require(
      (1...8_192).contains(imageSize), "image size is \(imageSize), expected 1 to 8192")
    try require(channels == 1 || channels == 3, "channels is \(channels), expected 1 or 3")
    let patch = network.patch
    try require(
      patch >= 1 && imageSize % patch == 0,
      "patch is \(patch), expected a divisor of the image size, \(imageSize)")
    let side = imageSize / patch
    let flow = network.flow(
      tokens: side * side, features: channels * patch * patch, classes: classes)
    try flow.validate()
    return flow
  }

  /// As the metadata `config` of a weights file, which `init(of:path:hints:)` reads back.
  package var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    guard let data = try? encoder.encode(self) else {
      preconditionFailure("a configuration of numbers that is no JSON")
    }
    return String(decoding: data, as: UTF8.self)
  }
}

extension ImageModelConfiguration {
  /// What the caller knows of weights that do not say it themselves.
  package struct Hints: Equatable, Sendable {
    package var channels: Int?
    package var headWidth: Int?

    package init(channels: Int? = nil, headWidth: Int? = nil) {
      self.channels = channels
      self.headWidth = headWidth
    }
  }

  /// The configuration of a weights file: its metadata `config`, or else what the tensors' shapes
  /// say.
  ///
  /// Shapes say all but two things: how a patch's features divide into channels (3 where they can,
  /// unless hinted), and the width of an attention head (64 unless hinted). Images are square.
  /// For weights with metadata the shapes alone say the same (`ImageModelTests`).
  /// - Throws: `ImageError.content`, also for hints that contradict the metadata, or `.channels` when
  ///   other channels may help.
  package init(of file: Safetensors, path: String, hints: Hints) throws(ImageError) {
    if let text = file.metadata["config"] {
      do {
        self = try decodeJSON(Self.self, from: text.utf8)
      } catch {
        throw .content(path: path, problem: "its metadata 'config' is no image configuration")
      }
      for (name, hint, found) in [
        ("channels", hints.channels, channels), ("head_width", hints.headWidth, network.headWidth),
      ] {
        guard let hint, hint != found else { continue }
        throw .content(
          path: path,
          problem: "its metadata 'config' says that \(name) is \(found), not \(hint); leave that "
            + "out")
      }
    } else {
      try self.init(shapesOf: file, path: path, hints: hints)
    }
  }

  private init(shapesOf file: Safetensors, path: String, hints: Hints) throws(ImageError) {
    func shape(_ name: String) throws(ImageError) -> [Int] {
      guard let tensor = file.tensors["blocks.0.\(name)"], tensor.shape.count >= 2 else {
        throw .content(
          path: path, problem: "has no tensor blocks.0.\(name); are these weights of TarFlow?")
      }
      return tensor.shape
    }
    func indices(_ prefix: String) -> Int {
      let found = file.tensors.keys.compactMap { name in
        name.hasPrefix(prefix) ? Int(name.dropFirst(prefix.count).prefix { $0 != "." }) : nil
      }
      // A name can hold any number; a network has thousands at most.
      return (found.filter { $0 < 1_000_000 }.max() ?? -1) + 1
    }
    let input = try shape("proj_in.weight")
    let (features, tokens) = (input[1], try shape("pos_embed")[0])
    let channels = hints.channels ?? (wholeRoot(features, over: 3) != nil ? 3 : 1)
    guard let patch = wholeRoot(features, over: channels), let side = wholeRoot(tokens, over: 1)
    else {
      throw .channels(
        path: path,
        problem: "\(tokens) tokens of \(features) features make no square image of "
          + "\(channels) channel\(channels == 1 ? "" : "s")")
    }
    var network = ImageNetwork()
    network.patch = patch
    network.width = input[0]
    network.blocks = indices("blocks.")
    network.layers = indices("blocks.0.attn_blocks.")
    network.headWidth = hints.headWidth ?? min(64, network.width)
    network.expansion = try shape("attn_blocks.0.mlp.main.0.weight")[0] / max(1, network.width)
    network.volumePreserving = try shape("proj_out.weight")[0] != 2 * features
    self.init(
      imageSize: side * patch, channels: channels,
      classes: file.tensors["blocks.0.class_embed"]?.shape.first ?? 0, network: network)
  }
}

extension ImageModelConfiguration: Codable {
  /// The names of the metadata `config`.
  private enum CodingKeys: String, CodingKey {
    case channels, width, blocks, expansion, classes
    case imageSize = "image_size"
    case patch = "patch_size"
    case layers = "layers_per_block"
    case headWidth = "head_width"
    case affineScale = "affine_scale"
  }

  /// Reads what `encode` writes.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    var network = ImageNetwork()
    network.patch = try container.decode(Int.self, forKey: .patch)
    network.width = try container.decode(Int.self, forKey: .width)
    network.blocks = try container.decode(Int.self, forKey: .blocks)
    network.layers = try container.decode(Int.self, forKey: .layers)
    network.headWidth = try container.decode(Int.self, forKey: .headWidth)
    network.expansion = try container.decode(Int.self, forKey: .expansion)
    network.volumePreserving = try !container.decode(Bool.self, forKey: .affineScale)
    self.init(
      imageSize: try container.decode(Int.self, forKey: .imageSize),
      channels: try container.decode(Int.self, forKey: .channels),
      classes: try container.decode(Int.self, forKey: .classes), network: network)
  }

  /// Writes image, classes and network side by side.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(imageSize, forKey: .imageSize)
    try container.encode(channels, forKey: .channels)
    try container.encode(classes, forKey: .classes)
    try container.encode(network.patch, forKey: .patch)
    try container.encode(network.width, forKey: .width)
    try container.encode(network.blocks, forKey: .blocks)
    try container.encode(network.layers, forKey: .layers)
    try container.encode(network.headWidth, forKey: .headWidth)
    try container.encode(network.expansion, forKey: .expansion)
    try container.encode(!network.volumePreserving, forKey: .affineScale)
  }
}

/// √(n/k) when it is a whole number.
private func wholeRoot(_ n: Int, over k: Int) -> Int? {
  // A tensor without elements may have any size; larger squares would overflow.
  guard k > 0, n > 0, n <= 1 << 40, n % k == 0 else { return nil }
  let root = Int(Double(n / k).squareRoot().rounded())
  return root * root * k == n ? root : nil
}
