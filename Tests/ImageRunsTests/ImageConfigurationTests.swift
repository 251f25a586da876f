import Flow
import Foundation
import Images
import Runs
import TestSupport
import Testing

@testable import ImageRuns

@Suite struct ImageConfigurationTests {
  private static let limits:
    [(change: @Sendable (inout ImageConfiguration) -> Void, problem: String)] = [
      ({ $0.noise.deviation = 0 }, "noise.deviation is 0.0, expected above 0"),
      ({ $0.noise.deviation = .infinity }, "noise.deviation is inf, expected above 0"),
      ({ $0.flow.patch = 0 }, "flow.patch is 0, expected 1 to 8192"),
      ({ $0.flow.width = 16_385 }, "flow.width is 16385, expected 1 to 16384"),
      ({ $0.flow.blocks = 257 }, "flow.blocks is 257, expected 1 to 256"),
      ({ $0.flow.layers = -1 }, "flow.layers is -1, expected 1 to 256"),
      ({ $0.flow.headWidth = 0 }, "flow.head_width is 0, expected 1 to 16384"),
      ({ $0.flow.expansion = 65 }, "flow.expansion is 65, expected 1 to 64"),
      (
        { $0.flow.headWidth = 100 },
        "flow.width is 512, expected a multiple of head_width, 100"
      ),
      ({ $0.training.epochs = 0 }, "training.epochs is 0, expected 1 to 1000000"),
      ({ $0.training.steps = -1 }, "training.steps is -1, expected 0 to 1000000000"),
      (
        { $0.training.steps = 2_000_000_000 },
        "training.steps is 2000000000, expected 0 to 1000000000"
      ),
      ({ $0.training.batch = 0 }, "training.batch is 0, expected 1 to 1000000000"),
      (
        { $0.training.lowestRate = 1 },
        "training.lowest_rate is 1.0, expected 0 to the learning rate, 0.0001"
      ),
      ({ $0.training.warmUpEpochs = -1 }, "training.warm_up_epochs is -1.0, expected 0 or more"),
      (
        { $0.training.averageDecay = 1 }, "training.average_decay is 1.0, expected 0 to below 1"
      ),
      (
        { $0.training.validateEvery = 0 },
        "training.validate_every is 0, expected 1 to 1000000000"
      ),
      ({ $0.training.clip = -1 }, "training.clip is -1.0, expected 0 or more"),
      ({ $0.training.labelDrop = 1.1 }, "training.label_drop is 1.1, expected 0 to 1"),
      ({ $0.training.heldOut = -1 }, "training.held_out is -1, expected 0 or more"),
      ({ $0.sampling.count = 100_001 }, "sampling.count is 100001, expected 0 to 100000"),
      ({ $0.sampling.columns = 0 }, "sampling.columns is 0, expected at least 1"),
      ({ $0.sampling.guidance = -1 }, "sampling.guidance is -1.0, expected 0 or more"),
      ({ $0.sampling.guide = "c" }, "sampling.guide is c, expected a, b or ab"),
      (
        { $0.sampling.attentionTemperature = 0 },
        "sampling.attention_temperature is 0.0, expected 1e-6 to 1e6"
      ),
      ({ $0.sampling.denoise = .nan }, "sampling.denoise is nan, expected 0 or more"),
    ]

  @Test(arguments: 0..<limits.count)
  func `a number outside its limits is named`(index: Int) throws {
    let limit = Self.limits[index]
    var configuration = ImageConfiguration()
    try configuration.validate()
    limit.change(&configuration)
    #expect(throws: RunError.configuration(source: "configuration", problem: limit.problem)) {
      try configuration.validate()
    }
  }

  @Test(arguments: [
    ("flow.with=32", "unknown key 'flow.with'; did you mean 'width'?"),
    ("noise.kind=gausian", "'noise.kind' has an unknown value, expected gaussian, uniform, none"),
    ("training.epochs=many", "'training.epochs' is no whole number"),
    ("training.flip=maybe", "'training.flip' is no true or false"),
    ("sampling.guide=[a]", "'sampling.guide' is no single value"),
  ])
  func `a setting that does not fit is named with its source`(setting: String, problem: String)
    throws
  {
    let layer = try ConfigurationLayer(setting: setting)
    #expect(throws: RunError.configuration(source: setting, problem: problem)) {
      try resolveConfiguration(ImageConfiguration(), layers: [layer])
    }
  }

  @Test func `steps are those of whole batches`() throws {
    var configuration = ImageConfiguration()
    (configuration.training.batch, configuration.training.epochs) = (64, 60)
    #expect(try configuration.training.steps(images: 1_437) == (22, 1_320))
    configuration.training.heldOut = 37
    #expect(try configuration.training.steps(images: 1_437) == (21, 1_260))
    configuration.training.steps = 5
    #expect(try configuration.training.steps(images: 1_437) == (21, 5))
    for (heldOut, images, problem) in [
      (0, 63, "63 training images"), (40, 100, "60 training images that are not held out"),
      (200, 100, "0 training images that are not held out"),
    ] {
      configuration.training.heldOut = heldOut
      #expect(
        throws: RunError.configuration(
          source: "configuration", problem: "training.batch is 64, expected 1 to the \(problem)")
      ) { try configuration.training.steps(images: images) }
    }
  }

  @Test func `the trainer's settings are those of the images`() throws {
    var configuration = ImageConfiguration()
    (configuration.training.batch, configuration.training.epochs) = (50, 3)
    configuration.training.warmUpEpochs = 0.5
    let settings = try configuration.training.configuration(images: 510)
    #expect(settings.steps == 30 && settings.batch == 50 && settings.warmUp == 5)
    #expect(settings.finalFraction == 1e-6 / 1e-4 && settings.clip == 0)
    configuration.training.clip = 2
    #expect(try configuration.training.configuration(images: 510).clip == 2)
  }

  @Test func `guidance is none without a weight`() {
    var configuration = ImageConfiguration()
    #expect(configuration.guidance == nil)
    (configuration.sampling.guidance, configuration.sampling.guide) = (1.5, "a")
    configuration.sampling.attentionTemperature = 0.5
    let guidance = configuration.guidance
    #expect(guidance?.weight == 1.5 && guidance?.target.rawValue == "a")
    #expect(guidance?.attentionTemperature == 0.5 && guidance?.isAnnealed == true)
  }

  @Test func `the flow is that of the system's images`() throws {
    let system = try ImageSystem.read(
      path: systemsFolder.appending(path: "digits/images.yaml").path)
    var configuration = ImageConfiguration()
    (configuration.flow.patch, configuration.flow.width) = (2, 64)
    configuration.flow.volumePreserving = true
    let model = configuration.model(of: system)
    #expect(model.imageSize == 8 && model.channels == 1 && model.classes == 10)
    #expect(model.network == configuration.flow)
    let flow = try model.flow()
    #expect(flow.tokens == 16 && flow.features == 4 && flow.classes == 10)
    #expect(flow.transform == .translation && flow.width == 64)
  }
}
