import Runs
import Yams

extension ConfigurationLayer {
  /// What a training in internal coordinates begins with: torsions on the circle, a network that
  /// sees the placed atoms, and energies (docs/experiments.md).
  package static func internalCoordinates() throws -> ConfigurationLayer {
    let settings = """
      flow: {periodic: true, context_units: 32}
      training: {steps: 1500, optimizer: muon}
      energies: {frames: 0.5, proposals: 0.5}
      """
    return ConfigurationLayer(
      source: "internal coordinates", settings: try Yams.compose(yaml: settings) ?? [:])
  }

  /// What a training from the energy alone sets: it begins at 1200 K with the frames of a short
  /// simulation, and cools the target down while it learns from its own proposals.
  ///
  /// - Parameter temperature: The target's, K.
  /// - SeeAlso: Schopmans and Friederich 2025 (TA-BG, arXiv 2501.19077) for the annealing.
  package static func fromEnergy(temperature: Double) throws -> ConfigurationLayer {
    let settings = """
      training: {steps: 12000, learning_rate: 2e-3, warm_up: 300}
      energies:
        likelihood: 0
        frames: 0
        perturbed: 0
        proposals: 1
        first_step: 600
        start_ratio: \(max(1, 1200 / temperature))
        anneal_steps: 6000
        drawn: 10240
        draw_every: 20
      """
    return ConfigurationLayer(
      source: "the training from the energy", settings: try Yams.compose(yaml: settings) ?? [:])
  }
}
