import Flow
import Runs

extension ImageConfiguration {
  /// What the settings of a training on images mean.
  package static let settings: [Setting] =
    [
      Setting("seed", "the seed of all randomness", .atLeast(0)),
      Setting("kind", "the noise that images get in training").inGroup("noise"),
      Setting(
        "deviation", "standard deviation of Gaussian noise, for pixels from −1 to 1", .above(0)
      ).inGroup("noise"),
    ]
    + ([Setting("patch", "height and width of a patch", unit: "pixels", .between(1, 8_192))]
    + NetworkConfiguration.settings.filter {
      ["width", "blocks", "layers", "head_width", "expansion"].contains($0.key)
    } + [Setting("volume_preserving", "whether the map of a feature is a shift alone")])
    .map { $0.inGroup("flow") }
    + ([
      Setting("epochs", "passes over the images", .between(1, 1e6)),
      Setting("steps", "steps of the optimizer, 0 for those of the epochs", .between(0, 1e9)),
      Setting("lowest_rate", "the learning rate at the first and after the last step", .atLeast(0)),
      Setting("warm_up_epochs", "epochs until the peak of the learning rate", .between(0, 1e6)),
      Setting(
        "label_drop", "the probability that an image is shown without its class", .between(0, 1)),
      Setting("flip", "whether every second image, at random, is mirrored"),
      Setting("held_out", "training images that are kept for validation", .atLeast(0)),
      Setting(
        "held_out_from",
        "which ones: the last, or evenly spread, so that every class folder has its share"),
    ] + StepConfiguration.settings).map { $0.inGroup("training") }
    + [
      Setting("count", "images of the grid", .between(0, 1e5)),
      Setting("columns", "images in a row of the grid", .atLeast(1)),
      Setting("guidance", "the weight of guidance, 0 for none", .atLeast(0)),
      Setting("guide", "the parameters that are guided: a, b or ab"),
      Setting(
        "attention_temperature", "the temperature of the attention without class",
        .between(1e-6, 1e6)),
      Setting("annealed", "whether guidance grows along the sequence"),
      Setting("denoise", "the multiple of the denoising step, 0 for none", .atLeast(0)),
    ].map { $0.inGroup("sampling") }
}
