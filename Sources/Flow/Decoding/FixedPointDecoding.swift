import Foundation
import Kernels

/// How a block is inverted by iteration: Jacobi's within a segment of tokens, Gauss and Seidel's from one to the next.
///
/// Token t of `x = z · exp(a(x)) + b(x)` depends on the tokens before it alone, so that iterating a segment of n tokens from any
/// start ends after n steps at the latest, and much earlier where the dependence is weak.
/// - SeeAlso: Liu & Qin 2025, *Accelerate TarFlow sampling with GS-Jacobi iteration* (arXiv 2505.12849).
package struct FixedPoint: Equatable, Sendable {
  /// A segment is done when no number of any of its samples has moved by more; 0 goes on to the exact solution.
  package var tolerance: Double
  /// Tokens of a segment.
  package var segment: Int

  package init(tolerance: Double, segment: Int) {
    precondition(tolerance >= 0 && segment >= 1, "tolerance \(tolerance), segment \(segment)")
    self.tolerance = tolerance
    self.segment = segment
  }
}

extension TarFlow {
  /// Whether the flow has the published form, which fixed-point decoding is for.
  package var hasPublishedForm: Bool {
    configuration.transform != .mixture && !configuration.withinToken && !configuration.startToken
      && !configuration.finalNorm
  }

  /// As `decode`, by fixed-point iteration; for flows of the published form.
  ///
  /// - Returns: Also the work: how often a token went through its Transformer, on average; 1 for sequential decoding.
  package func decode(
    _ z: [Float], labels: [Int]? = nil, guidance: Guidance? = nil, by fixedPoint: FixedPoint,
    blocks range: Range<Int>? = nil, weights: [Float], execution: Execution = Execution(),
    onProgress: (@Sendable (Int) -> Void)? = nil
  ) -> (x: [Float], logDeterminant: [Double], passes: Double) {
    precondition(hasPublishedForm, "fixed-point decoding of a flow with a start token or head")
    let batch = batchSize(z, labels: labels, weights: weights)
    let blocks = blocks[range ?? 0..<blocks.count]
    let guidance = guidance?.weight == 0 ? nil : guidance
    var x = z
    var logDeterminant = [Double](repeating: 0, count: batch)
    // A worker takes about 768 tokens at once; fixed, since samples that go together end together.
    let chunk = max(1, 768 / min(fixedPoint.segment, configuration.tokens))
    let chunks = (batch + chunk - 1) / chunk
    let arenas = (0..<execution.workers).map { _ in Arena() }
    var rowsDone = [Int](repeating: 0, count: chunks)
    guard batch > 0 else { return (x, logDeterminant, 0) }
    withWeights(weights, panels: panels(weights, execution)) { w in
      x.withUnsafeMutableMatrix(columns: configuration.features) { x in
        logDeterminant.withBase { logDeterminant in
          rowsDone.withUnsafeMutableBufferPointer { rowsDone in
            // Different chunks touch different elements.
            nonisolated(unsafe) let rowsDone = rowsDone
            parallel(chunks, workers: arenas.count) { index, worker in
              let samples = index * chunk..<min(batch, (index + 1) * chunk)
              for block in blocks.reversed() {
                arenas[worker].reset()
                rowsDone[index] += block.decode(
                  x.rows(rows(of: samples)), labels: labels.map { Array($0[samples]) },
                  guidance: guidance, by: fixedPoint, weights: w,
                  logDeterminant: logDeterminant + samples.lowerBound, arena: arenas[worker])
              }
              onProgress?(samples.count)
            }
          }
        }
      }
    }
    let sequential = batch * max(1, configuration.tokens - 1) * blocks.count
    return (x, logDeterminant, Double(rowsDone.reduce(0, +)) / Double(sequential))
  }
}

