import Runs

extension MoleculeRecord {
  /// Draws the samples of a trained run, weighs them, compares them with the reference if there is
  /// one, and writes all that into the run's folder.
  ///
  /// The clip is that of the last reweighting. Evaluations whose proposals another model drew are removed.
  ///
  /// - Returns: The figures as people read them.
  /// - Throws: What drawing, writing and comparing throw.
  package func complete(
    _ model: TrainedModel, _ inputs: TrainingInputs, in folder: RunFolder, context: RunContext
  ) throws -> String {
    let system = inputs.system
    let checksum = model.weightsChecksum
    let drawn = Draw(
      configuration.sampling, seed: seed, program: context.program, model: checksum)
    let options = try evaluationOptions(in: folder)
    let weighted = try context.parts.measure("sampling") {
      let weighted = try WeightedProposals(
        try model.drawProposals(configuration.sampling, seed: seed, context: context),
        of: system, clip: options.clippedFraction, execution: context.execution)
      let outdated = folder.outdatedEvaluations(
        ofOthersThan: checksum, table: weighted.tableText)
      try weighted.write(
        samples: folder.samples, weights: folder.weights, drawn: drawn, system: system,
        context: context)
      folder.remove(evaluations: outdated, log: context.log)
      return weighted
    }
    let held = heldOut == nil ? nil : try? InputFile(path: folder.ownReference)
    guard let frames = inputs.reference, let file = reference ?? held else {
      return WeightsSummary(weighted.weights).text
    }
    let comparison = try context.parts.measure("evaluation") {
      try Comparison(
        weighted, with: frames, of: system, options: options,
        referenceLogDensities: model.referenceDensities(
          frames, comparing: options.count, of: system, configuration.sampling,
          seed: seed, execution: context.execution),
        execution: context.execution)
    }
    let report = comparison.report(
      of: system, options: options, reference: file, drawn: drawn, context: context)
    try comparison.write(report, to: folder.evaluationFiles)
    return report.table(of: system)
  }
}
