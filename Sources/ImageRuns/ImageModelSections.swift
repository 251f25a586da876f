import Flow
import Foundation
import Images
import Kernels
import Reporting
import Runs

/// Operations that a page spends on samples, and on test images, at most: some seconds.
private let mostOperations = 1e12
/// Images in a row of a grid.
private let gridColumns = 8
/// Rows of a grid at most.
private let mostRows = 12
/// Test images at most.
private let mostTestImages = 2_000

/// What the model of a run shows when it draws and when it reads test images: grids of samples raw,
/// guided and denoised, accuracy by class, bits per dimension, and statistics of the latents.
struct ReportedImageModel {
  let model: ImageModel
  let record: ImageRecord
  let context: RunContext
  let classNames: [String]

  /// Operations that take one image through the flow once: 2 a weight and token.
  private var operations: Double {
    2 * Double(model.flow.layout.count) * Double(model.flow.configuration.tokens)
  }

  /// The same noise decoded plainly, guided, and with the denoising step.
  func gridSection() throws -> Page.Section {
    let classes = model.configuration.classes
    let rows = min(
      classes > 0 ? min(classes, mostRows) : 4,
      Int(mostOperations / 4 / operations / Double(gridColumns)))
    guard rows > 0 else {
      return Page.Section(
        "Samples of the model",
        [.paragraph("The model is too large to draw from it for this page.")])
    }
    var plan = ImageSamplingPlan(
      count: rows * gridColumns, seed: record.configuration.seed, guidance: nil)
    plan.labels = model.classesByRow(count: plan.count, columns: gridColumns)
    var grids = [
      (
        "Raw samples", "Noise taken through the flow, nothing else.", plan
      )
    ]
    let noise = record.configuration.noise
    let guidance =
      record.configuration.guidance ?? (classes > 0 ? Guidance(weight: 1) : nil)
    if let guidance {
      plan.guidance = guidance
      grids.append(
        (
          "Guided samples",
          "The same noise with a guidance of weight \(guidance.weight): away from what the flow "
            + "would do without the class.", plan
        ))
    }
    if noise.kind == .gaussian {
      let strength = record.configuration.sampling.denoise
      plan.denoising = (noise.deviation, strength > 0 ? strength : 1)
      grids.append(
        (
          guidance == nil ? "Denoised samples" : "Guided and denoised samples",
          "The same once more, with a step along the gradient of the log-density that takes away "
            + "the noise that the flow was trained with (standard deviation \(noise.deviation)).",
          plan
        ))
    }
    return Page.Section(
      "Samples of the model",
      try grids.map { title, words, plan in
        .picture(
          Picture(
            title: title,
            caption: words + (classes > 0 ? " A class in each row." : ""),
            png: try model.drawSamples(plan, context: quiet).grid(model, columns: gridColumns)
              .png(),
            rows: classes > 0 ? Array(classNames.prefix(rows)) : []))
      })
  }

  /// Without the progress, which belongs to the command's own work.
  private var quiet: RunContext {
    var quiet = context
    quiet.onProgress = { _ in }
    return quiet
  }

  /// What the model says of test images: a section that says so where there are none.
  func testSections() -> [Page.Section] {
    let classes = model.configuration.classes
    let count = min(
      mostTestImages, Int(mostOperations / operations / Double(2 + classes)))
    guard count >= 20 else {
      return [
        Page.Section(
          "Test images", [.paragraph("The model is too large to read test images for this page.")])
      ]
    }
    do {
      let images = try ImageTestSet(
        of: record, model: model, source: record.system, count: count,
        advice: "images.yaml names them"
      ) { $0 && classes > 0 }
      return [likelihoodSection(images), latentSection(images)]
    } catch {
      return [
        Page.Section(
          "Test images",
          [.paragraph("There are no test images to read: \(error).")])
      ]
    }
  }

