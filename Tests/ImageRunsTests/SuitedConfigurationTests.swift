import Flow
import Foundation
import Runs
import RunsTestSupport
import TestSupport
import Testing

@testable import ImageRuns
@testable import Images

@Suite struct SuitedConfigurationTests {
  private func survey(_ size: Int, channels: Int = 1, count: Int, classes: Int = 10) -> ImageSurvey
  {
    ImageSurvey(
      shape: ImageShape(channels: channels, size: size), count: count, classes: classes)
  }

  private func parameters(_ configuration: ImageConfiguration, _ survey: ImageSurvey) throws -> Int
  {
    try TarFlow(try configuration.model(of: ImageSystem(name: "own", survey)).flow()).layout.count
  }

  @Test(arguments: [
    // Size, channels, images; patch, width, layers, batch, held out, steps at least.
    (32, 3, 80, 4, 64, 2, 16, 8, 3_000), (8, 1, 1_437, 2, 64, 1, 64, 143, 1_500),
    (28, 1, 60_000, 4, 128, 4, 64, 1_000, 10_000), (64, 3, 10_000, 8, 128, 4, 64, 1_000, 10_000),
    (256, 3, 14_630, 16, 256, 4, 64, 1_000, 20_000), (4, 1, 2, 1, 64, 1, 1, 0, 1_500),
    (17, 1, 25, 1, 64, 1, 4, 2, 1_500),
  ])
  func `a network and a training suit the pictures`(
    size: Int, channels: Int, count: Int, patch: Int, width: Int, layers: Int, batch: Int,
    heldOut: Int, steps: Int
  ) throws {
    let survey = survey(size, channels: channels, count: count)
    let found = try ImageConfiguration(for: survey, source: "set")
    try found.validate()
    #expect(found.flow.patch == patch && found.flow.width == width && found.flow.layers == layers)
    #expect(found.training.batch == batch && found.training.heldOut == heldOut)
    let planned = try found.training.steps(images: count)
    #expect((steps..<2 * steps).contains(planned.all))
    let settings = try found.training.configuration(images: count)
    #expect((planned.all / 50...planned.all / 20).contains(settings.warmUp))
    // At most a tenth of the numbers that a published network of the size would have.
    #expect(try parameters(found, survey) < 20_000_000)
  }

  @Test func `eighty pictures do not get a hundred million parameters`() throws {
    let survey = survey(32, channels: 3, count: 80, classes: 2)
    let found = try parameters(try ImageConfiguration(for: survey, source: "set"), survey)
    #expect((100_000..<1_000_000).contains(found))
  }

  @Test func `pictures that cannot be cut are refused`() throws {
    #expect(
      throws: RunError.badData(
        path: "set",
        problem: "holds pictures of 67×67 pixels, which cannot be cut into equal patches of a "
          + "sensible size; resize them, such as to 64×64")
    ) { try ImageConfiguration(for: survey(67, count: 100), source: "set") }
  }

  @Test func `only classes are dropped, and a row of samples has one`() throws {
    let without = try ImageConfiguration(for: survey(8, count: 100, classes: 0), source: "")
    #expect(without.training.labelDrop == 0 && without.sampling.count == 100)
    let three = try ImageConfiguration(for: survey(8, count: 100, classes: 3), source: "")
    #expect(three.training.labelDrop == 0.1 && three.sampling.count == 30)
    let many = try ImageConfiguration(for: survey(128, count: 100, classes: 500), source: "")
    #expect(many.sampling.columns == 5 && many.sampling.count == 200)
  }

  @Test func `images held out throughout are those of every class`() throws {
    let labels = [Int](repeating: 0, count: 30) + [Int](repeating: 1, count: 70)
    let set = ImageSet(
      shape: ImageShape(channels: 1, size: 1), pixels: (0..<100).map { UInt8($0) }, labels: labels)
    let (used, kept) = set.divided(holdingOut: 10, from: .throughout)
    let tenths: [UInt8] = [9, 19, 29, 39, 49, 59, 69, 79, 89, 99]
    #expect(kept.pixels == tenths)
    #expect(kept.labels?.count { $0 == 0 } == 3)
    #expect(used.count == 90 && Set(used.pixels).isDisjoint(with: kept.pixels))
    #expect(set.divided(holdingOut: 0, from: .throughout).used == set)
    #expect(set.divided(holdingOut: 100, from: .throughout).kept == set)
    let end = set.divided(holdingOut: 10, from: .end)
    #expect(end.used == set[0..<90] && end.kept == set[90..<100])
  }

  @Test func `a record holds what its images are, whatever their folders are called`() throws {
    try withTemporaryFolder { folder in
      try createFolder("\(folder)/set")
      try Data("x".utf8).write(to: URL(fileURLWithPath: "\(folder)/set/1.png"))
      var survey = survey(8, count: 80, classes: 6)
      survey.classNames = ["0", "007", "1e3", "true", "a: b", "#"]
      let system = ImageSystem(name: "12", survey)
      let record = try ImageRecord(
        try ImageConfiguration(for: survey, source: "set"), system: "\(folder)/set",
        files: ImageSystem.Files(images: "\(folder)/set", labels: nil), imageSet: system,
        start: nil, kernel: "Haswell", context: CapturedLog().context())
      #expect(record.description == nil && record.inputs.count == 1)
      let path = "\(folder)/record.yaml"
      try record.write(path: path)
      #expect(try ImageRecord.read(path: path) == record)
      #expect(try ImageRecord.read(path: path).readSystem() == system)

      // A record that was written before there was a choice of held-out images.
      let text = try String(contentsOfFile: path, encoding: .utf8)
      #expect(text.contains("held_out_from: throughout"))
      try Data(text.replacing("    held_out_from: throughout\n", with: "").utf8)
        .write(to: URL(fileURLWithPath: path))
      #expect(try ImageRecord.read(path: path).configuration.training.heldOutFrom == .end)
    }
  }
}
