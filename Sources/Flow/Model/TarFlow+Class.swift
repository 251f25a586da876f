extension TarFlow {
  /// The flow of one class alone, without classes: `pos_embed' = pos_embed + class_embed[c]` in every
  /// block.
  ///
  /// It has the densities that this flow has with the label (`ClassTests`), to rounding.
  ///
  /// - Parameter weights: In the order of `layout`.
  /// - Returns: The flow and its weights; this flow and these weights where there are no classes.
  package func ofClass(_ label: Int, weights: [Float]) -> (flow: TarFlow, weights: [Float]) {
    guard configuration.classes > 0 else { return (self, weights) }
    precondition(label < configuration.classes, "class \(label) of \(configuration.classes)")
    let flow = withoutClasses
    var folded = [Float](repeating: 0, count: flow.layout.count)
    let places = Dictionary(
      uniqueKeysWithValues: layout.parameters.map { ($0.name, $0.offset) })
    for parameter in flow.layout.parameters {
      guard let offset = places[parameter.name] else {
        preconditionFailure("\(parameter.name) is no parameter of the flow with classes")
      }
      for element in 0..<parameter.count {
        folded[parameter.offset + element] = weights[offset + element]
      }
    }
    for (block, own) in zip(blocks, flow.blocks) {
      guard let embedding = block.parameters.classEmbedding else { continue }
      let (position, width) = (own.parameters.position, configuration.width)
      for element in 0..<position.count {
        folded[position.offset + element] +=
          weights[embedding.offset + label * width + element % width]
      }
    }
    return (flow, folded)
  }

  /// The same network without classes.
  private var withoutClasses: TarFlow {
    var shape = configuration
    shape.classes = 0
    do {
      return try TarFlow(shape, context: blocks.first?.context)
    } catch {
      preconditionFailure("the flow without its classes: \(error)")
    }
  }
}
