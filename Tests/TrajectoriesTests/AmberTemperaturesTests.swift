import Testing
import Trajectories

@Suite struct AmberTemperaturesTests {
  /// A file of frames with the variables of a replica exchange; no coordinates are needed.
  private func temperatures(
    temp0: [Double]? = nil, types: [Int32]? = nil, values: [[Double]]? = nil
  ) throws -> [Double] {
    let folder = try TemporaryFolder()
    let path = folder.file("x.nc")
    let width = types?.count ?? 1
    var layout = NetCDFLayout(
      attributes: [.init("Conventions", "AMBER")],
      dimensions: [.init("frame", nil), .init("remd_dimension", width), .init("label", 3)],
      variables: [.init("spatial", .character, ["label"])])
    if temp0 != nil { layout.variables.append(.init("temp0", .float64, ["frame"])) }
    if types != nil { layout.variables.append(.init("remd_dimtype", .int32, ["remd_dimension"])) }
    if values != nil {
      layout.variables.append(.init("remd_values", .float64, ["frame", "remd_dimension"]))
    }
    try writeNetCDF(path: path, layout) { writer throws(TrajectoryError) in
      try writer.put("spatial", "xyz")
      if let temp0 { try writer.put("temp0", temp0, shape: [temp0.count]) }
      if let types { try writer.put("remd_dimtype", types, shape: [width]) }
      if let values {
        try writer.put("remd_values", values.flatMap { $0 }, shape: [values.count, width])
      }
    }
    return try readAmberTemperatures(path: path)
  }

  @Test func `a file that says nothing has none`() throws {
    #expect(try temperatures().isEmpty)
    // What an exchange of Hamiltonians or a pH writes.
    #expect(try temperatures(types: [3, 4], values: [[1, 7], [2, 7]]).isEmpty)
    // Values whose kind the file does not say.
    #expect(try temperatures(values: [[300], [310]]).isEmpty)
  }

  @Test func `text is no NetCDF and has none`() throws {
    let folder = try TemporaryFolder()
    #expect(try readAmberTemperatures(path: try folder.write("TITLE\n".utf8)).isEmpty)
  }

  @Test func `temp0 is read, each temperature once, ascending`() throws {
    #expect(try temperatures(temp0: [310, 310, 310]) == [310])
    #expect(try temperatures(temp0: [446, 310, 372, 310.05, 446]) == [310, 372, 446])
  }

  @Test func `what was never written is no temperature`() throws {
    #expect(try temperatures(temp0: [.nan, 9.969209968386869e36, 0, -1]).isEmpty)
    #expect(try temperatures(temp0: [.nan, 310, 0]) == [310])
    #expect(try temperatures(temp0: [.infinity, -.infinity]).isEmpty)
  }

  @Test func `the temperature dimensions of remd_values are read, not the others`() throws {
    #expect(try temperatures(types: [1], values: [[310], [372]]) == [310, 372])
    #expect(try temperatures(types: [3, 1], values: [[7, 310], [8, 310]]) == [310])
    #expect(
      try temperatures(types: [4, 1, 3], values: [[5, 372, 1], [6, 310, 2]]) == [310, 372])
  }
}
