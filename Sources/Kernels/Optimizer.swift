/// What turns a gradient into a step.
package enum Optimizer: String, Codable, Sendable, CaseIterable {
  case adamw
  /// Muon for the matrices of the layers, AdamW for all other weights.
  case muon
}
