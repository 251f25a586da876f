import Evaluation
import Foundation
import Kernels
import Molecules
import Trajectories

/// What a report measures in a set of conformations, without their coordinates.
struct MeasuredSet: Sendable {
  /// What the conformations were read from.
  let paths: [String]
  let sample: AveragedSample
  /// Reduced energies, kT, [rows].
  let energies: [Double]
  /// [torsions][rows], rad.
  let angles: [[Double]]
  /// Whether each row is in each state, [states][rows].
  let memberships: [[Bool]]
  /// [observables][rows].
  let observables: [[Double]]
  let geometry: Geometry

  /// - Precondition: Every row of the sample has been measured.
  init(paths: [String], _ sample: AveragedSample, _ measured: Measurements) {
    precondition(
      sample.rows == measured.energies.count,
      "\(sample.rows) weights, \(measured.energies.count) rows measured")
    (self.paths, self.sample) = (paths, sample)
    (energies, angles) = (measured.energies, measured.angles)
    (memberships, observables) = (measured.memberships, measured.observables)
    geometry = measured.geometry
  }

  /// Populations of the states and averages.
  func averages(_ definitions: StateDefinitions) -> SetAverages {
    SetAverages(
      paths: paths, sample, definitions, memberships: memberships, observables: observables,
      energies: energies)
  }
}

/// Numbers of conformations that are measured block by block, each block read, measured and let go.
struct Measurements {
  /// Frames of a block: enough for all threads, few for the memory.
  static let block = 4_096

  private let system: MolecularSystem
  private let torsions: [NamedTorsion]
  private let definitions: StateDefinitions
  private let execution: Execution
  fileprivate(set) var energies: [Double] = []
  fileprivate(set) var angles: [[Double]]
  fileprivate(set) var memberships: [[Bool]]
  fileprivate(set) var observables: [[Double]]
  fileprivate(set) var geometry: Geometry
  /// Which chain each row is of, and when; empty where nothing says so.
  private var chains: [Int] = []
  private var times: [Double] = []

  init(
    _ torsions: [NamedTorsion], _ definitions: StateDefinitions, of system: MolecularSystem,
    execution: Execution
  ) {
    (self.system, self.torsions, self.definitions) = (system, torsions, definitions)
    self.execution = execution
    angles = [[Double]](repeating: [], count: torsions.count)
    memberships = [[Bool]](repeating: [], count: definitions.states.count)
    observables = [[Double]](repeating: [], count: definitions.observables.count)
    geometry = Geometry(of: system, frames: 0)
  }

  /// Says how many conformations will be added, before the first.
  mutating func begin(frames: Int) { geometry = Geometry(of: system, frames: frames) }

  /// Adds the numbers of further conformations.
  mutating func add(_ block: Trajectory) {
    energies += system.reducedEnergies(block.coordinates, execution: execution)
    let quantities = torsions.map(\.quantity) + definitions.observables.map(\.quantity)
    for (place, column) in values(of: quantities, in: block, execution: execution).enumerated() {
      if place < torsions.count {
        angles[place] += column
      } else {
        observables[place - torsions.count] += column
      }
    }
    let inside = definitions.memberships(in: block, execution: execution)
    for (state, column) in inside.enumerated() {
      memberships[state] += column.lazy.map { $0 > 0 }
    }
    geometry.add(block, execution: execution)
    if let numbers = block.chains {
      chains += numbers
      times += block.times
    }
  }

  /// Puts the rows one chain after the other, each in the order of time; where nothing says which
  /// chain they are of, they stay as they are, of one chain.
  ///
  /// - Returns: How many rows each chain has.
  mutating func groupByChain() -> [Int] {
    guard !chains.isEmpty, chains.count == energies.count else { return [energies.count] }
    let members = framesByChain(chains, times: times)
    let rows = Array(members.joined())
    func sorted<Value>(_ column: [Value]) -> [Value] { rows.map { column[$0] } }
    energies = sorted(energies)
    angles = angles.map { sorted($0) }
    memberships = memberships.map { sorted($0) }
    observables = observables.map { sorted($0) }
    (chains, times) = (sorted(chains), sorted(times))
    return members.map(\.count)
  }
}
