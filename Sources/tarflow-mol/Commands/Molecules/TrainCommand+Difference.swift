import Boltzmann
import Runs

extension TrainCommand {
  /// In what a run is another one than that of the command line besides its settings; nil if in
  /// nothing.
  ///
  /// - Parameter layers: The settings of the command line.
  func difference(
    from begun: BegunRun, _ layers: [ConfigurationLayer]
  ) throws -> RunDifference? {
    let named = try system.map { try MolecularSystem(folder: systems.find($0)) }
    if let named, let text = try begun.system.difference(from: named) {
      return RunDifference(text: text)
    }
    if let text = try sequence.difference(from: begun.system, temperature: temperature) {
      return RunDifference(text: text)
    }
    let molecule = named ?? begun.system
    let recipe = try recipe.map { try Recipe($0, of: molecule) }
    let source = try source(recipe)
    return try difference(of: begun.initial)
      ?? difference(of: begun, source, recipe, molecule)
      ?? recipe.flatMap { try difference(of: begun, $0, source, molecule, layers) }
  }

  /// The same of the model that the run begins with.
  private func difference(of initial: InputFile?) throws -> RunDifference? {
    guard let from, from != "energy" else { return nil }
    guard let initial else {
      return RunDifference(text: "begins with random weights, not with those of \(from)")
    }
    // A model that is gone cannot be compared; the run has its own copy.
    let path = try? ModelPlace(from, systems: systems.systems).modelPath()
    let isThat = path.map { initial.isAlike($0) } ?? true
    return isThat
      ? nil
      : RunDifference(
        text: "begins with the weights of another model than \(from) holds now", option: "--from")
  }

  /// The same of what the run learns from; trajectories are compared where the run finds them.
  private func difference(
    of begun: BegunRun, _ source: FrameSource, _ recipe: Recipe?, _ molecule: MolecularSystem
  ) throws -> RunDifference? {
    switch source {
    case .trajectories: return nil
    case .energy:
      return begun.configuration.learnsFromEnergy
        ? nil : RunDifference(text: "learns from frames, not from the energy alone")
    case .simulation(let time, let settings):
      let simulation = try begun.simulation
      guard begun.simulatesFrames(simulation) else {
        let own = begun.configuration.learnsFromEnergy ? "the energy alone" : "a trajectory"
        return RunDifference(text: "learns from \(own), not from frames that it simulates")
      }
      guard let simulation else { return nil }
      let wanted = try PendingRun(
        system: molecule, configuration: begun.configuration, time: time, settings: settings)
      let layers = [try ConfigurationLayer(setting: "time_ps=\(time)")] + settings
      guard
        let (key, now, then) = try changedSetting(
          wanted.simulation, by: layers, from: simulation)
      else { return nil }
      let isOfOption = simulate != nil && key == "time_ps"
      let giver =
        isOfOption ? "the command line" : "the recipe \(recipe?.name ?? ""), as it is now,"
      return RunDifference(
        text: "\(key) of the simulation is \(then), but \(giver) says \(now)",
        option: isOfOption ? "--simulate" : "--recipe")
    }
  }

  /// The same of what a recipe sets and the command line leaves.
  private func difference(
    of begun: BegunRun, _ recipe: Recipe, _ source: FrameSource, _ molecule: MolecularSystem,
    _ layers: [ConfigurationLayer]
  ) throws -> RunDifference? {
    // A model that the run begins with decides its network; without it nothing can be said.
    let model = begun.initial.flatMap { try? InitialModel(.file($0.path)) }
    guard begun.initial == nil || model != nil else { return nil }
    let wanted = try RunConfiguration.resolved(
      for: molecule, from: source, recipe: recipe, initial: model, others: layers)
    guard
      let (key, now, then) = try changedSetting(
        wanted, by: recipe.layers, from: begun.configuration),
      !layers.contains(where: { $0.sets(key) })
    else { return nil }
    return RunDifference(
      text: "\(key) is \(then), but the recipe \(recipe.name), as it is now, says \(now)",
      option: "--recipe")
  }
}
