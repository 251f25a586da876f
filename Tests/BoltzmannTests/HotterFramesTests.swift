import Kernels
import Runs
import RunsTestSupport
import TestSupport
import Testing
import Trajectories

@testable import Boltzmann

@Suite struct HotterFramesTests {
  @Test func `frames of a hotter rung come with kT at its temperature`() throws {
    try withTemporaryFolder { folder in
      try writeAmberTrajectory(try alanineFrames(0..<40), path: "\(folder)/train.nc")
      let hot = try GrowingTrajectory(
        creating: "\(folder)/train.rung2.nc", atoms: 33, hasTemperatures: true,
        programVersion: "1", title: "AL3")
      try hot.append(
        alanineFrames(60..<100).coordinates, times: (0..<40).map(Double.init),
        chains: [Int32](repeating: 0, count: 40), temperatures: [Double](repeating: 320, count: 40))
      try hot.flush()
      var configuration = RunConfiguration()
      configuration.framesOfEveryRung = true
      let (molecule, context) = (try system("AL3"), CapturedLog().context())
      let record = try MoleculeRecord(
        configuration, system: molecule, training: "\(folder)/train.nc", reference: nil,
        kernel: try loadBLAS(), context: context)
      let inputs = try TrainingInputs(record, context: context)
      let file = try #require(record.hotter?.first)
      let found = try inputs.hotterFrames(file, execution: .serial, log: context.log)
      #expect(found.frames.frames == 40)
      #expect(found.thermalEnergy == molecule.at(temperature: 320).thermalEnergy)
      #expect(found.thermalEnergy > molecule.thermalEnergy)
    }
  }
}
