import Foundation
import Images
import Kernels
import Reporting
import Runs

/// Which figures are wanted of a flow and images.
package struct ImageEvaluationRequest: Equatable, Sendable {
  package var bits: Bool
  package var accuracy: Bool
  /// Whether bits are of images whose class is given.
  package var conditional = false
  /// The seed of the dequantization.
  package var seed: UInt64 = 1
  /// Whether both figures are wanted where they can be had.
  package let isComplete: Bool

  /// - Parameters: One figure alone, or both, or none of them, which means both where they can be.
  package init(bits: Bool, accuracy: Bool) {
    isComplete = !bits && !accuracy
    (self.bits, self.accuracy) = (bits || isComplete, accuracy || isComplete)
  }

  /// Whether the classes of images have to be read.
  package func readsClasses(_ hasClasses: Bool) -> Bool {
    (accuracy && !isComplete) || conditional || (accuracy && hasClasses)
  }
}

/// How well a flow knows images that it has not learned from.
package struct ImageEvaluation {
  /// What the flow is called.
  let name: String
  let images: ImageTestSet
  /// `noise` and `noise_deviation` of the weights.
  let noise: (kind: String, deviation: String)?
  let classNames: [String]
  let isConditional: Bool
  private(set) var bits: BitsPerDimension?
  /// Of each class.
  private(set) var accuracies: [ClassAccuracy]?
  /// Images that no class gives a finite density.
  private var withoutDensity = 0
  /// The figures that there are not, and why.
  private(set) var leftOut: [(figure: String, reason: String)] = []

  /// Computes what is wanted and can be had.
  ///
  /// - Parameter distanceAdvice: How a Fréchet distance can be had, for the note that it is left
  ///   out.
  package init(
    _ request: ImageEvaluationRequest, of model: ImageModel, name: String, on images: ImageTestSet,
    distanceAdvice: String, context: RunContext
  ) {
    self.name = name
    self.images = images
    let set = images.set
    noise = model.notes["noise"].map { ($0, model.notes["noise_deviation"] ?? "") }
    classNames = model.classNames
    isConditional = request.conditional && set.labels != nil
    if request.bits {
      bits = model.bitsPerDimension(
        set, conditional: request.conditional, seed: request.seed, execution: context.execution,
        onProgress: context.counting("bits per dimension", of: set.count))
    }
    if request.accuracy, let labels = set.labels {
      let predicted = model.classify(
        set, execution: context.execution,
        onProgress: context.counting("classifying", of: set.count))
      accuracies = classAccuracies(labels, predicted, classes: classNames.count)
      withoutDensity = predicted.count { $0 == nil }
    } else if request.accuracy {
      leftOut.append(
        (
          "accuracy",
          classNames.isEmpty
            ? "the flow has no classes to tell apart" : "the images have no classes"
        ))
    }
    if request.isComplete {
      leftOut.append(
        (
          "Fréchet distance",
          "it compares features of an Inception network, whose weights are no part of this program; "
            + distanceAdvice
        ))
    }
  }

  /// The share of images that are classified correctly, and its standard error.
  package var accuracy: (share: Double, error: Double)? {
    guard let accuracies else { return nil }
    let correct = accuracies.reduce(0) { $0 + $1.correct }
    return ClassAccuracy(count: images.set.count, correct: correct).share.map {
      (share: $0.value, error: $0.error)
    }
  }
}

extension ImageEvaluation {
  /// The figures for programs.
  package var facts: [Fact] {
    var facts: [Fact] = [("images", .count(images.set.count)), ("images are", .text(images.name))]
    if let bits {
      facts += [
        ("bits per dimension", .number(bits.mean)),
        ("class given", .text(isConditional ? "yes" : "no")),
      ]
      if let error = bits.standardError { facts.append(("standard error", .number(error))) }
    }
    if let accuracy {
      facts += [
        ("accuracy %", .number(100 * accuracy.share)),
        ("accuracy error %", .number(100 * accuracy.error)),
      ]
    }
    return facts + leftOut.map { ("left out \($0.figure)", .text($0.reason)) }
  }

  /// The figures for people.
  package var table: String {
    var table = TextTable([.init(.left), .init(.right), .init(.right), .init(.right)])
    table.rows.append(["", "value", "± error", "images"])
    let count = images.set.count.grouped
    if let accuracy {
      table.rows.append([
        "accuracy (%)", (100 * accuracy.share).fixed(1), (100 * accuracy.error).fixed(1), count,
      ])
    }
    if let bits {
      table.rows.append([
        isConditional ? "bits per dimension, class given" : "bits per dimension",
        bits.mean.fixed(3), bits.standardError?.fixed(3) ?? "", count,
      ])
    }
    let part =
      images.available > images.set.count
      ? "\(count) of \(images.available.grouped)" : count
    let title = "\(name), \(part) \(images.name)"
    var lines = [title, ""] + table.lines
    if !remarks.isEmpty { lines += [""] + remarks }
    if !leftOut.isEmpty {
      lines += ["", "Left out:"] + leftOut.map { "  \($0.figure): \($0.reason)." }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private var remarks: [String] {
    var remarks: [String] = []
    if let accuracies {
      let chance = (100 / Double(classNames.count)).fixed(1)
      remarks.append(
        "Accuracy is that of the classifier by Bayes' rule with classes that are equally frequent; "
          + "guessing gives \(chance) %.")
      if withoutDensity > 0 {
        remarks.append(
          "The flow gives \(withoutDensity.grouped) of the images no finite density; they count as "
            + "wrong.")
      }
      let known = zip(classNames, accuracies).filter { $1.count > 0 }
      if classNames.count <= 20 {
        let shares = known.map { "\($0) \($1.correct)/\($1.count)" }
        remarks.append("Correct of each class: \(shares.joined(separator: ", ")).")
      }
      let absent = zip(classNames, accuracies).filter { $1.count == 0 }.map(\.0)
      if !absent.isEmpty {
        let shown = absent.prefix(5).joined(separator: ", ") + (absent.count > 5 ? ", …" : "")
        remarks.append("No image is of \(shown).")
      }
    }
    if bits != nil, let noise, noise.kind != "uniform" {
      remarks.append(
        "Bits are those of uniformly dequantized pixels. This flow was trained with "
          + (noise.kind == "gaussian"
            ? "Gaussian noise of \(noise.deviation) for good samples" : "no noise")
          + ", and scores badly there.")
    }
    return remarks + [images.caveat].compactMap { $0 }
  }
}
