import Flow
import Foundation
import Molecules
import Runs
import TensorFiles

/// A flow that is trained, and how its tokens become conformations.
package struct TrainedModel: Sendable {
  package let flow: TarFlow
  package let weights: [Float]
  package let representation: Representation
  /// What its file says besides; empty for a model that was not read.
  let notes: [String: String]

  private static let note = "representation"

  package init(
    flow: TarFlow, weights: [Float], representation: Representation, notes: [String: String] = [:]
  ) {
    self.flow = flow
    self.weights = weights
    self.representation = representation
    self.notes = notes
  }

  /// The model for the system's own temperature, the first class of a flow that has learned others
  /// besides.
  init(
    of flow: TarFlow, weights: [Float], representation: Representation,
    notes: [String: String] = [:]
  ) {
    let (flow, weights) = flow.ofClass(0, weights: weights)
    self.init(flow: flow, weights: weights, representation: representation, notes: notes)
  }

  /// Reads the result of a training.
  /// - Throws: `SafetensorsError`, `FlowError` or `RunError`.
  package init(path: String) throws {
    let trained = try TrainedFlow(path: path)
    guard let text = trained.notes[Self.note],
      let representation = try? decodeJSON(Representation.self, from: text.utf8)
    else {
      throw RunError.badData(path: path, problem: "its metadata '\(Self.note)' cannot be read")
    }
    let shape = trained.flow.configuration
    guard
      shape.tokens == representation.tokens && shape.features == representation.features
        && shape.present == representation.present
    else {
      throw RunError.badData(
        path: path,
        problem: "its flow, with \(shape.tokens) tokens of \(shape.features) features, is not one "
          + "for its '\(Self.note)', with \(representation.tokens) of \(representation.features)")
    }
    self.init(
      of: try TarFlow(shape, context: representation.context), weights: trained.weights,
      representation: representation, notes: trained.notes)
  }

  /// What a checkpoint says besides the flow: how tokens become conformations, and the energy that
  /// they are drawn for.
  package static func checkpointNotes(
    _ representation: Representation, target: ModelTarget? = nil
  ) throws -> [String: String] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let text = String(decoding: try encoder.encode(representation), as: UTF8.self)
    return [note: text].merging(target?.notes ?? [:]) { $1 }
  }
}
