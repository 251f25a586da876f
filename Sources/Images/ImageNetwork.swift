import Flow

/// The network of a flow of images, of the published form.
package struct ImageNetwork: Codable, Equatable, Sendable {
  /// Height and width of a patch, pixels.
  package var patch = 4
  package var width = 512
  package var blocks = 4
  /// Transformer layers of a block.
  package var layers = 8
  package var headWidth = 64
  package var expansion = 4
  /// Whether the map of a feature is a shift alone.
  package var volumePreserving = false

  package init() {}

  /// A network with the published defaults for all else.
  package init(patch: Int, width: Int, blocks: Int, layers: Int, headWidth: Int = 64) {
    self.patch = patch
    self.width = width
    self.blocks = blocks
    self.layers = layers
    self.headWidth = headWidth
  }

  private enum CodingKeys: String, CodingKey {
    case patch, width, blocks, layers, expansion
    case headWidth = "head_width"
    case volumePreserving = "volume_preserving"
  }

  /// The flow over tokens.
  package func flow(tokens: Int, features: Int, classes: Int) -> FlowConfiguration {
    var flow = FlowConfiguration.published(
      tokens: tokens, features: features, blocks: blocks, layers: layers, width: width,
      headWidth: headWidth, classes: classes, transform: volumePreserving ? .translation : .affine)
    flow.network.expansion = expansion
    return flow
  }

  /// Checks what can be checked without knowing the images.
  /// - Throws: `FlowError.configuration` naming the first number outside of its limits by its key.
  package func validate() throws(FlowError) {
    guard (1...8_192).contains(patch) else {
      throw .configuration("patch is \(patch), expected 1 to 8192")
    }
    try flow(tokens: 1, features: 1, classes: 0).validate()
  }
}
