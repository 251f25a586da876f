import Evaluation
import Foundation
import Kernels
import Molecules
import Reporting
import Runs

/// Populations, free energies and averages over a set of conformations, beside those of another.
///
/// - Parameters:
///   - pairs: States between which the free energy is wanted, by their names.
///   - reference: What to compare with.
/// - Throws: `RunError.configuration` for a name that no state has.
package func analyze(
  _ set: AnalysisSet, beside reference: AnalysisSet?, of system: MolecularSystem,
  _ definitions: StateDefinitions, pairs: [(from: String, to: String)] = [], context: RunContext
) throws(RunError) -> AnalysisResult {
  let found = SetAverages(set, definitions, execution: context.execution)
  let expected = reference.map { SetAverages($0, definitions, execution: context.execution) }
  return try analysis(
    of: found, beside: expected, of: system, definitions, pairs: pairs, context: context)
}

/// Populations, free energies and averages of a set whose states and quantities have been measured.
/// - Throws: `RunError.configuration` for a name that no state has.
func analysis(
  of found: SetAverages, beside expected: SetAverages?, of system: MolecularSystem,
  _ definitions: StateDefinitions, pairs: [(from: String, to: String)] = [], context: RunContext
) throws(RunError) -> AnalysisResult {
  let names = definitions.states.map(\.name)
  var places: [(Int, Int)] = []
  for (from, to) in pairs {
    places.append((try place(of: from, among: names), try place(of: to, among: names)))
  }
  let (populations, bounds) = found.populations
  let reference = expected?.populations
  let states = definitions.states.enumerated().map { index, state in
    AnalysisResult.State(
      name: state.name, definition: state.definition,
      population: .init(populations[index], reference?.populations[index]),
      upperBound: bounds[index], referenceUpperBound: reference?.bounds[index],
      freeEnergy: found.averages.freeEnergy(of: index).map {
        .init($0, expected?.averages.freeEnergy(of: index))
      })
  }
  return AnalysisResult(
    program: context.program, system: system.description.name,
    temperature: system.description.temperature, sample: figures(of: found),
    reference: expected.map(figures), states: states,
    pairs: zip(pairs, places).map { pair, places in
      AnalysisResult.Pair(
        from: pair.from, to: pair.to,
        freeEnergy: found.averages.freeEnergy(of: places.1, above: places.0).map {
          .init($0, expected?.averages.freeEnergy(of: places.1, above: places.0))
        })
    },
    observables: observables(definitions, found, expected),
    remarks: remarks(found, "sample") + (expected.map { remarks($0, "reference") } ?? []))
}

private func place(of name: String, among names: [String]) throws(RunError) -> Int {
  guard let place = names.firstIndex(of: name) else {
    throw .configuration(
      source: "states",
      problem: "there is no state '\(name)'\(suggestion(for: name, among: names, listing: true))")
  }
  return place
}

/// The averages of all states and quantities over one set.
struct SetAverages {
  /// What the set was read from.
  let paths: [String]
  let averages: Averages
  let sample: AveragedSample
  let states: Int
  /// The columns of each quantity among the averages; an angle has its cosine and its sine.
  let places: [(first: Int, isAngle: Bool)]
  let energy: Int

  init(_ set: AnalysisSet, _ definitions: StateDefinitions, execution: Execution) {
    (paths, sample, states) = (set.paths, set.sample, definitions.states.count)
    let measured = values(
      of: definitions.observables.map(\.quantity), in: set.trajectory, execution: execution)
    (places, energy) = Self.layout(definitions)
    var columns = definitions.memberships(in: set.trajectory, execution: execution)
    for (observable, column) in zip(definitions.observables, measured) {
      columns += observable.quantity.isAngle ? [column.map(cos), column.map(sin)] : [column]
    }
    averages = Averages(of: columns + [set.energies], over: set.sample)
  }

  /// Averages over a set whose states and quantities are known; columns are made when they are
  /// needed.
  ///
  /// - Parameters:
  ///   - memberships: Whether each row is in each state, [states][rows].
  ///   - observables: [observables][rows]; angles in rad.
  ///   - energies: Reduced energies, kT, [rows].
  init(
    paths: [String], _ sample: AveragedSample, _ definitions: StateDefinitions,
    memberships: [[Bool]], observables: [[Double]], energies: [Double]
  ) {
    let count = definitions.states.count
    let (layout, last) = Self.layout(definitions)
    (self.paths, self.sample) = (paths, sample)
    (states, places, energy) = (count, layout, last)
    averages = Averages(last + 1, over: sample) { quantity in
      if quantity < count { return memberships[quantity].map { $0 ? 1 : 0 } }
      if quantity == last { return energies }
      let observable = layout.lastIndex { $0.first <= quantity } ?? 0
      let values = observables[observable]
      guard layout[observable].isAngle else { return values }
      return layout[observable].first == quantity ? values.map(cos) : values.map(sin)
    }
  }