extension FlowBlock {
  /// Inverts z [batch · tokens, D] in place, adds log|∂x/∂z| of each sample, returns the rows that went through the layers.
  func decode(
    _ samples: Matrix, labels: [Int]?, guidance: Guidance?, by fixedPoint: FixedPoint,
    weights w: Weights, logDeterminant: UnsafeMutablePointer<Double>, arena: Arena
  ) -> Int {
    let batch = samples.rows / flow.tokens
    // Position by position, so that a segment's rows are together.
    let z = arena.matrix(samples.rows, flow.features)
    let x = arena.matrix(samples.rows, flow.features)
    for position in 0..<flow.tokens {
      for sample in 0..<batch {
        z[position * batch + sample].update(
          from: samples[sample * flow.tokens + order[position]], count: flow.features)
      }
    }
    x.copy(from: z)
    func pass(_ labels: [Int]?, _ temperature: Double) -> SegmentPass {
      SegmentPass(
        labels: labels, temperature: Float(temperature),
        caches: parameters.layers.map { _ in
          KeyValueCache(
            batch: batch, tokens: flow.tokens, heads: heads, headWidth: flow.headWidth, in: arena)
        })
    }
    let conditional = pass(labels, 1)
    let unconditional = guidance.map { pass(nil, $0.attentionTemperature) }
    // The last segment may be shorter than the others.
    func memory(_ rows: Int, after last: SegmentMemory?) -> SegmentMemory {
      if let last, last.transformParameters.rows == rows { return last }
      return SegmentMemory(rows: rows, flow: flow, weights: w, in: arena)
    }
    var first: SegmentMemory?
    var second: SegmentMemory?
    var rowsDone = 0
    for start in stride(from: 1, to: flow.tokens, by: fixedPoint.segment) {
      let outputs = start..<min(flow.tokens, start + fixedPoint.segment)
      let own = memory(outputs.count * batch, after: first)
      first = own
      if unconditional != nil { second = memory(outputs.count * batch, after: second) }
      for _ in outputs {
        run(conditional, own, x: x, outputs: outputs, batch: batch, weights: w)
        rowsDone += outputs.count * batch
        if let guidance, let unconditional, let second {
          run(unconditional, second, x: x, outputs: outputs, batch: batch, weights: w)
          for (place, position) in outputs.enumerated() {
            let rows = place * batch..<(place + 1) * batch
            guidance.apply(
              to: own.transformParameters.rows(rows),
              unconditional: second.transformParameters.rows(rows),
              index: AffineIndex(flow), features: flow.features,
              weight: guidance.weight(at: position, of: flow.tokens))
          }
        }
        let rows = outputs.lowerBound * batch..<outputs.upperBound * batch
        let change = update(x.rows(rows), z: z.rows(rows), parameters: own.transformParameters)
        if change <= fixedPoint.tolerance { break }
      }
      let index = AffineIndex(flow)
      for row in 0..<own.transformParameters.rows {
        for d in 0..<flow.features {
          logDeterminant[row % batch] += Double(index.logScale(own.transformParameters[row], d))
        }
      }
    }
    for position in 0..<flow.tokens {
      for sample in 0..<batch {
        samples[sample * flow.tokens + order[position]].update(
          from: x[position * batch + sample], count: flow.features)
      }
    }
    return rowsDone
  }

  /// The transform's parameters of the outputs from the tokens before them, as they are now.
  private func run(
    _ pass: SegmentPass, _ memory: SegmentMemory, x: Matrix, outputs: Range<Int>, batch: Int,
    weights w: Weights
  ) {
    let entering = x.rows((outputs.lowerBound - 1) * batch..<(outputs.upperBound - 1) * batch)
    linear(
      entering, weight: parameters.projIn.matrix(w), bias: parameters.projIn.bias.vector(w),
      into: memory.layer.input, scratch: memory.scratch.products)
    for row in 0..<entering.rows {
      addConditioning(
        to: memory.layer.input[row], position: outputs.lowerBound - 1 + row / batch,
        label: pass.labels?[row % batch], weights: w)
    }
    for (layer, cache) in zip(parameters.layers, pass.caches) {
      transformerLayer(memory.layer, layer, weights: w, scratch: memory.scratch) { qkv, out in
        for place in 0..<outputs.count {
          let rows = place * batch..<(place + 1) * batch
          cache.attend(
            qkv.rows(rows), position: outputs.lowerBound - 1 + place,
            temperature: pass.temperature, into: out.rows(rows))
        }
      }
      memory.layer.input.copy(from: memory.layer.output)
    }
    if let projOut = parameters.projOut {
      linear(
        memory.layer.input, weight: projOut.matrix(w), bias: projOut.bias.vector(w),
        into: memory.transformParameters, scratch: memory.scratch.products)
    }
  }

  /// `x ← z · exp(a) + b`; returns the largest change, not a number when one of them is not.
  private func update(_ x: Matrix, z: Matrix, parameters: Matrix) -> Double {
    let index = AffineIndex(flow)
    var largest: Float = 0
    for row in 0..<x.rows {
      for d in 0..<flow.features {
        let value =
          z[row][d] * expf(index.logScale(parameters[row], d)) + index.shift(parameters[row], d)
        let change = abs(value - x[row][d])
        if !(change <= largest) { largest = change }
        x[row][d] = value
      }
    }
    return Double(largest)
  }
}

/// One of the passes of guided decoding, with its keys and values.
private struct SegmentPass {
  let labels: [Int]?
  let temperature: Float
  let caches: [KeyValueCache]
}

/// The memory of a pass over a segment.
private struct SegmentMemory {
  let layer: LayerCache
  let transformParameters: Matrix
  let scratch: LayerScratch

  init(rows: Int, flow: FlowConfiguration, weights: Weights, in arena: Arena) {
    layer = LayerCache(input: arena.matrix(rows, flow.width), flow: flow, in: arena)
    transformParameters = arena.matrix(rows, flow.features * flow.parametersPerFeature)
    scratch = LayerScratch(rows: rows, flow: flow, weights: weights, in: arena)
  }
}
