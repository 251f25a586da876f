import Foundation
import Kernels
import Runs
import TensorFiles
import Trajectories

/// `samples.nc`, `weights.csv` and `samples.json` of a draw, written block by block; they get their
/// names together.
///
/// Only the block that is written is in the memory.
struct SampleFiles: ~Copyable {
  private let samples, samplesPlace, weights: String
  private var set: FileSet
  private let conformations: GrowingSamples
  private var table: GrowingFile
  private var tableChecksum = Checksum()

  /// Creates the files, and the folder if it is not there.
  ///
  /// - Parameters:
  ///   - first: The index of the first sample in its random stream.
  ///   - areAnnealed: Whether they come from sequential Monte Carlo, and have ancestors.
  /// - Throws: `RunError`, `TrajectoryError` or `FileError`.
  init(
    samples: String, weights: String, of system: MolecularSystem, first: Int,
    areAnnealed: Bool = false, context: RunContext
  ) throws {
    let kind = areAnnealed ? "annealed" : "independent"
    try self.init(
      samples: samples, weights: weights, atoms: system.topology.atoms, first: first,
      programVersion: context.version,
      title: "\(system.description.name): \(kind) proposals, weights in weights.csv",
      header: WeightsTable.header(hasAncestors: areAnnealed))
  }

  /// - Parameter header: The first line of the table.
  init(
    samples: String, weights: String, atoms: Int, first: Int, programVersion: String,
    title: String, header: String
  ) throws {
    let folder = URL(fileURLWithPath: samples).deletingLastPathComponent().path
    let isThere = FileManager.default.fileExists(atPath: folder)
    var set =
      isThere
      ? FileSet()
      : try FileSet(newFolder: folder) { () throws(RunError) in try createFolder(folder) }
    let place = try set.place(for: samples)
    let conformations = try GrowingSamples(
      creating: place, reportedAs: samples, atoms: atoms, first: first,
      programVersion: programVersion, title: title)
    let table = try GrowingFile(path: try set.write(header, path: weights), reportedAs: weights)
    (self.samples, samplesPlace, self.weights) = (samples, place, weights)
    self.conformations = conformations
    self.set = set
    self.table = table
    tableChecksum.add(Array(header.utf8))
  }

  /// The frames that were written.
  var frames: Int { conformations.frames }

  /// Adds proposals with their reduced energies.
  /// - Throws: `TrajectoryError` or `FileError`.
  mutating func append(_ proposals: Proposals, energies: [Double]) throws {
    let first = conformations.frames
    try conformations.append(proposals.conformations)
    try append(lines: WeightsTable.rows(of: proposals, energies: energies, from: first))
  }

  /// Adds conformations as a file holds them, Å, [frames, atoms, 3], and the lines of the table.
  /// - Throws: `TrajectoryError` or `FileError`.
  mutating func append(_ coordinates: [Float], lines: String) throws {
    try conformations.append(coordinates)
    try append(lines: lines)
  }

  private mutating func append(lines: String) throws {
    try table.append(lines)
    tableChecksum.add(Array(lines.utf8))
  }

  /// Gives the files their names, when all have reached the disk.
  ///
  /// Where other samples are replaced, their tables for other targets go.
  /// - Parameter record: What `samples.json` says, from the checksums of the conformations and of
  ///   the table; nil for none.
  /// - Throws: `TrajectoryError` or `FileError`.
  mutating func commit(
    record: ((_ samples: String, _ weights: String) throws -> String?)
  ) throws {
    try conformations.finish()
    try table.synchronize()
    let found = try checksum(path: samplesPlace)
    if let text = try record(found, "\(tableChecksum)") {
      try set.write(text, path: Draw.path(beside: samples))
    }
    // The record spares reading what is replaced, where it is there.
    let old = Draw.read(beside: samples)?.samples ?? (try? checksum(path: samples))
    try set.commit()
    if let old, old != found { removeTablesOfTargets(beside: weights) }
  }
}
