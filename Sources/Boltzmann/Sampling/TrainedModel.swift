import Flow
import Foundation
import Molecules
import Runs

/// A flow that is trained, and how its tokens become conformations.
package struct TrainedModel: Sendable {
  package let flow: TarFlow
  package let weights: [Float]
  package let representation: Representation

  private static let note = "representation"

  package init(flow: TarFlow, weights: [Float], representation: Representation) {
    self.flow = flow
    self.weights = weights
    self.representation = representation
  }

  /// Reads the result of a training.
  /// - Throws: `SafetensorsError`, `FlowError` or `RunError`.
  package init(path: String) throws {
    let trained = try TrainedFlow(path: path)
    guard let text = trained.notes[Self.note],
      let representation = try? JSONDecoder().decode(Representation.self, from: Data(text.utf8))
    else {
      throw RunError.badData(path: path, problem: "its metadata '\(Self.note)' cannot be read")
    }
    let flow = try TarFlow(trained.flow.configuration, context: representation.context)
    self.init(flow: flow, weights: trained.weights, representation: representation)
  }

  /// What a checkpoint says besides the flow: how tokens become conformations.
  package static func checkpointNotes(_ representation: Representation) throws -> [String: String] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return [note: String(decoding: try encoder.encode(representation), as: UTF8.self)]
  }
}
