import Foundation
import Kernels
import Molecules
import Runs
import RunsTestSupport
import TestSupport
import Testing
import Trajectories

@testable import Boltzmann

@Suite struct IsomersTests {
  /// AL2's start with a cis amide: all atoms before it are turned by half a turn about its C–N bond.
  private func cis(_ molecule: MolecularSystem) throws -> [Double] {
    var x = try readStart(molecule.startPath(), of: molecule)
    let amide = try #require(Stereochemistry(molecule.topology).amides.first).atoms
    let (carbon, nitrogen) = (x[Int(amide.y)], x[Int(amide.z)])
    let bond = nitrogen - carbon
    let axis = bond / (bond * bond).sum().squareRoot()
    for atom in x.indices where molecule.topology.residueOfAtom[atom] == 0 {
      let arm = x[atom] - carbon
      x[atom] = carbon + 2 * (arm * axis).sum() * axis - arm
    }
    return x.flatMap { [$0.x, $0.y, $0.z] }
  }

  /// The inputs of a training from the energy alone whose first frame has a cis amide.
  private func inputs(
    of molecule: MolecularSystem, in folder: String, usesSamples: Bool = false, log: CapturedLog
  ) throws -> TrainingInputs {
    let path = "\(folder)/train.nc"
    try writeAmberTrajectory(
      Trajectory(atoms: 22, coordinates: try cis(molecule) + acetylFrame().coordinates), path: path)
    var configuration = RunConfiguration()
    if !usesSamples {
      configuration = try resolveConfiguration(
        configuration, layers: [try .fromEnergy(temperature: 300)])
    }
    let record = try MoleculeRecord(
      configuration, system: molecule, training: path, reference: nil, kernel: try loadBLAS(),
      context: log.context())
    return try TrainingInputs(record, context: log.context())
  }

  @Test func `a training from the energy alone has the isomers of the start`() throws {
    let molecule = try system("AL2")
    try withTemporaryFolder { folder in
      let log = CapturedLog()
      let inputs = try inputs(of: molecule, in: folder, log: log)
      let isomers = inputs.isomers(execution: .serial, log: log.log)
      #expect(isomers.contain(inputs.training.coordinates, execution: .serial) == [false, true])
      #expect(!log.messages.contains { $0.contains("first frame") }, "\(log.messages)")
      let both = try self.inputs(of: molecule, in: folder, usesSamples: true, log: log)
      #expect(
        both.isomers(execution: .serial, log: log.log)
          .contain(inputs.training.coordinates, execution: .serial) == [true, true])
    }
  }

  /// A run keeps its start beside its description, whatever folder that names.
  @Test func `the start is found among the copies of a run, and missed with a warning`() throws {
    let molecule = try system("AL2")
    try withTemporaryFolder { folder in
      let own = "\(folder)/AL2"
      try FileManager.default.createDirectory(
        atPath: own, withIntermediateDirectories: true)
      for path in [molecule.topologyPath, try molecule.startPath()] {
        let name = URL(fileURLWithPath: path).lastPathComponent
        try FileManager.default.copyItem(atPath: path, toPath: "\(own)/\(name)")
      }
      let text = try String(contentsOfFile: molecule.descriptionPath, encoding: .utf8)
      try text.replacingOccurrences(of: "start: ", with: "start: elsewhere/")
        .write(toFile: "\(own)/system.yaml", atomically: true, encoding: .utf8)
      let copy = try MolecularSystem(folder: own)
      #expect(try copy.startPath() == "\(own)/elsewhere/start.ncrst")
      let log = CapturedLog()
      func supported() throws -> [Bool] {
        let path = "\(folder)/train.nc"
        try writeAmberTrajectory(
          Trajectory(atoms: 22, coordinates: try cis(molecule) + acetylFrame().coordinates),
          path: path)
        let record = try MoleculeRecord(
          try resolveConfiguration(
            RunConfiguration(), layers: [try .fromEnergy(temperature: 300)]),
          system: copy, training: path, reference: nil, kernel: try loadBLAS(),
          context: log.context())
        let inputs = try TrainingInputs(record, context: log.context())
        return inputs.isomers(execution: .serial, log: log.log)
          .contain(inputs.training.coordinates, execution: .serial)
      }
      #expect(try supported() == [false, true])
      #expect(!log.messages.contains { $0.contains("first frame") }, "\(log.messages)")
      try FileManager.default.removeItem(atPath: "\(own)/start.ncrst")
      #expect(try supported() == [true, false])
      let warned = log.messages.filter { $0.contains("are those of the first frame of ") }
      #expect(warned.count == 1 && warned[0].hasPrefix("warning: "))
    }
  }
}
