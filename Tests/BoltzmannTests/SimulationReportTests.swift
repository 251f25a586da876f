import Reporting
import Runs
import RunsTestSupport
import TestSupport
import Testing
import Trajectories

@testable import Boltzmann

@Suite struct SimulationReportTests {
  @Test func `frames on the page have their numbers in the trajectory`() throws {
    try withTemporaryFolder { path in
      let (folder, context) = (SimulationFolder(path: path), CapturedLog().context())
      try acetylRecord().write(path: folder.record)
      try simulateAcetyl(in: folder, context)
      let page = try simulationReport(of: folder, context: context)
      let scenes = page.sections.flatMap(\.blocks).compactMap { block in
        if case .scene(let scene) = block { scene } else { nil }
      }
      let shown = try #require(scenes.first).arrangements
      let frames = try readConformations(
        folder.trajectory, of: try system("AL2"), log: context.log)
      #expect(shown.count == 6 && frames.frames == 20)
      for frame in shown {
        let number = try #require((0..<20).first { frame.title == "frame \($0)" })
        #expect(frame.positions == frames[number], "\(frame.title)")
      }
    }
  }
}