  /// Bits per dimension and the accuracy of the Bayes classifier, class by class.
  private func likelihoodSection(_ images: ImageTestSet) -> Page.Section {
    let set = images.set
    let bits = model.bitsPerDimension(
      set, conditional: set.labels != nil, seed: 1, execution: context.execution)
    let error = bits.standardError.map { "± \($0.fixed(3)), " } ?? ""
    let part = images.available > set.count ? " of \(images.available.grouped)" : ""
    var tiles = [
      Tile(
        set.labels == nil ? "bits per dimension" : "bits per dimension, class given",
        bits.mean.fixed(3), note: "\(error)\(bits.images.grouped)\(part) \(images.name)")
    ]
    var blocks: [Block] = []
    if let labels = set.labels {
      let predicted = model.classify(set, execution: context.execution)
      let correct = zip(predicted, labels).count { $0 == $1 }
      tiles.append(
        Tile(
          "accuracy", "\((100 * Double(correct) / Double(set.count)).fixed(1)) %",
          note: "of the classifier by Bayes' rule"))
      blocks = accuracyBlocks(
        classAccuracies(labels, predicted, classes: classNames.count), images.name)
    }
    let isNoisy = record.configuration.noise.kind == .gaussian
    return Page.Section(
      images.name.sentence,
      [
        .tiles(tiles),
        .paragraph(
          "Bits per dimension are those of uniformly dequantized pixels."
            + (isNoisy
              ? " This flow was trained with Gaussian noise for good samples, and scores badly "
                + "there."
              : "")
            + (images.caveat.map { " \($0)" } ?? "")),
      ] + blocks)
  }

  private func accuracyBlocks(_ accuracies: [ClassAccuracy], _ images: String) -> [Block] {
    let shares = accuracies.map { $0.share?.value }
    func bound(_ sign: Double) -> [Double?] {
      accuracies.map { own in
        own.share.map { 100 * min(1, max(0, $0.value + sign * 1.96 * $0.error)) }
      }
    }
    let rows = accuracies.enumerated().map { number, own in
      let share = shares[number].map { "\((100 * $0).fixed(1)) %" } ?? "–"
      let mistaken = own.mistaken.map { "\(classNames[$0.class]) (\($0.count))" } ?? "–"
      return [classNames[number], "\(own.count)", share, mistaken]
    }
    guard accuracies.count <= 40 else { return [] }
    return [
      .figures([
        Figure(
          "accuracy", title: "Accuracy by class",
          caption: "The share of each class's images that the flow gives the largest likelihood "
            + "under its own class, with 95 % intervals.",
          .chart(
            Chart(
              x: Axis("class"), y: Axis("accuracy", unit: "%", range: 0...100),
              .categories(classNames),
              [
                .init(
                  images, .points, colour: 2, shares.map { $0.map { 100 * $0 } },
                  low: bound(-1), high: bound(1))
              ])))
      ]),
      .table(
        PageTable(
          "\(images.sentence), by their class.",
          columns: ["class", "images", "correct", "most often taken for"], rows: rows)),
    ]
  }

  /// How far the latents of test images, with the noise of the training, are from a normal
  /// distribution; without the images whose latents are not finite.
  private func latentSection(_ images: ImageTestSet) -> Page.Section {
    let (set, size) = (images.set, model.shape.count)
    var pixels = set.scaled
    for image in 0..<set.count {
      var generator = RandomGenerator(seed: 1, stream: .validation, index: image)
      record.configuration.noise.pixelNoise.apply(
        to: &pixels, image: image, size: size, &generator)
    }
    let (z, logDeterminants) = model.encode(
      pixels, labels: set.labels, execution: context.execution)
    let deviations = model.priorVariance.map { $0.squareRoot() }
    let all = z.indices.map { Double(z[$0] / deviations[$0 % size]) }
    func own(_ image: Int) -> ArraySlice<Double> { all[image * size..<(image + 1) * size] }
    let finite = (0..<set.count).filter { image in
      logDeterminants[image].isFinite && own(image).allSatisfy(\.isFinite)
    }
    let leftOut = set.count - finite.count
    let remarks: [Block] =
      leftOut == 0
      ? []
      : [
        .paragraph(
          "\(leftOut.grouped) of \(set.count.grouped) images have latents that are not finite, "
            + "and are left out: the training has diverged.")
      ]
    guard !finite.isEmpty else { return Page.Section("Latents", remarks) }
    let latents = finite.flatMap(own)
    let found = LatentStatistics(latents, dimensions: size)
    let edges = (0...80).map { -4 + Double($0) / 10 }
    var heights = [Double](repeating: 0, count: 80)
    var (below, above) = (0.0, 0.0)
    for latent in latents {
      switch latent {
      case ..<(-4): below += 1
      case 4...: above += 1
      default: heights[min(79, Int((latent + 4) * 10))] += 1
      }
    }
    let count = Double(latents.count)
    let mean = finite.reduce(0) { $0 + logDeterminants[$1] } / Double(finite.count)
    let blocks: [Block] = [
      .tiles([
        Tile("mean", found.mean.fixed(3), note: "0 if normal"),
        Tile("standard deviation", found.deviation.fixed(3), note: "1 if normal"),
        Tile("excess kurtosis", found.kurtosis.fixed(2), note: "0 if normal"),
        Tile(
          "of single dimensions",
          "\(found.leastDeviation.fixed(2)) … \(found.largestDeviation.fixed(2))",
          note: "standard deviations, least and largest"),
        Tile(
          "log-determinant", (mean / Double(model.shape.count)).fixed(3),
          note: "nats per dimension, mean"),
      ]),
      .figures([
        Figure(
          "latents", title: "Latents of \(images.name)",
          caption: "All numbers that \(finite.count.grouped) images become, with the noise of the "
            + "training, over the prior's standard deviation. A perfect flow's follow the normal "
            + "density, which is dashed.",
          .chart(
            Chart(
              x: Axis("latent", range: -4...4), y: Axis("probability density"), .bins(edges),
              [
                .init(
                  "latents", .filledSteps, colour: 2, heights.map { $0 / count * 10 },
                  beyond: (below: below / count, above: above / count)),
                .init(
                  "normal", .dashedLine, colour: 0,
                  (0..<80).map {
                    let x = -3.95 + Double($0) / 10
                    return exp(-x * x / 2) / (2 * .pi).squareRoot()
                  }),
              ])))
      ]),
    ]
    return Page.Section("Latents", remarks + blocks)
  }
}

