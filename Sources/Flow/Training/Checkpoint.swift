import Foundation
import Kernels
import TensorFiles

/// A training on disk: a safetensors file with the weights under the published names, the averages
/// and moments under prefixes, and everything else as metadata.
///
/// A training that goes on from a checkpoint has the bits of the uninterrupted one, and what is
/// read is written again with the same bytes (`CheckpointTests`).
package struct Checkpoint {
  package var flow: FlowConfiguration
  package var state: TrainingState
  /// Texts that the caller wants back (the representation, the seed, the inputs' hashes).
  package var notes: [String: String]

  package init(flow: FlowConfiguration, state: TrainingState, notes: [String: String]) {
    self.flow = flow
    self.state = state
    self.notes = notes
  }

  private static let version = "1"
  private static let prefixes = ["average.", "adam.first.", "adam.second.", "best.", "drawing."]
  private static let ownKeys = [
    "flow", "version", "step", "best_loss", "best_step", "recent_loss", "recent_steps",
    "drawing_step", "drawing_ess", "log_weight_means", "first_loss", "rewinds",
  ]

  /// Reads a checkpoint that `write` has written.
  /// - Throws: `SafetensorsError` or `FlowError`.
  package init(path: String) throws {
    let file = try Safetensors(path: path)
    let model = try TarFlow(try flowConfiguration(of: file, path: path))
    func read(_ prefix: String) throws -> [Float] {
      try model.weights(from: file, path: path, prefix: prefix, ignoring: Self.prefixes)
    }
    flow = model.configuration
    state = TrainingState(
      weights: try read(""), average: try read("average."),
      moments: AdamW.Moments(first: try read("adam.first."), second: try read("adam.second.")),
      priorVariance: try model.priorVariance(from: file, path: path))
    func number<Number: LosslessStringConvertible & Comparable>(
      _ key: String, atLeast least: Number
    ) throws -> Number {
      guard let text = file.metadata[key], let value = Number(text), value >= least else {
        throw SafetensorsError.content(
          path: path,
          problem: "the metadata '\(key)' is \(file.metadata[key] ?? "missing"), expected a number"
            + " of at least \(least)")
      }
      return value
    }
    // More steps than any training has would overflow where the next is counted.
    func count(_ key: String) throws -> Int {
      let value = try number(key, atLeast: 0)
      guard value <= mostCounted else {
        throw SafetensorsError.content(
          path: path, problem: "the metadata '\(key)' is \(value), expected 0 to \(mostCounted)")
      }
      return value
    }
    state.step = try count("step")
    if file.tensors.keys.contains(where: { $0.hasPrefix("best.") }) {
      state.best = BestWeights(
        weights: try read("best."),
        priorVariance: try model.priorVariance(from: file, path: path, prefix: "best."),
        loss: try number("best_loss", atLeast: -Double.infinity),
        step: try count("best_step"))
    }
    if file.tensors.keys.contains(where: { $0.hasPrefix("drawing.") }) {
      state.drawing = Drawing(
        step: try count("drawing_step"), weights: try read("drawing."),
        effectiveSampleSize: try number("drawing_ess", atLeast: 0.0))
    }
    if let text = file.metadata["log_weight_means"] {
      let means = text.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
      guard means.count == SampleKind.allCases.count else {
        throw SafetensorsError.content(
          path: path,
          problem: "the metadata 'log_weight_means' has \(means.count) numbers, expected "
            + "\(SampleKind.allCases.count)")
      }
      state.dispersion = LogDispersion(means: means)
    }
    if file.metadata["first_loss"] != nil {
      state.firstLoss = try number("first_loss", atLeast: -Double.infinity)
    }
    if file.metadata["rewinds"] != nil { state.rewinds = try count("rewinds") }
    state.recentLoss = try number("recent_loss", atLeast: -Double.infinity)
    state.recentSteps = try count("recent_steps")
    notes = file.metadata.filter { !Self.ownKeys.contains($0.key) }
  }

  /// Writes the whole training, replacing the file at once.
  /// - Throws: `SafetensorsError.unwritable`.
  package func write(path: String) throws {
    let model = try TarFlow(flow)
    var file = Safetensors()
    file.hasChecksum = true
    file.tensors = model.tensors(state.weights)
    model.store(state.priorVariance, in: &file)
    file.metadata = try metadata().merging([
      "step": "\(state.step)", "recent_loss": "\(state.recentLoss)",
      "recent_steps": "\(state.recentSteps)",
    ]) { $1 }
    if state.dispersion != LogDispersion() {
      file.metadata["log_weight_means"] = state.dispersion.means.map { $0.map { "\($0)" } ?? "" }
        .joined(separator: ",")
    }
    if let firstLoss = state.firstLoss { file.metadata["first_loss"] = "\(firstLoss)" }
    if state.rewinds > 0 { file.metadata["rewinds"] = "\(state.rewinds)" }
    if let drawing = state.drawing {
      file.tensors.merge(model.tensors(drawing.weights, prefix: "drawing.")) { $1 }
      file.metadata["drawing_step"] = "\(drawing.step)"
      file.metadata["drawing_ess"] = "\(drawing.effectiveSampleSize)"
    }
    var parts = [state.average, state.moments.first, state.moments.second]
    if let best = state.best {
      parts.append(best.weights)
      model.store(best.priorVariance, in: &file, prefix: "best.")
      file.metadata["best_loss"] = "\(best.loss)"
      file.metadata["best_step"] = "\(best.step)"
    }
    for (prefix, values) in zip(Self.prefixes, parts) {
      file.tensors.merge(model.tensors(values, prefix: prefix)) { $1 }
    }
    try file.write(path: path)
  }

  /// Writes the training's result alone, under plain names: what sampling needs.
  /// - Throws: `SafetensorsError.unwritable`.
  package func writeModel(path: String) throws {
    var file = Safetensors()
    file.hasChecksum = true
    let model = try TarFlow(flow)
    let result = state.result
    file.tensors = model.tensors(result.weights)
    model.store(result.priorVariance, in: &file)
    file.metadata = try metadata().merging([
      "step": "\(result.step)", "validation_loss": "\(result.loss)",
    ]) { $1 }
    try file.write(path: path)
  }

  private func metadata() throws -> [String: String] {
    notes.merging(["flow": try metadataText(flow), "version": Self.version]) { $1 }
  }
}
