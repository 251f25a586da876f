import Kernels
import Molecules
import RunsTestSupport
import TestSupport
import Testing
import Trajectories

@testable import Boltzmann

/// What the figures of a report are measured in.
@Suite struct ReportMeasurementTests {
  @Test func `geometry is that of frames from the whole of a set`() throws {
    let molecule = try system("AL2")
    let frame = try acetylFrame().coordinates
    // The second half is wider.
    let blocks = [1, 1.1].map { scale in
      Trajectory(
        atoms: 22,
        coordinates: (0..<12_000).flatMap { _ in frame.map { scale * $0 } })
    }
    var geometry = Geometry(of: molecule, frames: 24_000)
    for block in blocks { geometry.add(block, execution: .serial) }
    #expect(geometry.rows.count == 20_000 && geometry.closest.count == 20_000)
    #expect(geometry.bonds.count == 20_000 * geometry.bondCount)
    let late = geometry.rows.count { $0 >= 12_000 }
    #expect(late == 10_000)
    for (row, distance) in zip(geometry.rows, geometry.closest) where row % 1_000 == 0 {
      let wanted = geometry.closest[0] * (row < 12_000 ? 1 : 1.1)
      expectClose([distance], [wanted], relative: 1e-9)
    }
  }

  @Test func `clashes do not stretch the energies of a comparison without a reference`() throws {
    let samples = (0..<100).map { $0 < 97 ? Double($0) / 10 : 1e9 }
    let edges = try comparedEdges(reference: nil, samples: [samples, samples])
    #expect(edges.count == 81)
    #expect(edges[0] > -1 && edges[80] < 30)
  }

  @Test func `a comparison says which runs are of another energy`() throws {
    let molecule = try system("AL2")
    let same = try energyDifferences([molecule, molecule], ["a", "b"])
    #expect(same.isEmpty)
    let found = try energyDifferences(
      [molecule, molecule, molecule.at(temperature: 330)], ["a", "b", "c"])
    #expect(
      found == [
        "c is of another energy than a, whose temperature and reference the page shows: its "
          + "temperature_K is 330.0, not 300.0"
      ])
  }
}
