import Flow
import Foundation
import Kernels
import Molecules

/// Conformations that a model has drawn, before a file rounds them.
struct DrawnConformations {
  /// nm, [frames, atoms, 3].
  var coordinates: [Double]
  /// `log q` over Cartesian coordinates modulo rigid motion, nats, [frames].
  var logDensities: [Double]
  /// Whether the tokens are those of a conformation, [frames].
  var areInSupport: [Bool]
}

/// Which flow of a mixture draws a conformation.
enum FlowChoice {
  /// Flow i mod K draws conformation i.
  ///
  /// With exactly equal shares a sample has the weights of independent draws from q, and a smaller
  /// variance (Veach and Guibas 1995, "balance heuristic").
  case inTurn
  /// Each conformation is one of a flow that is drawn for it, and is by itself distributed as q:
  /// what Metropolis' test asks for.
  case atRandom
}

extension TrainedModel {
  /// Draws conformations, the same for a seed, an index and a stream on any number of workers.
  ///
  /// `log q(x) = log p(tokens) − log|dx/dtokens|` of the flow that drew it; in a mixture the density is
  /// that of all, `q(x) = (1/K) Σ_k q_k(x)`. A flow that gives a conformation far too little then
  /// spoils no weight, unless all do (`MixtureTests`).
  func drawConformations(
    _ count: Int, from first: Int, seed: UInt64, stream: RandomStream = .sampling,
    choosing choice: FlowChoice = .inTurn, priorScale: Double, execution: Execution,
    onProgress: (@Sendable (Int) -> Void)? = nil
  ) -> DrawnConformations {
    func draw(_ model: TrainedModel, _ indices: [Int], step: Int) -> DrawnConformations {
      let (tokens, densities) = model.flow.sample(
        indices, seed: seed, stream: stream, step: step, priorScale: priorScale,
        weights: model.weights, execution: execution, onProgress: onProgress)
      let rebuilt = model.representation.coordinates(from: tokens, execution: execution)
      return DrawnConformations(
        coordinates: rebuilt.coordinates,
        logDensities: zip(densities, rebuilt.logJacobian).map { $0 - $1 },
        areInSupport: rebuilt.inSupport)
    }
    guard isMixture else { return draw(self, Array(first..<first + count), step: 0) }
    let (width, models) = (3 * representation.atoms, members)
    var all = DrawnConformations(
      coordinates: [Double](repeating: 0, count: count * width),
      logDensities: [Double](repeating: 0, count: count),
      areInSupport: [Bool](repeating: false, count: count))
    let flows = (first..<first + count).map { index in
      guard case .atRandom = choice else { return index % models.count }
      var generator = RandomGenerator(seed: seed, stream: stream, index: index)
      return min(models.count - 1, Int(generator.uniform() * Double(models.count)))
    }
    for (number, member) in models.enumerated() {
      let places = flows.indices.filter { flows[$0] == number }
      guard !places.isEmpty else { continue }
      let indices = places.map { place in
        if case .atRandom = choice { first + place } else { (first + place) / models.count }
      }
      // Step 0 is that of a flow alone, whose conformations these do not repeat.
      let own = draw(member, indices, step: number + 1)
      let densities = logMeanDensities(
        models.enumerated().map { other, model in
          other == number
            ? own.logDensities
            : model.flowDensities(own.coordinates, priorScale: priorScale, execution: execution)
        })
      for (index, place) in places.enumerated() {
        all.coordinates.replaceSubrange(
          place * width..<(place + 1) * width,
          with: own.coordinates[index * width..<(index + 1) * width])
        all.logDensities[place] = densities[index]
        all.areInSupport[place] = own.areInSupport[index] && own.logDensities[index].isFinite
      }
    }
    return all
  }

  /// `log q` of conformations under the first flow alone, [frames], nats; `.nan` where it gives none.
  ///
  /// - Parameters:
  ///   - coordinates: nm, [frames, atoms, 3].
  ///   - change: Is done to the tokens first.
  func flowDensities(
    _ coordinates: [Double], priorScale: Double, execution: Execution,
    changing change: (inout [Float]) -> Void = { _ in }
  ) -> [Double] {
    var tokens = representation.tokens(from: coordinates, execution: execution)
    change(&tokens)
    let rebuilt = representation.coordinates(from: tokens, execution: execution)
    let densities = flow.logDensity(
      tokens, priorScale: priorScale, weights: weights, execution: execution)
    return densities.indices.map { frame in
      let density = densities[frame] - rebuilt.logJacobian[frame]
      return rebuilt.inSupport[frame] && density.isFinite ? density : .nan
    }
  }
}

/// `log (1/K) Σ_k exp l_k` of every frame, from the log-densities of K flows, [K][frames].
///
/// One that is not finite counts as none, and `.nan` comes out where all are. Those of one flow come
/// back as they are.
func logMeanDensities(_ densities: [[Double]]) -> [Double] {
  guard densities.count > 1, let first = densities.first else { return densities.first ?? [] }
  return first.indices.map { frame in
    let own = densities.map { $0[frame] }.filter(\.isFinite)
    guard let largest = own.max() else { return .nan }
    let sum = own.reduce(0) { $0 + exp($1 - largest) }
    return largest + log(sum / Double(densities.count))
  }
}
