/// A flow and how conformations are drawn from it.
package struct DrawingModel: Sendable {
  let trained: TrainedModel
  /// The width of the prior and the arithmetic.
  private(set) var sampling: SamplingOptions
  let seed: UInt64

  init(trained: TrainedModel, sampling: SamplingOptions, seed: UInt64) {
    (self.trained, self.sampling, self.seed) = (trained, sampling, seed)
  }

  /// The flow as it made a draw, perhaps with another prior than its run's, or as it is where no draw
  /// is recorded; nil where the record says that another flow made it.
  func of(_ draw: Draw?) -> DrawingModel? {
    guard let draw else { return self }
    guard draw.mayBe(of: trained) else { return nil }
    var model = self
    (model.sampling.priorScale, model.sampling.precision) = (draw.priorScale, draw.precision)
    return model
  }
}
