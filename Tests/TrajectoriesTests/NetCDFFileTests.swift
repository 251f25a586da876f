import Testing
import Trajectories

struct NetCDFFileTests {
  @Test func `a NetCDF-4 file gives its dimensions, attributes and numbers`() throws {
    let file = try NetCDFFile(path: file("Tests/Golden/systems/AL3/energies.nc"))
    #expect(file.format == .netCDF4)
    let positions = try file.doubles("positions")
    #expect(positions.shape == [64, 33, 3])
    #expect(positions.values.count == 64 * 33 * 3)
    #expect(positions.values.allSatisfy { abs($0) < 5 })
    #expect(try file.doubles("E_total").shape == [64])
  }
}
