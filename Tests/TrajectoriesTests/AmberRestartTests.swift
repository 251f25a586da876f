import Testing
import Trajectories

struct AmberRestartTests {
  let folder: TemporaryFolder
  let text = """
    a title
        3  0.1000000E+01
       1.0000000  -2.0000000   3.2500000-100.1234567-200.1234567   0.0000000
       0.5000000   0.2500000   0.1250000

    """

  init() throws { folder = try TemporaryFolder() }

  @Test(arguments: [("AL2", 22), ("AL3", 33), ("AL4", 42), ("AL6", 63), ("CLN", 138)])
  func `the start of each system is read`(system: String, atoms: Int) throws {
    let path = file("systems/\(system)/start.ncrst")
    let positions = try readAmberRestart(path: path, expectedAtoms: atoms)
    #expect(positions.count == atoms)
    let stored = try NetCDFFile(path: path).doubles("coordinates").values
    #expect(positions[atoms - 1].z == (stored.last ?? .nan) / 10)
    #expect(throws: TrajectoryError.atomCount(path: path, expected: 5, found: atoms)) {
      _ = try readAmberRestart(path: path, expectedAtoms: 5)
    }
  }

  @Test(arguments: ["\n", "\r\n"])
  func `the text form is read by its columns`(end: String) throws {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let path = try folder.write(lines.joined(separator: end).utf8, "start.rst7")
    let found = try readAmberRestart(path: path, expectedAtoms: 3)
    let angstroms: [SIMD3<Double>] = [
      SIMD3(1, -2, 3.25), SIMD3(-100.1234567, -200.1234567, 0), SIMD3(0.5, 0.25, 0.125),
    ]
    #expect(found == angstroms.map { $0 / 10 })
  }

  @Test(arguments: [
    (
      "   0.2500000", "************", 4,
      "'************': the coordinate did not fit its columns when it was written; centre the "
        + "molecule and write it again, or write NetCDF"
    ),
    ("   0.2500000", "         nan", 4, "'nan'"),
    ("   0.1250000", "", 4, "the end of the line"),
  ])
  func `a number that is none is named by its line`(
    old: String, new: String, line: Int, found: String
  ) throws {
    let path = try folder.write(text.replacing(old, with: new).utf8, "start.rst7")
    #expect(
      throws: TrajectoryError.badLine(
        path: path, line: line, expected: "six coordinates of 12 columns", found: found)
    ) {
      _ = try readAmberRestart(path: path)
    }
  }

  @Test func `a text that ends too early, or is something else, is refused`() throws {
    let cut = text.split(separator: "\n").dropLast().joined(separator: "\n")
    let path = try folder.write(cut.utf8, "start.rst7")
    #expect(
      throws: TrajectoryError.badLine(
        path: path, line: 3, expected: "the coordinates of 3 atoms", found: "the end of the file")
    ) {
      _ = try readAmberRestart(path: path)
    }
    let story = try folder.write("REMARK\nATOM      1  N   ALA\n".utf8, "start.pdb")
    #expect(
      throws: TrajectoryError.badLine(
        path: story, line: 2, expected: "the number of atoms of an AMBER restart",
        found: "other text")
    ) {
      _ = try readAmberRestart(path: story)
    }
    let topology = file("systems/AL3/topology.prmtop")
    #expect(throws: TrajectoryError.notNetCDF(path: topology, found: "an AMBER topology")) {
      _ = try readAmberRestart(path: topology)
    }
  }

  @Test func `a trajectory is no restart`() throws {
    let path = file("systems/AL3/reference.nc")
    let error = #expect(throws: TrajectoryError.self) { _ = try readAmberRestart(path: path) }
    #expect(error == .conventions(path: path, expected: "AMBERRESTART", found: "AMBER"))
    #expect(
      error?.description
        == "\(path): is an AMBER trajectory; a restart, one conformation, is wanted")
  }
}
