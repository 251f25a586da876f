import CNetCDF
import Testing
import Trajectories

/// Reads what libnetcdf and netCDF4-python wrote: a writer that is not ours.
struct AmberTrajectoryTests {
  let folder: TemporaryFolder
  /// What ``ForeignFile`` writes, in nm.
  let expected = (0..<18).map { (Double($0) / 4 - 1) / 10 }

  init() throws { folder = try TemporaryFolder() }

  /// Writes a file with what `change` makes of the usual one.
  func write(_ change: (inout ForeignFile) -> Void = { _ in }) -> String {
    var foreign = ForeignFile()
    change(&foreign)
    foreign.write(folder.file("foreign.nc"))
    return folder.file("foreign.nc")
  }

  /// The error of reading a file.
  func failure(_ change: (inout ForeignFile) -> Void, expectedAtoms: Int? = nil) -> TrajectoryError?
  {
    let path = write(change)
    return #expect(throws: TrajectoryError.self) {
      _ = try readAmberTrajectory(path: path, expectedAtoms: expectedAtoms)
    }
  }

  @Test func `the reference of AL3 has its first and last atoms`() throws {
    let (trajectory, notes) = try readAmberTrajectory(
      path: file("systems/AL3/reference.nc"), expectedAtoms: 33)
    #expect(trajectory.atoms == 33)
    #expect(trajectory.times == (0..<10000).map(Double.init))
    #expect(notes == [])
    // Float32 ångström as netCDF4-python shows them.
    let ends: [(frame: Int, atom: Int, position: [Float])] = [
      (0, 0, [-0.47674954, -2.2481732, 4.0836134]),
      (0, 32, [-0.06949235, 2.1823773, -5.050857]),
      (9999, 0, [1.3120124, 1.9522265, -3.8317451]),
      (9999, 32, [-0.8116967, -2.393139, 3.8119655]),
    ]
    for end in ends {
      let expected = SIMD3<Double>(end.position.map { Double($0) / 10 })
      #expect(trajectory[end.frame][end.atom] == expected, "frame \(end.frame), atom \(end.atom)")
    }
  }

  @Test func `float32 ångström become nanometres by one exact division`() throws {
    let path = write { $0.value = { Double(Float(0.1) * Float($0)) } }
    let found = try readAmberTrajectory(path: path).trajectory
    let expected: [Double] = (0..<18).map { Double(Float(0.1) * Float($0)) / 10 }
    #expect(found.coordinates == expected)
    #expect(found.times == [0, 0.5, 1])
  }

  @Test(arguments: [NC_CLOBBER, NC_64BIT_OFFSET, NC_64BIT_DATA, NC_NETCDF4])
  func `every format is read`(mode: Int32) throws {
    let path = write { $0.mode = mode }
    let (found, notes) = try readAmberTrajectory(path: path, expectedAtoms: 2)
    #expect(found.coordinates == expected)
    #expect(found.times == [0, 0.5, 1])
    #expect(notes == [])
  }

  @Test func `double coordinates keep every digit`() throws {
    let path = write {
      $0.type = NC_DOUBLE
      $0.value = { 1 / (Double($0) + 3) }
    }
    let found = try readAmberTrajectory(path: path).trajectory
    let expected: [Double] = (0..<18).map { 1 / (Double($0) + 3) / 10 }
    #expect(found.coordinates == expected)
  }

  @Test(arguments: ["nanometer", "nm", "Nanometers"])
  func `nanometres stay what they are`(unit: String) throws {
    let path = write { $0.unit = unit }
    #expect(try readAmberTrajectory(path: path).trajectory.coordinates == expected.map { $0 * 10 })
  }

  @Test(arguments: ["Angstrom", "A", "angstroms", "Å", "angstrom ", " A\t"])
  func `ångström has more than one name`(unit: String) throws {
    let path = write { $0.unit = unit }
    #expect(try readAmberTrajectory(path: path).trajectory.coordinates == expected)
  }

  @Test func `blanks for a unit are none`() throws {
    let path = write { $0.unit = "  " }
    let found = try readAmberTrajectory(path: path)
    #expect(found.trajectory.coordinates == expected)
    #expect(found.notes == ["gives no unit of coordinates: ångström is assumed"])
  }

  @Test(arguments: ["md.mdcrd", "md.crd", "md.dcd", "md"])
  func `a file is known by its content, whatever its name`(name: String) throws {
    let path = try folder.write(bytes(write { _ in }), name)
    #expect(try readAmberTrajectory(path: path).trajectory.coordinates == expected)
  }

  @Test func `scale_factor and add_offset are applied`() throws {
    let path = write {
      $0.type = NC_SHORT
      $0.scale = 0.5
      $0.offset = 2
      $0.value = { Double($0) }
    }
    let found = try readAmberTrajectory(path: path).trajectory
    let expected: [Double] = (0..<18).map { (Double($0) / 2 + 2) / 10 }
    #expect(found.coordinates == expected)
  }

  @Test func `what a file lacks, and what is left out, is noted`() throws {
    var path = write { $0.hasTime = false }
    var found = try readAmberTrajectory(path: path)
    #expect(found.trajectory.times == [0, 1, 2])
    #expect(found.notes == ["has no 'time': frames are numbered from 0 instead"])

    path = write { $0.hasBox = true }
    found = try readAmberTrajectory(path: path)
    #expect(found.trajectory.coordinates == expected)
    #expect(found.notes == ["has a periodic box, which is left out"])

    path = write { $0.unit = nil }
    found = try readAmberTrajectory(path: path)
    #expect(found.trajectory.coordinates == expected)
    #expect(found.notes == ["gives no unit of coordinates: ångström is assumed"])

    path = write { $0.timeUnit = "fortnight" }
    #expect(
      try readAmberTrajectory(path: path).notes
        == ["has a 'time' in 'fortnight': frames are numbered from 0 instead"])
  }

  @Test func `nanoseconds become picoseconds`() throws {
    let path = write { $0.timeUnit = "nanosecond" }
    #expect(try readAmberTrajectory(path: path).trajectory.times == [0, 500, 1000])
  }

  @Test func `other conventions may stand beside AMBER, and frames may be a fixed dimension`()
    throws
  {
    let path = write {
      $0.conventions = "CF-1.8, AMBER"
      $0.isFrameFixed = true
    }
    #expect(try readAmberTrajectory(path: path).trajectory.coordinates == expected)
  }

  @Test func `some of the frames can be read`() throws {
    let path = write()
    let found = try readAmberTrajectory(path: path, frames: 1..<3).trajectory
    #expect(found.coordinates == Array(expected[6...]))
    #expect(found.times == [0.5, 1])
    #expect(throws: TrajectoryError.framesOutOfRange(path: path, requested: 1..<4, found: 3)) {
      _ = try readAmberTrajectory(path: path, frames: 1..<4)
    }
  }

  @Test func `a file of another convention is refused`() throws {
    let path = folder.file("foreign.nc")
    #expect(
      failure { $0.conventions = nil }
        == .conventions(path: path, expected: "AMBER", found: nil))
    #expect(
      failure { $0.conventions = "CF-1.8" }
        == .conventions(path: path, expected: "AMBER", found: "CF-1.8"))
    let restart = failure { $0.conventions = "AMBERRESTART" }
    #expect(restart == .conventions(path: path, expected: "AMBER", found: "AMBERRESTART"))
    #expect(
      restart?.description
        == "\(path): is an AMBER restart, one conformation; a trajectory is wanted")
  }

  @Test func `coordinates of another shape or unit are refused`() throws {
    let path = folder.file("foreign.nc")
    let shape = "[frames, atoms, 3]"
    #expect(
      failure { $0.axes = 2 }
        == .shape(path: path, variable: "coordinates", expected: shape, found: [3, 2, 2]))
    #expect(
      failure { $0.hasFrames = false }
        == .shape(path: path, variable: "coordinates", expected: shape, found: [2, 3]))
    #expect(
      failure { $0.coordinates = "positions" }
        == .missingVariable(path: path, variable: "coordinates", found: ["time", "positions"]))
    #expect(
      failure { $0.unit = "bohr" }
        == .unit(
          path: path, variable: "coordinates", expected: "angstrom and nanometer", found: "bohr"))
    #expect(failure { $0.frames = 0 } == .noFrames(path: path))
    #expect(
      failure({ _ in }, expectedAtoms: 33) == .atomCount(path: path, expected: 33, found: 2))
  }

  @Test(arguments: [
    (Double.nan, "nan"), (Double.infinity, "inf"),
    (NC_FILL_DOUBLE, "9.969209968386869e+36, which marks a missing value"),
  ])
  func `a coordinate that is no number is named`(value: Double, shown: String) throws {
    let found = failure {
      $0.type = NC_DOUBLE
      $0.value = { $0 == 10 ? value : 0 }
    }
    #expect(
      found == .badCoordinate(path: folder.file("foreign.nc"), frame: 1, atom: 1, found: shown))
  }

  @Test(arguments: [Double.nan, .infinity, NC_FILL_DOUBLE])
  func `a coordinate that is no number can be kept as NaN`(value: Double) throws {
    let path = write {
      $0.type = NC_DOUBLE
      $0.value = { $0 == 10 ? value : 0 }
    }
    let found = try readAmberTrajectory(path: path, keepingBroken: true).trajectory.coordinates
    #expect(found.indices.filter { found[$0].isNaN } == [10])
    #expect(found.count { $0 == 0 } == 17)
  }

  @Test func `a file is described without reading its numbers`() throws {
    let found = try inspectAmberTrajectory(path: write { $0.hasBox = true })
    #expect(found.format == .offset64)
    #expect(found.conventions == "AMBER")
    #expect(found.frames == 3)
    #expect(found.atoms == 2)
    #expect(found.hasBox)
    #expect(found.program == "a test")
    #expect(found.title == nil)
    #expect(
      found.variables == [
        .init(name: "time", type: "float", shape: [3], units: "picosecond"),
        .init(name: "coordinates", type: "float", shape: [3, 2, 3], units: "angstrom"),
        .init(name: "cell_lengths", type: "double", shape: [3, 3], units: nil),
      ])
    #expect(found.notes == ["has a periodic box, which is left out"])
    let energies = try inspectAmberTrajectory(
      path: file("Tests/Golden/systems/AL3/energies.nc"))
    #expect(energies.format == .netCDF4)
    #expect(energies.frames == nil)
    #expect(energies.variables.contains { $0.name == "forces" && $0.shape == [64, 33, 3] })
  }
}
