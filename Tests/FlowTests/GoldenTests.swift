import Flow
import Foundation
import Kernels
import TensorFiles
import TestSupport
import Testing

/// One flow of the published code with its results: `NAME.weights.safetensors` and
/// `NAME.expected.safetensors`.
struct Golden: CustomStringConvertible, Sendable {
  let description: String
  let flow: TarFlow
  let weights: [Float]
  let priorVariance: [Float]
  let expected: Safetensors
  let imageSize: Int
  let channels: Int
  let patch: Int

  init(weightsPath: String) throws {
    description = URL(fileURLWithPath: weightsPath).lastPathComponent
    let stored = try Safetensors(path: weightsPath)
    expected = try Safetensors(
      path: weightsPath.replacingOccurrences(of: ".weights.", with: ".expected."))
    struct Configuration: Decodable {
      let imageSize, channels, patchSize, width, blocks, layersPerBlock, headWidth, expansion: Int
      let classes: Int
      let affineScale: Bool
    }
    let text = try #require(stored.metadata["config"])
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let c = try decoder.decode(Configuration.self, from: Data(text.utf8))
    (imageSize, channels, patch) = (c.imageSize, c.channels, c.patchSize)
    let side = c.imageSize / c.patchSize
    var configuration = FlowConfiguration.published(
      tokens: side * side, features: c.channels * c.patchSize * c.patchSize, blocks: c.blocks,
      layers: c.layersPerBlock, width: c.width, headWidth: c.headWidth, classes: c.classes,
      transform: c.affineScale ? .affine : .translation)
    configuration.expansion = c.expansion
    flow = try TarFlow(configuration)
    weights = try flow.weights(from: stored, path: weightsPath)
    priorVariance = try flow.priorVariance(from: stored, path: weightsPath)
  }

  /// Images [batch, channels, height, width] as tokens [batch, tokens, channel · row · column of
  /// the patch].
  func tokens(_ image: [Float]) -> [Float] { permuted(image, inverse: false) }

  func image(_ tokens: [Float]) -> [Float] { permuted(tokens, inverse: true) }

  private func permuted(_ input: [Float], inverse: Bool) -> [Float] {
    var output = input
    let side = imageSize / patch
    let size = channels * imageSize * imageSize
    for sample in 0..<input.count / size {
      for c in 0..<channels {
        for y in 0..<imageSize {
          for x in 0..<imageSize {
            let pixel = sample * size + (c * imageSize + y) * imageSize + x
            let token = (y / patch) * side + x / patch
            let feature = (c * patch + y % patch) * patch + x % patch
            let place = sample * size + token * channels * patch * patch + feature
            if inverse { output[pixel] = input[place] } else { output[place] = input[pixel] }
          }
        }
      }
    }
    return output
  }

  func tensor(_ name: String) throws -> [Float] {
    try #require(expected.tensors[name], "\(description) has no \(name)").values
  }

  func labels(_ name: String) -> [Int]? { expected.tensors[name]?.values.map { Int($0) } }
}

/// What "sample.guidance=1.5,what=ab,temp=1.0,annealed=0" asks for.
private func guidance(named name: String) throws -> Guidance {
  var fields: [Substring: Substring] = [:]
  for field in name.dropFirst("sample.".count).split(separator: ",") {
    let parts = field.split(separator: "=")
    fields[parts[0]] = parts[1]
  }
  return Guidance(
    weight: try #require(fields["guidance"].flatMap { Double($0) }),
    target: try #require(fields["what"].flatMap { Guidance.Target(rawValue: String($0)) }),
    attentionTemperature: try #require(fields["temp"].flatMap { Double($0) }),
    isAnnealed: fields["annealed"] == "1")
}

/// Within 1e-4 of the largest expected element: float32 sums in another order.
private func expectGolden(
  _ found: [Float], _ expected: [Float], _ label: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let scale = expected.map { Double(abs($0)) }.max() ?? 1
  expectClose(
    found.map(Double.init), expected.map(Double.init), absolute: 1e-4 * max(scale, 1e-30), label,
    sourceLocation: sourceLocation)
}

@Suite struct GoldenTests {
  init() throws { try loadBLAS() }