/// How the images of one class are classified.
struct ClassAccuracy: Equatable {
  var count = 0
  var correct = 0
  /// The other class that they are most often taken for; nil where none is.
  var mistaken: (class: Int, count: Int)?

  /// The share that is correct, and its standard error; nil without images.
  ///
  /// For k of n correct the error is `√(p(1−p)/n)` with `p = (k+1)/(n+2)`, which is not zero when
  /// none or all are correct. (`ImageEvaluationTests`)
  var share: (value: Double, error: Double)? {
    guard count > 0 else { return nil }
    let (k, n) = (Double(correct), Double(count))
    let p = (k + 1) / (n + 2)
    return (k / n, (p * (1 - p) / n).squareRoot())
  }

  static func == (a: Self, b: Self) -> Bool {
    a.count == b.count && a.correct == b.correct && a.mistaken?.class == b.mistaken?.class
      && a.mistaken?.count == b.mistaken?.count
  }
}

extension String {
  /// With a capital letter, as a title.
  fileprivate var sentence: String { prefix(1).uppercased() + dropFirst() }
}

/// The accuracy within each class, [classes]; an image without a prediction counts as wrong.
func classAccuracies(_ labels: [Int], _ predicted: [Int?], classes: Int) -> [ClassAccuracy] {
  (0..<classes).map { label in
    let found = zip(labels, predicted).filter { $0.0 == label }.map(\.1)
    var taken = [Int](repeating: 0, count: classes)
    for case let other? in found where other != label { taken[other] += 1 }
    let worst = taken.indices.max { taken[$0] < taken[$1] } ?? 0
    return ClassAccuracy(
      count: found.count, correct: found.count { $0 == label },
      mistaken: taken.isEmpty || taken[worst] == 0 ? nil : (worst, taken[worst]))
  }
}

/// Moments of latents over their prior's standard deviation.
struct LatentStatistics: Equatable {
  let mean, deviation, kurtosis: Double
  /// Of the single dimensions.
  let leastDeviation, largestDeviation: Double

  /// - Parameter latents: [samples, dimensions].
  init(_ latents: [Double], dimensions: Int) {
    precondition(
      !latents.isEmpty && latents.count % dimensions == 0,
      "\(latents.count) latents of \(dimensions) dimensions")
    let count = Double(latents.count)
    let mean = latents.reduce(0, +) / count
    let variance = latents.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
    let fourth = latents.reduce(0) { sum, latent in
      let square = (latent - mean) * (latent - mean)
      return sum + square * square
    }
    (self.mean, deviation) = (mean, variance.squareRoot())
    kurtosis = variance > 0 ? fourth / count / (variance * variance) - 3 : 0
    let rows = count / Double(dimensions)
    var (sums, squares) = (
      [Double](repeating: 0, count: dimensions), [Double](repeating: 0, count: dimensions)
    )
    for (place, latent) in latents.enumerated() {
      sums[place % dimensions] += latent
      squares[place % dimensions] += latent * latent
    }
    let deviations = zip(sums, squares).map { sum, square in
      max(0, square / rows - sum / rows * (sum / rows)).squareRoot()
    }
    (leastDeviation, largestDeviation) = (deviations.min() ?? 0, deviations.max() ?? 0)
  }
}
