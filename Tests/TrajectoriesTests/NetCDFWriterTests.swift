import Foundation
import TensorFiles
import TestSupport
import Testing
import Trajectories

/// The container by itself, without a convention.
struct NetCDFWriterTests {
  private let layout = NetCDFLayout(
    attributes: [.init("Conventions", "CF-1.8"), .init("title", "ä")],
    dimensions: [.init("bin", 3), .init("row", nil)],
    variables: [
      .init("centre", .float64, ["bin"], units: "kJ mol-1"),
      .init("count", .int32, ["row", "bin"], attributes: [.init("long_name", "samples in a bin")]),
    ])

  @Test func `what was defined and written is read by the library`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/histogram.nc"
      try writeNetCDF(path: path, layout) { (writer) throws(TrajectoryError) in
        try writer.put("centre", [0.1, 0.2, 0.3], shape: [3])
        try writer.put("count", [Int32(1), 2, 3], shape: [1, 3])
        try writer.put("count", [Int32(4), 5, 6, 7, 8, 9], from: 1, shape: [2, 3])
      }
      let file = try NetCDFFile(path: path)
      #expect(file.format == .offset64)
      #expect(file.dimensions.map(\.name) == ["bin", "row"])
      #expect(file.dimensions.map(\.isUnlimited) == [false, true])
      #expect(file.variables.map(\.typeName) == ["double", "int"])
      #expect(file.text("Conventions") == "CF-1.8" && file.text("title") == "ä")
      #expect(file.text("units", of: "centre") == "kJ mol-1")
      #expect(file.text("long_name", of: "count") == "samples in a bin")
      #expect(try file.doubles("centre").values == [0.1, 0.2, 0.3])
      #expect(try file.doubles("count").shape == [3, 3])
      #expect(try file.doubles("count").values == (1...9).map(Double.init))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["histogram.nc"])
    }
  }

  @Test func `a failure while values are written leaves nothing`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/histogram.nc"
      #expect(
        throws: TrajectoryError.library(
          path: path, action: "find 'weight'", reason: "NetCDF: Variable not found")
      ) {
        try writeNetCDF(path: path, layout) { (writer) throws(TrajectoryError) in
          try writer.put("weight", [Float(1)], shape: [1])
        }
      }
      let left = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(left.isEmpty)
    }
  }
}
