import Evaluation
import Foundation
import Molecules
import Reporting
import Runs
import TensorFiles
import Trajectories

/// What of a run is written into a folder for other programs.
package struct RunExport: Sendable {
  package var folder: String
  /// The bins of the energy histograms.
  package var bins = 100
  /// Conformations of equal weight in the PDB file.
  package var models = 300
  package var hasPlumed = false
  package var hasNotebook = false

  package init(to folder: String) { self.folder = folder }

  /// The names of the files, in the order in which they are written.
  private var names: [String] {
    ["topology.prmtop", "samples.nc", "weights.csv", "ensemble.dcd", "ensemble.pdb", "run.nc"]
      + (hasPlumed ? ["COLVAR", "plumed.dat"] : []) + (hasNotebook ? ["run.ipynb"] : [])
  }

  /// All that is written: the histograms are there where the run has a reference.
  package var paths: [String] {
    (names + ["histograms.csv", ChecksumList.name]).map { "\(folder)/\($0)" }
  }

  /// Reads the run's files and writes all into the folder, which is made.
  ///
  /// `samples.nc` and `weights.csv` are the run's own, a row a frame. The ensembles have equal
  /// weights: samples are picked evenly along the cumulated weights, as many as there are for the
  /// DCD.
  ///
  /// The files get their names together: a folder never holds some of one export and some of
  /// another (`ExportCommandTests`). A list of their checksums lies beside them.
  ///
  /// - Parameter record: A record in place of the folder's, as with another system.
  /// - Returns: The paths of the files.
  /// - Throws: `RunError.exists` for a folder that is a run itself, what reading and writing throw,
  ///   `EvaluationError` when no sample has a weight.
  package func write(
    _ run: RunFolder, record: MoleculeRecord? = nil, context: RunContext
  ) throws -> [String] {
    try checkNoRun(folder)
    let exported = try ExportedRun(run, record: record, bins: bins, context: context)
    try createFolder(folder)
    func path(_ name: String) -> String { "\(folder)/\(name)" }
    var set = FileSet()
    try set.write(
      [UInt8](try readBytes(path: exported.system.topologyPath)), path: path("topology.prmtop"))
    try set.write([UInt8](try readBytes(path: run.samples)), path: path("samples.nc"))
    try set.write(exported.weighted.tableText, path: path("weights.csv"))
    let title = "\(exported.system.description.name), resampled to equal weights"
    try writeDCDTrajectory(
      exported.ensemble(exported.samples.sample.rows),
      path: try set.place(for: path("ensemble.dcd")),
      title: title, reportedAs: path("ensemble.dcd"))
    let models = exported.ensemble(min(models, exported.samples.sample.rows))
    try set.write(
      pdbText(
        exported.system.topology, models: (0..<models.frames).map { models[$0] },
        remarks: [
          String(title.prefix(60)), "Coordinates are rounded to 0.001 angstrom: good for looking",
          "at, too coarse for energies, which samples.nc is for.",
        ]), path: path("ensemble.pdb"))
    try exported.writeNetCDF(
      try set.place(for: path("run.nc")), reportedAs: path("run.nc"), context: context)
    if hasPlumed {
      try set.write(exported.colvar, path: path("COLVAR"))
      try set.write(exported.plumedInput, path: path("plumed.dat"))
    }
    if hasNotebook {
      try set.write(
        try runNotebook(name: exported.system.description.name), path: path("run.ipynb"))
    }
    if let histogram = exported.histogram {
      try set.write(histogram.csvText, path: path("histograms.csv"))
    }
    try set.writeChecksums(in: folder)
    try set.commit()
    let histograms = exported.histogram == nil ? [] : ["histograms.csv"]
    return (names + histograms + [ChecksumList.name]).map(path)
  }
}

/// A run as it is exported: its samples and its reference with their weights and torsions.
struct ExportedRun {
  let record: MoleculeRecord
  let system: MolecularSystem
  let weighted: WeightedProposals
  let samples: AnalysisSet
  /// nil where the run has none, or it is no longer there.
  let reference: AnalysisSet?
  let torsions: [NamedTorsion]
  /// [torsions][frames], rad.
  let angles: [[Double]]
  let referenceAngles: [[Double]]
  /// nil without a reference.
  let histogram: EnergyHistogram?

  /// - Throws: What reading the files throws, `EvaluationError` when no sample has a weight.
  init(_ folder: RunFolder, record: MoleculeRecord?, bins: Int, context: RunContext) throws {
    let execution = context.execution
    let record = try record ?? MoleculeRecord.read(in: folder)
    self.record = record
    let system = try record.readSystem()
    self.system = system
    let weighted = try WeightedProposals(
      samples: folder.samples, weights: folder.weights, of: system,
      isOwn: !record.isOfOtherEnergy,
      clip: try record.evaluationOptions(in: folder).clippedFraction, context: context)
    self.weighted = weighted
    samples = AnalysisSet(
      paths: [folder.path], AveragedSample(proposals: weighted.weights.values),
      weighted.proposals.conformations, energies: weighted.energies)
    reference = try record.existingReference(log: context.log).map { path in
      let frames = try readFrames(path, of: system, log: context.log)
      return AnalysisSet(
        paths: [path], AveragedSample(chains: [frames.frames]), frames,
        energies: system.reducedEnergies(frames.coordinates, execution: execution))
    }
    let torsions = NamedTorsion.all(of: system.topology)
    self.torsions = torsions
    angles = measured(torsions, in: samples, execution: execution)
    referenceAngles = reference.map { measured(torsions, in: $0, execution: execution) } ?? []
    histogram = try reference.map {
      try weighted.energyHistogram(referenceEnergies: $0.energies, bins: bins)
    }
  }

  /// Samples of equal weight.
  func ensemble(_ count: Int) -> Trajectory {
    let width = 3 * samples.trajectory.atoms
    let coordinates = systematicPicks(samples.sample.weights, count: count).flatMap { row in
      samples.trajectory.coordinates[row * width..<(row + 1) * width]
    }
    return Trajectory(atoms: samples.trajectory.atoms, coordinates: coordinates)
  }

  /// What every file says of where it comes from.
  var source: String {
    "\(record.program), seed \(record.seed), system \(system.description.name) at "
      + "\(system.description.temperature) K, topology FNV-1a \(record.topology.fnv1a), "
      + "training frames FNV-1a \(record.training.fnv1a)"
  }
}