  private static func layout(
    _ definitions: StateDefinitions
  ) -> (places: [(first: Int, isAngle: Bool)], energy: Int) {
    var places: [(first: Int, isAngle: Bool)] = []
    var next = definitions.states.count
    for observable in definitions.observables {
      places.append((next, observable.quantity.isAngle))
      next += observable.quantity.isAngle ? 2 : 1
    }
    return (places, next)
  }

  /// The populations of the states and, where nothing is in one, what its population is below with
  /// 95 % probability, `−ln 0.05/n`, [states].
  ///
  /// n are the effective samples of proposals, of annealed ones those of their ancestors; of chains
  /// those of the state, or the energy, that has the fewest.
  var populations: (populations: [Average], bounds: [Double?]) {
    let all = (0..<states).map(averages.average)
    guard all.contains(where: { $0.value == 0 }) else {
      return (all, [Double?](repeating: nil, count: states))
    }
    // What is always true varies by rounding alone.
    let varying = all.filter { $0.value > 0 && $0.value < 1 - 1e-9 } + [averages.average(energy)]
    let independent =
      sample.kind == .proposals
      ? sample.independentSamples : varying.compactMap(\.effectiveSamples).min() ?? 1
    let bound = min(1, -log(0.05) / independent)
    return (all, all.map { $0.value == 0 ? bound : nil })
  }

  /// 1 in a state and 0 elsewhere, [states][rows].
  var memberships: [[Double]] { (0..<states).map(averages.values) }

  /// The mean of a quantity; an angle's in degrees.
  func mean(_ observable: Int) -> Average {
    let (first, isAngle) = places[observable]
    guard isAngle else { return averages.average(first) }
    let direction = averages.direction(cosine: first, sine: first + 1)
    return Average(value: direction.value * 180 / .pi, error: direction.error * 180 / .pi)
  }
}

private func observables(
  _ definitions: StateDefinitions, _ found: SetAverages, _ expected: SetAverages?
) -> [AnalysisResult.Observable] {
  let energy = AnalysisResult.Observable(
    name: "energy", definition: "U/kT", unit: "kT",
    mean: .init(
      found.averages.average(found.energy), expected.map { $0.averages.average($0.energy) }))
  return [energy]
    + definitions.observables.enumerated().map { index, observable in
      AnalysisResult.Observable(
        name: observable.name, definition: observable.quantity.text,
        unit: observable.quantity.unit,
        mean: .init(
          found.mean(index), expected?.mean(index),
          period: observable.quantity.isAngle ? 360 : nil))
    }
}

private func figures(of set: SetAverages) -> AnalysisResult.Set {
  let sample = set.sample
  let areProposals = sample.kind == .proposals
  return AnalysisResult.Set(
    paths: set.paths, kind: sample.kind, rows: sample.rows, groups: sample.groups.count,
    areFamilies: sample.areFamilies ? true : nil,
    effectiveSamples: areProposals ? sample.independentSamples : nil,
    paretoShape: sample.paretoShape,
    logNormalization: areProposals ? sample.logNormalization : nil)
}

/// What is doubtful about a set, a sentence each.
private func remarks(_ found: SetAverages, _ name: String) -> [String] {
  let sample = found.sample
  switch sample.kind {
  case .proposals:
    var remarks: [String] = []
    let independent = sample.independentSamples
    if independent < leastReliableSamples {
      let worth = Int(independent.rounded()).counted("effective sample")
      let subject = sample.areFamilies ? "ancestors of the \(name) are" : "\(name) is"
      remarks.append(
        "The \(subject) worth \(worth): too few for rare states, and the errors are too small; draw "
          + "more.")
    }
    if let shape = sample.paretoShape, shape > ParetoTail.largestReliableShape {
      remarks.append(
        "Pareto k of the \(name)'s weights is \(shape.fixed(2)), above "
          + "\(ParetoTail.largestReliableShape): a few proposals carry the averages, and their "
          + "errors are too small.")
    }
    return remarks
  case .chains:
    let slowest = found.memberships.map { column in
      statisticalInefficiency(sample.groups.map { Array(column[$0]) })
    }.max()
    // Frames of a simulation remember the slow torsions for many frames.
    if let slowest, slowest < leastDependentInefficiency, sample.rows >= 100 {
      return [
        "The frames of the \(name) look independent of each other; if they were shuffled, their "
          + "errors are too small."
      ]
    }
    if let slowest, slowest * 20 > Double(sample.rows) {
      return [
        "The slowest state of the \(name) is remembered for about \(slowest.fixed(0)) frames, more "
          + "than a twentieth of all: simulate longer."
      ]
    }
    return []
  }
}

/// The effective samples below which rare states have no error that can be trusted.
let leastReliableSamples = 100.0
