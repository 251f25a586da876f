import Flow
import Foundation
import Images
import Kernels
import TensorFiles
import TestSupport
import Testing

@Suite struct ImageModelTests {
  init() throws { try loadBLAS() }

  /// Weights away from their initial zeros.
  private static func model(classes: Int, affine: Bool = true) throws -> ImageModel {
    var configuration = ImageModelConfiguration(
      imageSize: 4, channels: 1, classes: classes,
      network: ImageNetwork(patch: 2, width: 8, blocks: 2, layers: 1, headWidth: 4))
    configuration.network.volumePreserving = !affine
    let flow = try TarFlow(try configuration.flow())
    var generator = RandomGenerator(seed: 11, stream: .testing)
    let weights = flow.layout.initialValues(seed: 5).map { $0 + 0.2 * Float(generator.normal()) }
    var file = Safetensors()
    file.tensors = flow.tensors(weights)
    return try ImageModel(configuration, file: file, path: "made up")
  }

  private static func images(_ count: Int) -> ImageSet {
    var generator = RandomGenerator(seed: 3, stream: .testing)
    return ImageSet(
      shape: ImageShape(channels: 1, size: 4),
      pixels: (0..<16 * count).map { _ in UInt8.random(in: 0...255, using: &generator) })
  }

  @Test(arguments: goldenFlows)
  func `shapes alone say what the metadata says`(path: String) throws {
    var file = try Safetensors(path: path)
    let told = try ImageModelConfiguration(of: file, path: path, hints: .init())
    for hints in [
      ImageModelConfiguration.Hints(channels: told.channels + 1),
      .init(channels: told.channels, headWidth: told.network.headWidth / 2),
    ] {
      #expect(throws: ImageError.self) {
        _ = try ImageModelConfiguration(of: file, path: path, hints: hints)
      }
    }
    file.metadata = [:]
    let hints = ImageModelConfiguration.Hints(headWidth: told.network.headWidth)
    #expect(try ImageModelConfiguration(of: file, path: path, hints: hints) == told)
    let again = try JSONDecoder().decode(
      ImageModelConfiguration.self, from: Data(told.json.utf8))
    #expect(again == told)
    #expect(throws: ImageError.self) {
      _ = try ImageModelConfiguration(of: file, path: path, hints: .init(channels: 5))
    }
  }

  @Test func `shapes that fit no square image name the channels that were assumed`() throws {
    var file = Safetensors()
    file.tensors = [
      "blocks.0.proj_in.weight": StoredTensor(
        shape: [1, 12], values: .init(repeating: 0, count: 12)),
      "blocks.0.pos_embed": StoredTensor(shape: [4, 1], values: .init(repeating: 0, count: 4)),
    ]
    #expect(
      throws: ImageError.channels(
        path: "w", problem: "4 tokens of 12 features make no square image of 1 channel")
    ) { _ = try ImageModelConfiguration(of: file, path: "w", hints: .init(channels: 1)) }
  }

  @Test func `sizes and numbers that no network has are refused`() throws {
    var file = Safetensors()
    let shapes = [
      "proj_in.weight": [0, Int.max], "pos_embed": [Int.max, 0], "proj_out.weight": [0],
      "attn_blocks.0.mlp.main.0.weight": [0, 0], "attn_blocks.9223372036854775807.x": [0],
    ]
    for (name, shape) in shapes {
      file.tensors["blocks.0.\(name)"] = StoredTensor(shape: shape, values: [])
    }
    file.tensors["blocks.9223372036854775807.x"] = StoredTensor(shape: [0], values: [])
    for size in [Int.max, 1 << 62] {
      file.tensors["blocks.0.proj_in.weight"]?.shape = [0, size]
      #expect(throws: ImageError.self) {
        _ = try ImageModelConfiguration(of: file, path: "x", hints: .init()).flow()
      }
    }
  }

  @Test func `files that are no weights of images are refused by name`() throws {
    var file = Safetensors()
    #expect(
      throws: ImageError.content(
        path: "w", problem: "has no tensor blocks.0.proj_in.weight; are these weights of TarFlow?")
    ) { _ = try ImageModelConfiguration(of: file, path: "w", hints: .init()) }
    file.metadata["config"] = "{}"
    #expect(
      throws: ImageError.content(
        path: "w", problem: "its metadata 'config' is no image configuration")
    ) { _ = try ImageModelConfiguration(of: file, path: "w", hints: .init()) }
    var configuration = ImageModelConfiguration(
      imageSize: 6, channels: 1, network: ImageNetwork(patch: 4, width: 8, blocks: 1, layers: 1))
    #expect(
      throws: FlowError.configuration(
        "patch is 4, expected a divisor of the image size, 6")
    ) { _ = try configuration.flow() }
    configuration.channels = 2
    #expect(throws: FlowError.configuration("channels is 2, expected 1 or 3")) {
      _ = try configuration.flow()
    }
  }

  @Test func `chunks and workers do not change what is encoded`() throws {
    let model = try Self.model(classes: 3)
    let pixels = Self.images(150).scaled
    let labels = (0..<150).map { $0 % 4 - 1 }
    let whole = model.flow.encode(
      model.patches.tokens(pixels), labels: labels, weights: model.weights)
    let serial = model.encode(pixels, labels: labels, execution: .serial)
    for workers in [1, 3] {
      let (z, logDeterminant) = model.encode(
        pixels, labels: labels, execution: Execution(workers: workers))
      expectClose(z.map { Double($0) }, whole.z.map { Double($0) }, absolute: 1e-5, "z")
      expectClose(logDeterminant, whole.logDeterminant, absolute: 1e-4, "log-determinant")
      #expect(z == serial.z && logDeterminant == serial.logDeterminant)
    }
    var gradient = [Float](repeating: 0, count: model.weights.count)
    let (_, ofTokens) = model.flow.lossAndGradient(
      model.patches.tokens(pixels), labels: labels, weights: model.weights, gradient: &gradient)
    let found = model.gradients(pixels, labels: labels)
    expectClose(
      found.parameters.map { Double($0) }, gradient.map { Double($0) }, absolute: 1e-5,
      relative: 1e-5,
      "weights")
    expectClose(
      found.images.map { Double($0) }, model.patches.images(ofTokens).map { Double($0) },
      absolute: 1e-6, "images")
  }

  @Test func `a decoding shown block by block ends in the same images`() throws {
    let model = try Self.model(classes: 0, affine: false)
    let noise = model.noise(5, seed: 2)
    #expect(model.noise(2, from: 3, seed: 2) == Array(noise[48...]))
    var shown: [[Float]] = []
    let images = model.decode(
      noise, labels: nil, guidance: nil, execution: Execution(workers: 2),
      onBlock: { shown.append($0) })
    #expect(shown.count == 3 && shown.last == images)
    #expect(shown.first == model.patches.images(noise))
    #expect(
      images == model.decode(noise, labels: nil, guidance: nil, execution: .serial))
  }

  @Test func `bits per dimension are the published formula`() throws {
    let model = try Self.model(classes: 3)
    var set = Self.images(520)
    set.labels = (0..<520).map { $0 % 3 }
    for conditional in [false, true] {
      let found = model.bitsPerDimension(
        set, conditional: conditional, seed: 9, execution: Execution(workers: 2))
      var bits: [Double] = []
      for index in 0..<520 {
        var pixels = set[index..<index + 1].scaled
        var generator = RandomGenerator(seed: 9, stream: .validation, index: index)
        for place in pixels.indices {
          let value = Double((pixels[place] + 1) * 127.5)
          pixels[place] = Float((value + generator.uniform()) / 256 * 2 - 1)
        }
        let (z, logDeterminant) = model.encode(
          pixels, labels: [conditional ? index % 3 : -1], execution: .serial)
        let prior = z.reduce(0.0) { $0 - 0.5 * (Double($1) * Double($1) + log(2 * .pi)) }
        let nll = -(prior - log(128) * 16) / 16 - logDeterminant[0] / 16
        bits.append(nll / log(2))
      }
      let mean = bits.reduce(0, +) / 520
      let variance = bits.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 519
      expectClose([found.mean], [mean], relative: 1e-5, "bits")
      let error = try #require(found.standardError)
      expectClose([error], [(variance / 520).squareRoot()], relative: 1e-3, "error")
      #expect(found.images == 520)
    }
    let single = model.bitsPerDimension(
      set[0..<1], conditional: false, seed: 9, execution: .serial)
    #expect(single.mean.isFinite && single.standardError == nil)
  }

  @Test func `the classifier takes the class with the largest density`() throws {
    let model = try Self.model(classes: 3)
    let set = Self.images(300)
    let predicted = model.classify(set, execution: Execution(workers: 2))
    let losses = (0..<3).map { label in
      let (z, logDeterminant) = model.encode(
        set.scaled, labels: [Int](repeating: label, count: 300), execution: .serial)
      return (0..<300).map { image in
        z[16 * image..<16 * (image + 1)].reduce(0.0) { $0 + 0.5 * Double($1) * Double($1) }
          - logDeterminant[image]
      }
    }
    let expected = (0..<300).map { image in
      (0..<3).min { losses[$0][image] < losses[$1][image] } ?? -1
    }
    #expect(predicted == expected.map { Optional($0) })
    #expect(Set(predicted).count > 1)
  }

  @Test func `an image that no class gives a finite density has no class`() throws {
    let known = try Self.model(classes: 3)
    var file = Safetensors()
    file.tensors = known.flow.tensors(known.weights)
    // Their exponential overflows.
    let bias = try #require(file.tensors["blocks.0.proj_out.bias"])
    file.tensors["blocks.0.proj_out.bias"]?.values = bias.values.map { _ in -1e38 }
    let model = try ImageModel(known.configuration, file: file, path: "made up")
    #expect(model.classify(Self.images(3), execution: .serial) == [nil, nil, nil])
  }
}
