import Flow
import Foundation
import Kernels
import Logging
import Molecules
import Runs
import TensorFiles

/// A flow that is trained, and how its tokens become conformations; or a mixture of such flows, of
/// which it is the first.
package struct TrainedModel: Sendable {
  package let flow: TarFlow
  package let weights: [Float]
  package let representation: Representation
  /// The other flows of a mixture, all of the same molecule; none otherwise.
  private let others: [TrainedModel]
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
    others = []
  }

  /// A mixture of flows in equal parts, `q(x) = (1/K) Σ_k q_k(x)`; of one flow, that flow.
  ///
  /// All are of the same molecule, in internal coordinates and with the same labels of equal
  /// hydrogens, which ``mixModels(_:of:to:)`` sees to.
  package init(mixing flows: [TrainedModel]) {
    precondition(!flows.isEmpty, "a mixture of no flow")
    (flow, weights) = (flows[0].flow, flows[0].weights)
    (representation, notes) = (flows[0].representation, flows[0].notes)
    others = Array(flows.dropFirst())
  }

  /// Whether it is a mixture of flows.
  package var isMixture: Bool { !others.isEmpty }

  /// The unit for the products of a precision, of which a mixture takes fp32 for `auto`: its densities
  /// are those of all flows, and do not bear rounding.
  func unit(for precision: Precision) -> MatrixUnit? {
    MatrixUnit.best(for: isMixture && precision == .auto ? .fp32 : precision)
  }

  /// The flows, each as a model of its own.
  package var members: [TrainedModel] {
    [TrainedModel(flow: flow, weights: weights, representation: representation, notes: notes)]
      + others
  }

  /// The first flow alone, for what needs one; a note says so of a mixture.
  ///
  /// - Parameter use: What is done with it, as "the training begins with".
  func firstFlow(_ use: String, log: Logger) -> TrainedModel {
    if isMixture {
      log.notice("the model is a mixture of \(members.count) flows: \(use) the first")
    }
    return members[0]
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

  /// Reads the result of a training, or a mixture of several.
  /// - Throws: `SafetensorsError`, `FlowError` or `RunError`.
  package init(path: String) throws {
    self.init(
      mixing: try TrainedFlow.all(path: path).map { try TrainedModel($0, path: path) })
  }

  private init(_ trained: TrainedFlow, path: String) throws {
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
