import Testing
import Trajectories

/// Reads what `Tests/Golden/netcdf/make_netcdf.py` wrote.
struct GoldenTests {
  @Test(arguments: [
    ("cdf1", NetCDFFile.Format.classic), ("cdf2", .offset64), ("cdf5", .data64),
    ("double-box", .offset64), ("nanometre", .offset64), ("packed", .offset64),
    ("compressed", .netCDF4), ("netcdf4-classic", .netCDF4),
  ])
  func `a file of netCDF4-python gives its coordinates`(
    name: String, format: NetCDFFile.Format
  ) throws {
    let path = file("Tests/Golden/netcdf/\(name).nc")
    #expect(try inspectAmberTrajectory(path: path).format == format)
    let (found, notes) = try readAmberTrajectory(path: path, expectedAtoms: 5)
    let expected = (0..<60).map { (Double($0 * 37 % 101) / 8 - 6) / 10 }
    #expect(found.coordinates == expected)
    switch name {
    case "nanometre":
      #expect(found.times == [0, 1, 2, 3])
      #expect(notes == ["has no 'time': frames are numbered from 0 instead"])
    case "double-box":
      #expect(notes == ["has a periodic box, which is left out"])
    default:
      #expect(found.times == [0, 0.5, 1, 1.5])
      #expect(notes == [])
    }
  }
}
