import Foundation

@testable import Boltzmann
@testable import Flow
@testable import ImageRuns
@testable import Images
@testable import Molecules
@testable import Runs
@testable import TensorFiles
@testable import Trajectories

/// One way to read a file.
struct FuzzedReader {
  /// What it may allocate besides what its input pays for.
  var freeBytes = 0
  /// Reads the bytes, which the file at the path holds, too.
  let read: (_ bytes: Data, _ path: String) throws -> Void
}

/// All readers by their names; the names are those of the corpora, too.
nonisolated(unsafe) let fuzzedReaders: [String: FuzzedReader] = [
  // The workspace of an energy and the tables of gbn2 come with the smallest molecule.
  "prmtop": FuzzedReader(freeBytes: 16 << 20, read: readTopology),
  "netcdf": FuzzedReader { _, path in
    _ = try? trajectoryFrames(path: path)
    _ = try? readAmberTemperatures(path: path)
    _ = try readTrajectory(path: path)
  },
  "restart": FuzzedReader { _, path in _ = try readAmberRestart(path: path) },
  "dcd": FuzzedReader { _, path in
    _ = try? trajectoryFrames(path: path)
    _ = try readDCDTrajectory(path: path, keepingBroken: true)
  },
  "pdb": FuzzedReader { _, path in
    _ = try readPDBRecords(path: path)
    _ = try PDBModel(path: path)
  },
  "safetensors": FuzzedReader { bytes, path in _ = try Safetensors(bytes, path: path) },
  "model": FuzzedReader { _, path in
    _ = try? TrainedModel(path: path)
    _ = try Checkpoint(path: path)
  },
  "imageweights": FuzzedReader { bytes, path in
    let file = try Safetensors(bytes, path: path)
    _ = try ImageModelConfiguration(of: file, path: path, hints: .init()).flow()
  },
  "checkpoint": FuzzedReader { bytes, _ in
    if let found = SimulationCheckpoint(bytes), found.fits(walkers: 2, atoms: 1) {
      _ = found.walkers
    }
  },
  "records": FuzzedReader { _, path in
    _ = readRecord(Draw.self, path: path)
    _ = readRecord(DrawnStream.self, path: path)
    _ = try? Weighting.read(path: path)
    _ = try SimulationSummary.read(path: path).table(trajectory: "x")
  },
  "settings": FuzzedReader { _, path in
    let layers = [try ConfigurationLayer(file: path)].compactMap { $0 }
    _ = try? resolveConfiguration(ImageConfiguration(), layers: layers)
    _ = try resolveConfiguration(RunConfiguration(), layers: layers)
  },
  "system": FuzzedReader { _, path in
    let description = try SystemDescription.read(path: path)
    _ = try description.solvent(path: path)
  },
  "images": FuzzedReader { _, path in _ = try ImageSystem.read(path: path) },
  "simulation": FuzzedReader { _, path in
    try SimulationRecord.read(path: path).settings.validate()
  },
  "run": FuzzedReader { _, path in
    _ = try? ImageRecord.read(path: path)
    _ = try MoleculeRecord.read(path: path)
  },
  "weights": FuzzedReader { _, path in _ = try WeightsTable.read(path: path) },
  "table": FuzzedReader { bytes, path in
    _ = NumberTable(path: path)
    _ = StoredMetrics(bytes, columns: 6)
  },
  "idx": FuzzedReader(freeBytes: 1 << 26) { _, path in _ = try StoredArray(path: path) },
  "npy": FuzzedReader { _, path in _ = try StoredArray(path: path) },
  "png": FuzzedReader { _, path in
    _ = try? PNGHeader(path: path)
    for channels in [1, 3] { _ = try readPNG(path, shape: ImageShape(channels: channels, size: 3)) }
  },
]

/// Reads a topology, and the energy of its atoms in a row.
private func readTopology(_ bytes: Data, _ path: String) throws {
  let models: [ImplicitSolvent.Model?] = [nil, ImplicitSolvent.Model.none, .obc2, .gbn2]
  let model = models[bytes.count % 4]
  let prmtop = try readPrmtop(
    PrmtopFile(path: path, bytes: [UInt8](bytes)), model: model)
  guard prmtop.topology.atoms <= 100 else { return }
  var solvent = ImplicitSolvent.vacuum
  if let model { solvent.model = model }
  let energy = Energy(prmtop.forceField, solvent: solvent)
  _ = energy.terms((0..<energy.atoms).map { SIMD3(0.1 * Double($0), 0, 0) })
}
