import Logging
import Runs

extension AnalysisSource {
  /// The flow that made the proposals, and how it was drawn from: the run's, or the one in the
  /// system's folder.
  ///
  /// - Parameter count: The number of proposals.
  /// - Throws: `RunError.badData` where another flow made them, and what reading it throws.
  func model(
    for system: MolecularSystem, count: Int, log: Logger
  ) throws -> DrawingModel {
    let (own, path): (DrawingModel, String)
    if case .run(let folder, let record) = self {
      path = folder.model
      own = DrawingModel(
        trained: try TrainedModel(path: path), sampling: record.configuration.sampling,
        seed: record.seed)
    } else {
      path = system.modelPath
      own = DrawingModel(
        trained: try system.pretrainedModel(), sampling: SamplingOptions(), seed: 1)
    }
    guard let files else { return own }
    let drawn = Draw(beside: files.samples, count: count)
    guard let model = own.of(drawn) else {
      throw RunError.badData(
        path: files.samples,
        problem: "was drawn from another model than \(path), whose density BAR and MBAR need; draw "
          + "from that one, or reweight these alone, without frames")
    }
    if drawn?.model == nil {
      log.warning(
        """
        \(files.samples): does not say which model it was drawn from; BAR and MBAR take the density \
        of \(path)
        """)
    }
    return model
  }
}
