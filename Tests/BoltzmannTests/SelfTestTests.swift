import Flow
import Foundation
import Kernels
import Molecules
import TestSupport
import Testing
import Trajectories

@testable import Boltzmann

/// What each check of the self-test measures is right here, and wrong where it is disturbed.
@Suite struct SelfTestTests {
  init() throws { try loadBLAS() }

  private func molecule(_ name: String, frames: Int) throws -> CheckedMolecule {
    try CheckedMolecule(name, folder: systemsFolder.appending(path: name).path, frames: frames)
  }

  @Test func `a check passes up to its bound, and never without a number`() {
    struct Broken: Error, CustomStringConvertible { let description = "no disk" }
    #expect(SelfCheck("a", "x", bound: 0) { 0 }.passed)
    #expect(SelfCheck("a", "x", bound: 1e-3) { 1e-3 }.passed)
    #expect(!SelfCheck("a", "x", bound: 1e-3) { 2e-3 }.passed)
    #expect(!SelfCheck("a", "x", bound: 1) { .nan }.passed)
    let broken = SelfCheck("a", "x", bound: 1) { throw Broken() }
    #expect(!broken.passed && broken.line == "FAILED x: no disk")
    let right = SelfCheck("a", "energies of AL3", bound: 2e-3, unit: "kJ/mol") { 3.14e-5 }
    #expect(right.line == "ok     energies of AL3: 3.1e-05 of at most 0.002 kJ/mol")
    #expect(selfTestSummary([right, right]) == "all 2 checks passed")
    #expect(selfTestSummary([right, broken]) == "1 of 2 checks failed: x")
  }

  @Test func `differences that are no number are infinite`() {
    #expect(largestDifference([1, 2], [1, 2.5]) == 0.5)
    #expect(largestDifference([.nan, 1], [.nan, 1]) == 0)
    #expect(largestDifference([.nan], [1]) == .infinity)
    #expect(largestDifference([1], [1, 2]) == .infinity)
    #expect(differingBits([0, 1, 2], [-0.0, 1, 2.0.nextUp]) == 2)
    #expect(differingBits([0], []) == .infinity)
  }

  @Test(arguments: referenceEnergies.map(\.key))
  func `energies are OpenMM's, unless a charge is another`(name: String) throws {
    let expected = try #require(referenceEnergies.first { $0.key == name }?.value)
    let molecule = try molecule(name, frames: expected.count)
    let coordinates = molecule.coordinates
    #expect(energyDeviation(molecule.system.energy, of: coordinates, from: expected) < 2e-3)
    var field = molecule.system.prmtop.forceField
    field.charges[3] += 1e-3
    let system = molecule.system
    let other = Energy(
      field, solvent: try system.description.solvent(path: system.descriptionPath))
    #expect(energyDeviation(other, of: coordinates, from: expected) > 2e-3)
    #expect(forceDeviation(system.energy, forces: system.energy, at: coordinates) < 1e-6)
    #expect(forceDeviation(system.energy, forces: other, at: coordinates) > 1e-6)
    let plain = Energy(
      system.prmtop.forceField,
      solvent: try system.description.solvent(path: system.descriptionPath),
      instructions: .baseline)
    #expect(laneDeviation(system.energy, plain, at: coordinates) < 1e-10)
    #expect(laneDeviation(system.energy, other, at: coordinates) > 1e-10)
  }

  @Test func `a flow's inverse with other weights is none`() throws {
    var shape = FlowConfiguration(tokens: 5, features: 3)
    (shape.width, shape.headUnits) = (32, 16)
    let checked = try CheckedFlow(shape)
    let right = inverseDeviation(checked, samples: 8, workers: 1)
    #expect(right.x < 1e-3 && right.logDeterminant < 1e-3)
    var other = checked.weights
    for index in other.indices { other[index] *= 1.01 }
    let wrong = inverseDeviation(checked, decodingWeights: other, samples: 8, workers: 1)
    #expect(wrong.x > 1e-3 && wrong.logDeterminant > 1e-3)
  }

  @Test func `workers change nothing, and would be seen`() throws {
    var shape = FlowConfiguration(tokens: 5, features: 3)
    (shape.width, shape.headUnits, shape.layers) = (32, 16, 1)
    let checked = try CheckedFlow(shape)
    #expect(try workerDeviation { try trainedNumbers(checked, workers: $0) } == 0)
    #expect(workerDeviation { sampledNumbers(checked, workers: $0) } == 0)
    let molecule = try molecule("AL2", frames: 1)
    #expect(workerDeviation { simulatedNumbers(molecule, workers: $0) } == 0)
    #expect(workerDeviation { $0 == 3 ? [1, 2.0.nextUp] : [1, 2] } == 1)
  }

  @Test func `every kind of file gives back its bits, and another one does not`() throws {
    let (right, other) = (try molecule("AL2", frames: 3), try molecule("AL2", frames: 2))
    try withTemporaryFolder { folder in
      for check in fileChecks(right) {
        #expect(try check.deviation("\(folder)/x") == 0, "\(check.name)")
      }
      // What is read is compared with what was to be written.
      let path = "\(folder)/y.nc"
      try writeAmberTrajectory(Trajectory(atoms: 22, coordinates: other.coordinates), path: path)
      let found = try readAmberTrajectory(path: path).trajectory.coordinates
      #expect(differingBits(found, right.coordinates) == .infinity)
    }
  }

  @Test func `a run that differs in one byte is another`() throws {
    try withTemporaryFolder { folder in
      for (name, text) in [("a", "123"), ("b", "123"), ("c", "124")] {
        try FileManager.default.createDirectory(
          atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)/x"))
      }
      #expect(try differingFiles(["x"], "\(folder)/a", "\(folder)/b") == 0)
      #expect(try differingFiles(["x"], "\(folder)/a", "\(folder)/c") == 1)
      #expect(throws: (any Error).self) {
        try differingFiles(["y"], "\(folder)/a", "\(folder)/b")
      }
    }
  }

  @Test func `a program that fails is no resumed training`() throws {
    try withTemporaryFolder { folder in
      let check = ResumeCheck(
        program: "/bin/false", systemFolder: systemsFolder.appending(path: "AL3").path,
        folder: folder, workers: 1)
      #expect(throws: ResumeCheck.Problem.self) { try check.deviation() }
    }
  }
}
