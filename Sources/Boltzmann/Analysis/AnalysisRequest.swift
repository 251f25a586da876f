import Foundation
import Runs
import TensorFiles

/// What an analysis is asked for.
package struct AnalysisRequest: Sendable {
  package var sources: [AnalysisSource]
  package var system: MolecularSystem
  /// Another temperature to weigh proposals for, K.
  package var temperature: Double?
  /// What to compare with; nil for the reference of the run or of the system, if there is one.
  package var reference: AnalysisSource?
  /// Further states and observables, in YAML.
  package var statesFile: String?
  package var pairs: [(from: String, to: String)] = []
  /// The folder that surfaces are written into.
  package var surfacesFolder: String?
  /// Further surfaces, such as "rg,phi 2".
  package var surfaces: [String] = []
  /// Whether the largest weights are Pareto-smoothed.
  package var isSmoothed = false

  package init(_ sources: [AnalysisSource], of system: MolecularSystem) {
    precondition(!sources.isEmpty, "an analysis of nothing")
    (self.sources, self.system) = (sources, system)
  }

  /// The files of the surfaces.
  /// - Throws: `RunError.configuration`.
  package func surfacePaths() throws -> [String] {
    guard let surfacesFolder else { return [] }
    return try axes().map { "\(surfacesFolder)/\($0.file)" }
  }

  /// The surfaces, each once: one that is asked for may be one of the backbone's.
  private func axes() throws -> [SurfaceAxes] {
    let all =
      try SurfaceAxes.backbone(system.topology)
      + surfaces.map { try SurfaceAxes($0, topology: system.topology) }
    var seen: Set<String> = []
    return all.filter { seen.insert($0.file).inserted }
  }

  /// Reads what there is, averages, and writes the surfaces.
  /// - Throws: `RunError`, `TrajectoryError`, `EvaluationError`, `FileError`.
  package func result(context: RunContext) throws -> AnalysisResult {
    let definitions = try StateDefinitions(of: system, file: statesFile)
    let axes = try axes()
    let changed = temperature.map { system.at(temperature: $0) }
    let target = changed ?? system
    let set = try AnalysisSet(
      sources, of: system, weighedFor: changed, smoothed: isSmoothed, context: context)
    // The reference of a run is at the run's temperature.
    let own = temperature == nil ? sources[0].referencePath(of: system, log: context.log) : nil
    let compared = try reference ?? own.map { try AnalysisSource(path: $0) }
    let other = try compared.map { try AnalysisSet([$0], of: target, context: context) }
    let result = try analyze(
      set, beside: other, of: target, definitions, pairs: pairs, context: context)
    if let surfacesFolder {
      try createFolder(surfacesFolder)
      var files = FileSet()
      for file in Boltzmann.surfaces(axes, of: set, beside: other, context: context) {
        try files.write(file.text, path: "\(surfacesFolder)/\(file.file)")
      }
      try files.commit()
    }
    return result
  }
}
