import Foundation
import Kernels

extension FlowBlock {
  /// Inverts a chunk z [batch · tokens, D] in place, segment by segment; adds log|∂x/∂z| of each
  /// sample.
  ///
  /// - Returns: The rows that went through the layers.
  func invertByIteration(
    _ chunk: Chunk, guidance: Guidance?, _ fixedPoint: FixedPoint,
    logDeterminant: UnsafeMutablePointer<Double>
  ) -> Int {
    let z = chunk.arena.matrix(chunk.x.rows, flow.features)
    let x = chunk.arena.matrix(chunk.x.rows, flow.features)
    gatherPositions(chunk.x, into: z)
    x.copy(from: z)
    var iteration = SegmentIteration(
      self, chunk, guidance: guidance, x: x, z: z, segment: fixedPoint.segment)
    var rows = 0
    for start in stride(from: 1, to: flow.tokens, by: fixedPoint.segment) {
      iteration.begin(start..<min(flow.tokens, start + fixedPoint.segment))
      for _ in iteration.outputs {
        let change = iteration.iterate()
        rows += iteration.rows.count
        if change <= fixedPoint.tolerance { break }
      }
      iteration.addLogDeterminant(to: logDeterminant)
    }
    scatterPositions(x, into: chunk.x)
    return rows
  }

  /// Copies samples into the block's order, position by position, so that a segment's rows are
  /// together: [tokens · batch, D].
  private func gatherPositions(_ samples: Matrix, into positions: Matrix) {
    let batch = samples.rows / flow.tokens
    for position in 0..<flow.tokens {
      for sample in 0..<batch {
        positions[position * batch + sample].update(
          from: samples[sample * flow.tokens + order[position]], count: flow.features)
      }
    }
  }

  /// The reverse of `gatherPositions`.
  private func scatterPositions(_ positions: Matrix, into samples: Matrix) {
    let batch = samples.rows / flow.tokens
    for position in 0..<flow.tokens {
      for sample in 0..<batch {
        samples[sample * flow.tokens + order[position]].update(
          from: positions[position * batch + sample], count: flow.features)
      }
    }
  }

  /// The transform's parameters of the outputs from the tokens before them, as x has them.
  fileprivate func predict(
    _ outputs: Range<Int>, x: Matrix, _ pass: SegmentPass, _ memory: SegmentMemory,
    weights w: Weights
  ) {
    let batch = x.rows / flow.tokens
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
}

/// The iteration of one segment after another of a block's sequence.
private struct SegmentIteration {
  private let block: FlowBlock
  private let weights: Weights
  private let arena: Arena
  private let guidance: Guidance?
  private let batch: Int
  /// The solution as it is, and z; position by position, [tokens · batch, D].
  private let x: Matrix
  private let z: Matrix
  private let conditional: SegmentPass
  private let unconditional: SegmentPass?
  /// The memory of both passes; the last segment may be shorter than the others.
  private var memory: SegmentMemory
  private var unconditionalMemory: SegmentMemory?
  /// The positions that are solved for.
  private(set) var outputs: Range<Int>

  init(
    _ block: FlowBlock, _ chunk: Chunk, guidance: Guidance?, x: Matrix, z: Matrix, segment: Int
  ) {
    self.block = block
    (weights, arena, self.guidance) = (chunk.weights, chunk.arena, guidance)
    (batch, self.x, self.z) = (chunk.samples.count, x, z)
    conditional = SegmentPass(
      labels: chunk.labels, temperature: 1, batch: batch, flow: block.flow, in: arena)
    unconditional = guidance.map {
      SegmentPass(
        labels: nil, temperature: Float($0.attentionTemperature), batch: chunk.samples.count,
        flow: block.flow, in: chunk.arena)
    }
    outputs = 1..<min(block.flow.tokens, 1 + segment)
    memory = SegmentMemory(
      rows: outputs.count * batch, flow: block.flow, unit: weights.panels?.unit, in: arena)
    unconditionalMemory = unconditional.map { _ in reserve() }
  }

  /// The rows of x and z that are solved for.
  var rows: Range<Int> { outputs.lowerBound * batch..<outputs.upperBound * batch }

  /// Goes on to a segment; those before are solved.
  mutating func begin(_ segment: Range<Int>) {
    let fits = segment.count == outputs.count
    outputs = segment
    if fits { return }
    memory = reserve()
    unconditionalMemory = unconditional.map { _ in reserve() }
  }

  private func reserve() -> SegmentMemory {
    SegmentMemory(rows: rows.count, flow: block.flow, unit: weights.panels?.unit, in: arena)
  }

  /// `x ← z · exp(a(x)) + b(x)` for the segment; returns the largest change, not a number when one
  /// of them is not.
  func iterate() -> Double {
    block.predict(outputs, x: x, conditional, memory, weights: weights)
    if let guidance, let unconditional, let second = unconditionalMemory {
      block.predict(outputs, x: x, unconditional, second, weights: weights)
      guide(guidance, second)
    }
    return update(x.rows(rows), z: z.rows(rows), parameters: memory.transformParameters)
  }

  private func guide(_ guidance: Guidance, _ second: SegmentMemory) {
    for (place, position) in outputs.enumerated() {
      let rows = place * batch..<(place + 1) * batch
      guidance.apply(
        to: memory.transformParameters.rows(rows),
        unconditional: second.transformParameters.rows(rows), index: AffineIndex(block.flow),
        features: block.flow.features,
        weight: guidance.weight(at: position, of: block.flow.tokens))
    }
  }

  private func update(_ x: Matrix, z: Matrix, parameters: Matrix) -> Double {
    let index = AffineIndex(block.flow)
    var largest: Float = 0
    for row in 0..<x.rows {
      for d in 0..<x.columns {
        let value =
          z[row][d] * expf(index.logScale(parameters[row], d)) + index.shift(parameters[row], d)
        let change = abs(value - x[row][d])
        if !(change <= largest) { largest = change }
        x[row][d] = value
      }
    }
    return Double(largest)
  }

  /// Adds `Σ a` of the segment's tokens to the log-determinant of each sample.
  func addLogDeterminant(to logDeterminant: UnsafeMutablePointer<Double>) {
    let index = AffineIndex(block.flow)
    for row in 0..<memory.transformParameters.rows {
      for d in 0..<block.flow.features {
        logDeterminant[row % batch] += Double(index.logScale(memory.transformParameters[row], d))
      }
    }
  }
}

/// One of the passes of guided decoding, with its keys and values.
private struct SegmentPass {
  let labels: [Int]?
  let temperature: Float
  let caches: [KeyValueCache]

  init(
    labels: [Int]?, temperature: Float, batch: Int, flow: FlowConfiguration, in arena: Arena
  ) {
    self.labels = labels
    self.temperature = temperature
    caches = (0..<flow.layers).map { _ in
      KeyValueCache(
        batch: batch, tokens: flow.tokens, heads: flow.heads, headWidth: flow.headWidth, in: arena)
    }
  }
}

/// The memory of a pass over a segment.
private struct SegmentMemory {
  let layer: LayerCache
  let transformParameters: Matrix
  let scratch: LayerScratch

  init(rows: Int, flow: FlowConfiguration, unit: MatrixUnit?, in arena: Arena) {
    layer = LayerCache(input: arena.matrix(rows, flow.width), flow: flow, in: arena)
    transformParameters = arena.matrix(rows, flow.features * flow.parametersPerFeature)
    scratch = LayerScratch(rows: rows, flow: flow, unit: unit, in: arena)
  }
}
