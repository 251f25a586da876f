import CNetCDF
import Testing
import Trajectories

struct NetCDFFileTests {
  let energies = file("Tests/Golden/systems/AL3/energies.nc")

  @Test func `a NetCDF-4 file gives its dimensions, attributes and numbers`() throws {
    let file = try NetCDFFile(path: energies)
    #expect(file.format == .netCDF4)
    let positions = try file.doubles("positions")
    #expect(positions.shape == [64, 33, 3])
    #expect(positions.values.count == 64 * 33 * 3)
    #expect(positions.values.allSatisfy { abs($0) < 5 })
    let row = try file.doubles("positions", rows: 63..<64)
    #expect(row.shape == [1, 33, 3])
    #expect(row.values == Array(positions.values[(63 * 33 * 3)...]))
    #expect(try file.doubles("E_total").shape == [64])
  }

  @Test func `what is not there, or no number, is refused`() throws {
    let path = file("systems/AL3/reference.nc")
    let file = try NetCDFFile(path: path)
    #expect(
      throws: TrajectoryError.missingVariable(
        path: path, variable: "energy", found: ["spatial", "time", "coordinates"])
    ) {
      _ = try file.doubles("energy")
    }
    #expect(
      throws: TrajectoryError.library(
        path: path, action: "read 'spatial'",
        reason: "NetCDF: Attempt to convert between text & numbers")
    ) {
      _ = try file.doubles("spatial")
    }
    #expect(file.text("missing") == nil)
    #expect(file.text("units", of: "energy") == nil)
    #expect(file.number("units", of: "time") == nil)
    #expect(file.number("title") == nil)
  }

  @Test func `a shape that the file cannot hold is refused before memory is taken`() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("huge.nc")
    withNetCDFLibrary {
      var (id, dimension, variable): (Int32, Int32, Int32) = (0, 0, 0)
      #expect(nc_create(path, NC_CLOBBER | NC_NETCDF4, &id) == NC_NOERR)
      #expect(nc_def_dim(id, "x", 1 << 40, &dimension) == NC_NOERR)
      #expect(nc_def_var(id, "x", NC_DOUBLE, 1, [dimension], &variable) == NC_NOERR)
      #expect(nc_def_var_chunking(id, variable, NC_CHUNKED, [1024]) == NC_NOERR)
      #expect(nc_close(id) == NC_NOERR)
    }
    let size = try bytes(path).count
    #expect(
      throws: TrajectoryError.implausibleSize(
        path: path, variable: "x", shape: [1 << 40], size: size)
    ) {
      _ = try NetCDFFile(path: path).doubles("x")
    }
  }

  @Test func `many tasks may read at once`() async throws {
    let expected = try NetCDFFile(path: energies).doubles("forces").values
    let found = try await withThrowingTaskGroup(of: [Double].self) { group in
      for _ in 0..<16 {
        group.addTask { [energies] in try NetCDFFile(path: energies).doubles("forces").values }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(found.count == 16)
    #expect(found.allSatisfy { $0 == expected })
  }
}
