import Boltzmann
import Flow
import Foundation
import Kernels
import Runs
import RunsTestSupport
import TestSupport
import Testing

@Suite struct PretrainedModelTests {
  /// A copy of AL3's folder without its trajectories, with a model that says these notes.
  private func folder(_ path: String, notes: (MolecularSystem) throws -> [String: String]) throws {
    for file in ["system.yaml", "topology.prmtop"] {
      try FileManager.default.copyItem(
        atPath: systemsFolder.appending(path: "AL3/\(file)").path, toPath: "\(path)/\(file)")
    }
    let (molecule, model) = (try MolecularSystem(folder: path), try untrainedModel())
    let state = TrainingState(model.flow, seed: 1, weights: model.weights)
    try Checkpoint(
      flow: model.flow.configuration, state: state,
      notes: try TrainedModel.checkpointNotes(model.representation)
        .merging(try notes(molecule)) { $1 }
    ).writeModel(path: molecule.modelPath)
  }

  @Test func `a system's model draws what the run's would`() throws {
    try withTemporaryFolder { path in
      try folder(path) { try ModelTarget(of: $0).notes }
      let molecule = try MolecularSystem(folder: path)
      let model = try molecule.pretrainedModel()
      #expect(try model.weights == untrainedModel().weights)
      var options = SamplingOptions()
      options.count = 20
      let log = CapturedLog()
      let files = try model.draw(
        options, seed: 3, first: 5, of: molecule, clip: 0, to: path, context: log.context())
      #expect(files == ["\(path)/samples.nc", "\(path)/weights.csv"])
      let read = try WeightedProposals(
        samples: files[0], weights: files[1], of: molecule, clip: 0, context: log.context()
      ).proposals
      let drawn = try model.drawProposals(options, seed: 3, from: 5, context: log.context())
      #expect(read.conformations.coordinates == drawn.conformations.coordinates)
      #expect(log.messages.last?.contains("20 samples, ") == true)
    }
  }

  @Test func `a model for another energy is refused`() throws {
    for (key, value) in [
      ("topology_fnv1a", "0"), ("temperature_K", "300.0"),
      ("implicit_solvent", "obc2, 78.5, 1.0, true"),
    ] {
      try withTemporaryFolder { path in
        try folder(path) { try ModelTarget(of: $0).notes.merging([key: value]) { $1 } }
        let error = #expect(throws: RunError.self) {
          try MolecularSystem(folder: path).pretrainedModel()
        }
        #expect(error?.description.contains("its \(key) is \(value), the system's is ") == true)
      }
    }
  }

  @Test func `a system without a model says so`() throws {
    let error = #expect(throws: RunError.self) { try system("CLN").pretrainedModel() }
    #expect(error?.description.contains("no such trained model of CLN") == true)
  }
}
