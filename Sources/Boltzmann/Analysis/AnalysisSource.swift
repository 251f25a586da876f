import Evaluation
import Foundation
import Logging
import Molecules
import Reporting
import Runs
import Trajectories

/// Where conformations for an analysis come from.
package enum AnalysisSource: Sendable {
  /// A trained run, with its samples and weights.
  case run(RunFolder, MoleculeRecord)
  /// Samples and their weights in files of their own.
  case drawn(samples: String, weights: String)
  /// A simulation, with its chains.
  case simulation(SimulationFolder, SimulationRecord)
  /// A trajectory, of the chains that its file names, or of one chain in the order of time.
  case trajectory(String)

  /// Finds out what a path is.
  ///
  /// - Parameter weights: The weights of a file of samples.
  /// - Throws: `RunError.missing` for a folder that is none of these.
  package init(path: String, weights: String? = nil) throws {
    var isFolder: ObjCBool = false
    let manager = FileManager.default
    guard manager.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
      self = weights.map { .drawn(samples: path, weights: $0) } ?? .trajectory(path)
      return
    }
    let folder = RunFolder(path: path)
    if RunFolder.isRun(path) {
      self = .run(folder, try MoleculeRecord.read(in: folder))
    } else if let simulation = try? SimulationFolder(existing: path) {
      self = .simulation(simulation, try SimulationRecord.read(in: simulation))
    } else if manager.fileExists(atPath: folder.samples) {
      self = .drawn(samples: folder.samples, weights: weights ?? folder.weights)
    } else {
      throw RunError.missing(
        what: "run, simulation or samples", path: path,
        advice: "its folder holds config.resolved.yaml, simulation.yaml or samples.nc")
    }
  }

  /// What messages call it.
  package var path: String {
    switch self {
    case .run(let folder, _): folder.path
    case .drawn(let samples, _): samples
    case .simulation(let folder, _): folder.path
    case .trajectory(let path): path
    }
  }

  /// Whether these are proposals with weights.
  package var areProposals: Bool {
    switch self {
    case .run, .drawn: true
    case .simulation, .trajectory: false
    }
  }

  /// A run with another system of its molecule in place of its own; anything else as it is.
  /// - Throws: `RunError.badData` when the molecule is another one.
  package func using(_ system: MolecularSystem?, log: Logger) throws -> AnalysisSource {
    guard case .run(let folder, let record) = self, let system else { return self }
    return .run(folder, try record.using(system, in: folder, log: log))
  }

  /// The system that it is of, at the temperature of a simulation's frames; nil where it does not say.
  /// - Throws: `RunError` or `PrmtopError`.
  package func system() throws -> MolecularSystem? {
    switch self {
    case .run(_, let record): try record.readSystem()
    case .simulation(_, let record):
      try record.readSystem().at(temperature: record.settings.temperatures[0])
    case .drawn, .trajectory: nil
    }
  }

  /// What it is compared with unless told otherwise: the reference of the run, unless, as a warning
  /// says, it is gone or of another energy, or of the system that samples are of; nil for frames.
  package func referencePath(of system: MolecularSystem, log: Logger) -> String? {
    switch self {
    case .run(_, let record): record.existingReference(log: log)
    case .drawn: system.existingReference
    case .simulation, .trajectory: nil
    }
  }

  /// The files of proposals; nil for frames.
  package var files: (samples: String, weights: String)? {
    switch self {
    case .run(let folder, _): (folder.samples, folder.weights)
    case .drawn(let samples, let weights): (samples, weights)
    case .simulation, .trajectory: nil
    }
  }

  /// The share of the largest weights that the benchmark's figures leave out.
  var clip: Double {
    if case .run(_, let record) = self {
      record.configuration.evaluation.clippedFraction
    } else {
      LogWeights.benchmarkClip
    }
  }

  /// Whether the system that its proposals were weighed for is the one that it says.
  private var isOwn: Bool {
    if case .run(_, let record) = self { !record.isOfOtherEnergy } else { true }
  }

  /// Proposals with their weights for the system that they are of.
  /// - Throws: What reading the files throws, `EvaluationError`.
  func weighted(for system: MolecularSystem, context: RunContext) throws -> WeightedProposals {
    guard let files else { throw RunError.badData(path: path, problem: "holds no proposals") }
    return try WeightedProposals(
      samples: files.samples, weights: files.weights, of: system, isOwn: isOwn, clip: clip,
      context: context)
  }

  /// Frames in equilibrium, one chain after the other, and how many each chain has.
  ///
  /// - Parameter areChecked: Whether frames at another temperature are refused.
  /// - Throws: `RunError` or `TrajectoryError`.
  func frames(
    of system: MolecularSystem, areChecked: Bool = true, context: RunContext
  ) throws -> (trajectory: Trajectory, chains: [Int]) {
    func read(_ path: String) throws -> Trajectory {
      areChecked
        ? try readEquilibriumFrames(
          path, of: system, execution: context.execution, log: context.log)
        : try readFrames(path, of: system, log: context.log)
    }
    switch self {
    case .run, .drawn: throw RunError.badData(path: path, problem: "holds no simulation")
    case .trajectory(let path):
      let trajectory = try read(path)
      guard trajectory.frames > 0 else {
        throw RunError.badData(path: path, problem: "holds no frame")
      }
      guard let members = trajectory.framesByChain else {
        return (trajectory, [trajectory.frames])
      }
      return (trajectory.selected(members.joined()), members.map(\.count))
    case .simulation(let folder, let record):
      try record.checkTemperature(of: system, path: folder.record)
      let trajectory = try read(try folder.framesSoFar())
      let members = try record.framesByChain(of: trajectory, path: folder.path)
      return (trajectory.selected(members.joined()), members.map(\.count))
    }
  }
}

extension AnalysisSource {
  /// Where weights for another target go: beside the old ones, "weights.AL3-obc2.310K.csv".
  package func table(for target: MolecularSystem) -> String {
    let old = files?.weights ?? path
    let folder = URL(fileURLWithPath: target.folder).lastPathComponent
    let kelvin = target.description.temperature
    let temperature = kelvin == kelvin.rounded() ? "\(Int(kelvin))" : "\(kelvin)"
    return (old.hasSuffix(".csv") ? String(old.dropLast(4)) : old)
      + ".\(folder).\(temperature)K.csv"
  }
}
