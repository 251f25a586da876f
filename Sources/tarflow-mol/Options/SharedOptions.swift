import ArgumentParser
import Boltzmann
import Foundation
import ImageRuns
import Kernels
import Logging
import Runs

/// The version of the program; `CITATION.cff` names the same.
let programVersion = "0.1.0"

/// What to do about a run without a reference.
let referenceAdvice = "pass --reference FILE.nc, such as a simulation of the system"

/// Options of every command that computes.
struct SharedOptions: ParsableArguments {
  @Option(help: "Worker threads; as many as there are processors by default.")
  var threads: Int?

  @Flag(name: .shortAndLong, help: "Show no progress and no notes, only results and errors.")
  var quiet = false

  func validate() throws {
    try check("--threads", threads, .threads)
  }

  /// The program with its version, as records name it.
  var program: String { "tarflow-mol \(programVersion)" }

  /// Where the command computes, in single precision.
  var execution: Execution { Execution(workers: threads ?? availableProcessors) }

  /// Where notes and warnings go: stderr.
  var log: Logger {
    var logger = Logger(label: "tarflow-mol") { _ in LineLogHandler() }
    logger.logLevel = quiet ? .error : .info
    return logger
  }

  /// What the libraries need of the command line: progress is shown on stderr.
  ///
  /// - Parameter ranks: Those that share the work; only the first of them talks.
  func context(
    ranks: Ranks = .alone, stopReason: @escaping @Sendable () -> String? = { nil }
  ) -> RunContext {
    let line = ProgressLine(quiet: quiet || !ranks.isFirst)
    var log = log
    if !ranks.isFirst { log.logLevel = .critical }
    var context = RunContext(
      version: programVersion, execution: execution, log: log,
      onProgress: { line.show($0) }, stopReason: stopReason)
    context.ranks = ranks
    return context
  }
}

/// Where the embedded systems are.
struct SystemsOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      The folder of systems; by default the one found above the current folder or beside the \
      program.
      """, valueName: "folder"))
  var systems: String?

  /// The folder of a system by its name or path.
  /// - Throws: `RunError.missing`.
  func find(_ name: String, _ kind: SystemKind = .molecule) throws -> String {
    do {
      return try findSystem(name, kind, in: systems, advice: "pass --systems FOLDER")
    } catch {
      let (other, use): (SystemKind, String) =
        kind == .images
        ? (.molecule, "it is a molecule: tarflow-mol train \(name)")
        : (.images, "it is a system of images: tarflow-mol image train \(name)")
      guard (try? findSystem(name, other, in: systems, advice: "")) != nil else { throw error }
      throw RunError.missing(what: kind.name, path: name, advice: use)
    }
  }

  /// A molecule by the path of its `system.yaml`, or by its name or folder.
  /// - Throws: `RunError` or `PrmtopError`.
  func read(_ name: String, topologyPath: String? = nil) throws -> MolecularSystem {
    let isFile = name.hasSuffix(".yaml") || name.hasSuffix(".yml")
    let path = isFile ? name : try find(name) + "/" + SystemKind.molecule.file
    return try MolecularSystem(descriptionPath: path, topologyPath: topologyPath)
  }
}

extension SystemsOption {
  /// The record of a run, with another system of its molecule in place of its own where there is
  /// one for it.
  /// - Throws: `RunError`.
  func record(of folder: RunFolder, system name: String?, log: Logger) throws -> MoleculeRecord {
    try record(of: folder, using: try name.map { try read($0) }, log: log)
  }

  /// The same with a system that has been read.
  /// - Throws: `RunError`.
  func record(
    of folder: RunFolder, using system: MolecularSystem?, log: Logger
  ) throws -> MoleculeRecord {
    let record = try MoleculeRecord.read(in: folder)
    guard let other = try system ?? replacement(of: record, in: folder.path, log: log) else {
      return record
    }
    return try record.using(other, in: folder, log: log)
  }

  /// Where conformations come from, a run likewise with another system in place of its own.
  ///
  /// - Parameters:
  ///   - weights: The weights of a file of samples.
  ///   - system: The one that is named, read.
  /// - Throws: `RunError`.
  func source(
    _ path: String, weights: String? = nil, using system: MolecularSystem?, log: Logger
  ) throws -> AnalysisSource {
    let source = try AnalysisSource(path: path, weights: weights)
    guard case .run(let folder, let record) = source else { return source }
    return try source.using(
      try system ?? replacement(of: record, in: folder.path, log: log), log: log)
  }

  /// The system of a run's name in the folder of --systems; nil where there is none, which a notice
  /// says.
  private func replacement(
    of record: MoleculeRecord, in run: String, log: Logger
  ) throws -> MolecularSystem? {
    guard let systems else { return nil }
    let names = knownSystems(.molecule, in: systems)
    guard !names.isEmpty else {
      throw RunError.missing(
        what: "folder of systems", path: systems,
        advice: "its folders hold \(SystemKind.molecule.file)")
    }
    let own = record.systemName
    guard names.contains(own) else {
      log.notice("\(systems): holds no system \(own); \(run) is read with its own")
      return nil
    }
    return try read("\(systems)/\(own)")
  }
}

/// The system of a run, if it is to be another than its own.
struct RunSystemOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      A system of the same molecule in place of the run's own: its name, folder or system.yaml.
      """, valueName: "system"))
  var system: String?

  @OptionGroup var systems: SystemsOption

  var isGiven: Bool { system != nil || systems.systems != nil }

  /// The record of a run.
  /// - Throws: `RunError`.
  func record(of folder: RunFolder, log: Logger) throws -> MoleculeRecord {
    try systems.record(of: folder, system: system, log: log)
  }

  /// The records of several runs.
  /// - Throws: `RunError`.
  func records(of folders: [RunFolder], log: Logger) throws -> [MoleculeRecord] {
    let other = try system.map { try systems.read($0) }
    return try folders.map { try systems.record(of: $0, using: other, log: log) }
  }
}

extension Precision: ExpressibleByArgument {}
