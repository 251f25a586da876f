import Reporting
import Runs

/// Losses, effective sample size and learning rate over the steps and the time of a training.
///
/// - Parameter batch: Samples of a step, for the time that the training took.
func trainingSection(_ metrics: NumberTable?, batch: Int) -> Page.Section? {
  trainingSection(
    metrics, batch: batch,
    [
      TrainingCurve(
        "loss", "Training and validation loss",
        "Mean negative log-likelihood per conformation. Where validation rises while training "
          + "falls, the flow learns its frames by heart.",
        Axis("negative log-likelihood", unit: "nats"),
        [("train_nll", "training", 1), ("validation_nll", "validation", 2)]),
      TrainingCurve(
        "training-ess", "Effective sample size during the training",
        "Of the proposals that the training draws for itself, raw.",
        Axis("effective sample size", range: 0...1), [("ess", "", 2)]),
      TrainingCurve(
        "learning-rate", "Learning rate", "As the schedule sets it.", Axis("learning rate"),
        [("learning_rate", "", 3)]),
    ])
}
