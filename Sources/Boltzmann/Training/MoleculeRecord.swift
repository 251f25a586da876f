import Kernels
import Runs

/// What `config.resolved.yaml` of a molecule's run holds: all that is needed to repeat or resume
/// it.
package struct MoleculeRecord: TrainingRecord {
  package let program: String
  package let arithmetic: Arithmetic
  package let system: String
  package let training: InputFile
  /// nil for a run that has nothing to be compared with.
  package let reference: InputFile?
  package let topology: InputFile
  /// `system.yaml`: temperature and solvent.
  package let description: InputFile
  package let configuration: RunConfiguration

  package static let name = (record: "run record", writer: "tarflow-mol train")

  package var inputs: [InputFile] {
    [training, topology, description] + [reference].compactMap { $0 }
  }
  package var precision: Precision { configuration.training.precision }
  package var seed: UInt64 { configuration.seed }

  /// What a new run computes.
  ///
  /// - Parameters:
  ///   - training: The trajectory to train on.
  ///   - reference: The trajectory to validate and compare with, if there is one.
  ///   - kernel: The kernel of OpenBLAS.
  /// - Throws: `RunError` when a file is missing.
  package init(
    _ configuration: RunConfiguration, system: MolecularSystem, training: String,
    reference: String?, kernel: String, context: RunContext
  ) throws {
    program = context.program
    arithmetic = Arithmetic(kernel: kernel, precision: configuration.training.precision)
    self.system = system.folder
    self.training = try InputFile(path: training)
    self.reference = try reference.map { try InputFile(path: $0) }
    topology = try InputFile(path: system.topologyPath)
    description = try InputFile(path: system.descriptionPath)
    self.configuration = configuration
  }

  /// The system of the run, checked to be still the one it was: the weights depend on its energy
  /// and temperature.
  /// - Throws: `RunError.badData` when it is not.
  package func readSystem() throws -> MolecularSystem {
    try topology.checkUnchanged()
    try description.checkUnchanged()
    return try MolecularSystem(folder: system)
  }
}

extension RunFolder {
  /// The files that a molecule's run has besides.
  package var samples: String { "\(path)/samples.nc" }
  package var weights: String { "\(path)/weights.csv" }
  package var evaluation: String { "\(path)/evaluation.json" }
  package var histograms: String { "\(path)/histograms.csv" }
  package var evaluationFiles: EvaluationFiles {
    EvaluationFiles(figures: evaluation, histogram: histograms)
  }
  /// How far the run's random stream is used up, and with which clip it was reweighted.
  package var drawn: String { "\(path)/drawn.json" }
  package var weighting: String { "\(path)/weights.json" }
  /// Of a run that simulates its own frames: the simulation, and what it is divided into.
  package var simulation: SimulationFolder { SimulationFolder(path: "\(path)/simulation") }
  package var simulatedTraining: String { "\(path)/training.nc" }
  package var simulatedReference: String { "\(path)/reference.nc" }
}