  @Test func `the goldens of the repository are found`() {
    #expect(goldenFlows.count >= 3)
  }

  @Test(arguments: goldenFlows)
  func `encoding gives the published outputs and log-determinants`(path: String) throws {
    let golden = try Golden(weightsPath: path)
    let x = golden.tokens(try golden.tensor("x"))
    let (z, logDeterminant) = golden.flow.encode(
      x, labels: golden.labels("labels"), weights: golden.weights)
    expectGolden(z, try golden.tensor("z"), "z")
    var output = x
    for block in 0..<golden.flow.configuration.blocks {
      (output, _) = golden.flow.encode(
        output, labels: golden.labels("labels"), blocks: block..<block + 1,
        weights: golden.weights)
      expectGolden(output, try golden.tensor("block_output.\(block)"), "block \(block)")
    }
    #expect(output == z)
    expectGolden(
      logDeterminant.map { Float($0 / Double(golden.flow.dimensions)) },
      try golden.tensor("log_det_per_dim"),
      "log_det_per_dim")
  }

  @Test(arguments: goldenFlows)
  func `the loss and every gradient are the published ones`(path: String) throws {
    let golden = try Golden(weightsPath: path)
    var gradient = [Float](repeating: 0, count: golden.flow.layout.count)
    let (loss, inputGradient) = golden.flow.lossAndGradient(
      golden.tokens(try golden.tensor("x")), labels: golden.labels("labels"),
      weights: golden.weights,
      gradient: &gradient)
    #expect(abs(loss - halfLogTwoPi - Double(try golden.tensor("loss")[0])) < 1e-4)
    expectGolden(golden.image(inputGradient), try golden.tensor("grad.x"), "grad.x")
    for parameter in golden.flow.layout.parameters {
      expectGolden(
        Array(gradient[parameter.offset..<parameter.offset + parameter.count]),
        try golden.tensor("grad.\(parameter.name)"),
        parameter.name)
    }
  }

  @Test(arguments: goldenFlows)
  func `decoding gives the published samples, guided ones too`(path: String) throws {
    let golden = try Golden(weightsPath: path)
    let z = golden.flow.scaled(
      try golden.tensor("prior_noise"), variance: golden.priorVariance)
    let names = golden.expected.tensors.keys.filter { $0.hasPrefix("sample.") }.sorted()
    #expect(names.contains("sample.guidance=0,what=ab,temp=1.0,annealed=0"))
    for name in names {
      let x = golden.flow.decode(
        z, labels: golden.labels("sample_labels"), guidance: try guidance(named: name),
        weights: golden.weights
      ).x
      expectGolden(golden.image(x), try golden.tensor(name), name)
    }
  }

  @Test(arguments: goldenFlows)
  func `the denoised samples are the published ones`(path: String) throws {
    let golden = try Golden(weightsPath: path)
    let x = golden.tokens(
      try golden.tensor("sample.guidance=0,what=ab,temp=1.0,annealed=0"))
    let denoised = golden.flow.denoised(
      x, labels: golden.labels("sample_labels"), deviation: 0.1, weights: golden.weights)
    let expected = try golden.tensor("denoised.sigma=0.1")
    expectGolden(golden.image(denoised), expected, "denoised")
    // Not only the samples that it starts from.
    let step = zip(x, denoised).map { $1 - $0 }
    expectGolden(step, zip(x, golden.tokens(expected)).map { $1 - $0 }, "the step")
  }

  @Test(arguments: goldenFlows)
  func `ten AdamW steps give the published losses`(path: String) throws {
    let golden = try Golden(weightsPath: path)
    let x = golden.tokens(try golden.tensor("x"))
    var weights = golden.weights
    var moments = AdamW.Moments(count: weights.count)
    for (step, expected) in try golden.tensor("train_losses").enumerated() {
      var gradient = [Float](repeating: 0, count: weights.count)
      let (loss, _) = golden.flow.lossAndGradient(
        x, labels: golden.labels("labels"), weights: weights, gradient: &gradient)
      #expect(abs(loss - halfLogTwoPi - Double(expected)) < 1e-4, "step \(step)")
      AdamW().update(
        step: step + 1, learningRate: 1e-3, gradient: gradient, moments: &moments,
        weights: &weights)
    }
  }
}
