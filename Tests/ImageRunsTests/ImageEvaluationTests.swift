import Flow
import Foundation
import Images
import Kernels
import Runs
import RunsTestSupport
import TestSupport
import Testing

@testable import ImageRuns

@Suite struct ImageEvaluationTests {
  private let names = ["ant", "bee", "cat"]

  /// A flow of 4×4 pictures that has learned nothing.
  private func model(_ folder: String, classes: Int, noise: String) throws -> ImageModel {
    let shape = ImageModelConfiguration(
      imageSize: 4, channels: 1, classes: classes,
      network: ImageNetwork(patch: 2, width: 8, blocks: 1, layers: 1, headWidth: 8))
    let flow = try TarFlow(try shape.flow())
    var notes = ["config": shape.json, "noise": noise, "noise_deviation": "0.1"]
    if classes > 0 { notes["class_folders"] = names.joined(separator: "\n") }
    try Checkpoint(
      flow: flow.configuration, state: TrainingState(flow, seed: 1), notes: notes
    ).writeModel(path: "\(folder)/model")
    return try ImageModel(path: "\(folder)/model")
  }

  /// Six pictures of ant, four of bee, none of cat.
  private func files(_ folder: String) throws -> ImageSystem.Files {
    for (name, count) in [("ant", 6), ("bee", 4), ("cat", 0)] {
      try createFolder("\(folder)/set/\(name)")
      for place in 0..<count {
        try writePNG(
          (0..<16).map { UInt8(($0 * 31 + place * 57) % 256) }, channels: 1, width: 4, height: 4,
          path: "\(folder)/set/\(name)/\(place).png")
      }
    }
    return ImageSystem.Files(images: "\(folder)/set", labels: nil)
  }

  private func evaluation(
    classes: Int = 3, noise: String = "gaussian", bits: Bool = false, accuracy: Bool = false,
    count: Int? = nil
  ) throws -> ImageEvaluation {
    try loadBLAS()
    return try withTemporaryFolder { folder in
      let model = try model(folder, classes: classes, noise: noise)
      let request = ImageEvaluationRequest(bits: bits, accuracy: accuracy)
      let images = try ImageTestSet(
        try files(folder), of: model, source: "run", count: count,
        readsClasses: request.readsClasses)
      return ImageEvaluation(
        request, of: model, name: "run", on: images, distanceAdvice: "compare two files",
        context: CapturedLog().context())
    }
  }

  @Test func `both figures have an error, and what is left out a reason`() throws {
    let found = try evaluation()
    let (share, error) = try #require(found.accuracy)
    let p = (10 * share + 1) / 12
    expectClose([error], [(p * (1 - p) / 10).squareRoot()], relative: 1e-12)
    #expect(found.accuracies?.map(\.count) == [6, 4, 0])
    let lines = found.table.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[0] == "run, 10 test images")
    #expect(lines[2].contains(#/^ +value +± error +images$/#))
    #expect(lines[3].contains(#/^accuracy \(%\) +[0-9.]+ +[0-9.]+ +10$/#))
    #expect(lines[4].contains(#/^bits per dimension +[0-9.]+ +[0-9.]+ +10$/#))
    #expect(found.table.contains("guessing gives 33.3 %"))
    #expect(found.table.contains("No image is of cat."))
    #expect(found.table.contains("Gaussian noise of 0.1 for good samples"))
    #expect(
      found.table.hasSuffix(
        "Left out:\n  Fréchet distance: it compares features of an Inception network, whose "
          + "weights are no part of this program; compare two files.\n"))
    let facts = Dictionary(found.facts.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
    #expect(facts["images"] == .count(10) && facts["accuracy %"] == .number(100 * share))
    #expect(facts["accuracy error %"] == .number(100 * error))
    #expect(facts["bits per dimension"] == found.bits.map { .number($0.mean) })
  }

  @Test func `a flow without classes has no accuracy, and says so`() throws {
    let found = try evaluation(classes: 0, noise: "uniform")
    #expect(found.accuracy == nil && found.bits?.images == 10)
    #expect(found.table.contains("  accuracy: the flow has no classes to tell apart."))
    #expect(!found.table.contains("noise"))
  }

  @Test func `what is asked for alone comes alone`() throws {
    let bits = try evaluation(bits: true, count: 4)
    #expect(bits.accuracy == nil && bits.leftOut.isEmpty && bits.bits?.images == 4)
    #expect(bits.table.hasPrefix("run, 4 of 10 test images\n"))
    // Of a folder that lies class by class, some of each.
    #expect(try evaluation(count: 5).accuracies?.map(\.count) == [3, 2, 0])
    let accuracy = try evaluation(accuracy: true)
    #expect(accuracy.bits == nil && accuracy.accuracy != nil && accuracy.leftOut.isEmpty)
  }

  @Test func `classes are read where they are wanted or there`() {
    let request = ImageEvaluationRequest(bits: false, accuracy: true)
    #expect(request.readsClasses(false) && !request.isComplete)
    #expect(!ImageEvaluationRequest(bits: true, accuracy: false).readsClasses(true))
    let both = ImageEvaluationRequest(bits: false, accuracy: false)
    #expect(both.readsClasses(true) && !both.readsClasses(false))
  }
}
