import CNetCDF
import Foundation
import TensorFiles
import Testing
import Trajectories

/// Every broken file has an error of its own, with the numbers.
struct BrokenFileTests {
  let folder: TemporaryFolder
  let path: String
  /// A good CDF-2 file: 3 frames of 28 bytes (time, coordinates of 2 atoms) after a header of 284
  /// bytes.
  let good: [UInt8]

  init() throws {
    folder = try TemporaryFolder()
    path = folder.file("file.nc")
    ForeignFile().write(path)
    good = try bytes(path)
  }

  /// The error of reading `bytes`.
  func failure(_ bytes: some Sequence<UInt8>) throws -> TrajectoryError? {
    _ = try folder.write(bytes)
    return #expect(throws: TrajectoryError.self) { _ = try readAmberTrajectory(path: path) }
  }

  /// The good file with other bytes from `offset` on.
  func changed(_ offset: Int, _ new: UInt8...) -> [UInt8] {
    var bytes = good
    bytes.replaceSubrange(offset..<offset + new.count, with: new)
    return bytes
  }

  /// Where the description of the variable `coordinates` begins: the length of its name.
  var coordinates: Int {
    get throws { try #require(good.firstRange(of: Array("coordinates".utf8))).lowerBound - 4 }
  }

  @Test(
    arguments: [
      ([], "empty"), (Array("ATOM      1\n".utf8), "text"),
      ([0x1F, 0x8B, 8], "gzip data: unpack it first"),
      ([0x0E, 0x03, 0x13, 0x01], "HDF4"), (Array("CDF\u{3}".utf8), "CDF of version 3"),
      (Array("%VERSION  VERSION_STAMP".utf8), "an AMBER topology"),
      (
        Array("version https://git-lfs.github.com/spec/v1\n".utf8),
        "a Git LFS pointer: run 'git lfs pull'"
      ),
      ([0x54, 0, 0, 0] + Array("CORD".utf8), "a DCD trajectory"),
      ([0xFE, 0x01, 0x02], "data that start with the bytes fe 01 02"),
    ] as [([UInt8], String)])
  func `what is no NetCDF file is named`(bytes: [UInt8], found: String) throws {
    #expect(try failure(bytes) == .notNetCDF(path: path, found: found))
  }

  @Test func `what is no file at all is refused without waiting`() throws {
    #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
    func expect(_ error: FileError, _ path: String, _ problem: String) {
      #expect(throws: TrajectoryError.file(error)) { _ = try readAmberTrajectory(path: path) }
      #expect(error.description == "\(path): \(problem)")
    }
    let (missing, pipe) = (folder.file("missing"), folder.file("pipe"))
    expect(.missing(path: missing), missing, "cannot be read: No such file or directory")
    expect(
      .notPlainFile(path: folder.path, isFolder: true), folder.path,
      "is a folder, no file; name a file in it")
    expect(.notPlainFile(path: pipe, isFolder: false), pipe, FileError.isPipe)
  }

  // Root may read everything.
  @Test(.enabled(if: geteuid() != 0, "root may read everything"))
  func `a file without permission is refused`() throws {
    #expect(chmod(path, 0) == 0)
    #expect(throws: TrajectoryError.file(.unreadable(path: path, reason: "Permission denied"))) {
      _ = try readAmberTrajectory(path: path)
    }
  }

  @Test func `a header that ends too early is named`() throws {
    #expect(
      try failure(good.prefix(20))
        == .truncatedHeader(
          path: path, part: "the name of a dimension", needed: 25, found: 20))
    #expect(
      try failure(good.prefix(6))
        == .truncatedHeader(path: path, part: "the number of records", needed: 8, found: 6))
    #expect(
      try failure(good.prefix(70))
        == .truncatedHeader(
          path: path, part: "the length of the name of an attribute of the file", needed: 72,
          found: 70))
  }

  @Test func `lost frames are counted`() throws {
    let size = good.count
    #expect(
      try failure(good.dropLast())
        == .truncatedFrames(path: path, expected: 3, found: 2, size: size - 1))
    #expect(
      try failure(good.dropLast(40))
        == .truncatedFrames(path: path, expected: 3, found: 1, size: size - 40))
    #expect(
      try failure(good.dropLast(84))
        == .truncatedFrames(path: path, expected: 3, found: 0, size: size - 84))
    // The highest byte of the number of records.
    #expect(
      try failure(changed(4, 0x7F))
        == .truncatedFrames(path: path, expected: 0x7F00_0003, found: 3, size: size))
  }

  @Test func `a variable of fixed size that ends too early is named`() throws {
    ForeignFile(isFrameFixed: true).write(path)
    let fixed = try bytes(path)
    #expect(
      try failure(fixed.dropLast())
        == .truncatedVariable(
          path: path, variable: "coordinates", needed: fixed.count, found: fixed.count - 1))
  }

  @Test func `frames that the header does not count are found`() throws {
    #expect(
      try failure(changed(4, 0, 0, 0, 0)) == .uncountedFrames(path: path, counted: 0, found: 3))
    #expect(
      try failure(changed(4, 0xFF, 0xFF, 0xFF, 0xFF))
        == .uncountedFrames(path: path, counted: nil, found: 3))
    let path = try folder.write(changed(7, 1))
    let (found, notes) = try readAmberTrajectory(path: path)
    #expect(found.frames == 1)
    #expect(
      notes == [
        "holds 2 more frames than its header counts: it is still being written, or its writer "
          + "was stopped"
      ])
  }

  @Test func `counts that no file has are refused`() throws {
    #expect(
      try failure(changed(12, 0x7F))
        == .badHeader(
          path: path, offset: 12,
          fault: "the number of the dimensions is 2130706435, more than 65536"))
    #expect(
      try failure(changed(16, 0x80))
        == .badHeader(
          path: path, offset: 16,
          fault: "the length of the name of a dimension is 2147483653, more than 256"))
    // The length of 'atom'.
    let coordinates = try coordinates
    #expect(
      try failure(changed(40, 0x80))
        == .badHeader(
          path: path, offset: coordinates + 72,
          fault:
            "'coordinates' takes 25769803800 bytes by its dimensions, but its size is given as 24"))
    // The rank, and the number of the second dimension.
    #expect(
      try failure(changed(coordinates + 16, 1))
        == .badHeader(
          path: path, offset: coordinates + 16,
          fault: "the rank of 'coordinates' is 16777219, more than 1024"))
    #expect(
      try failure(changed(coordinates + 27, 9))
        == .badHeader(
          path: path, offset: coordinates + 24,
          fault: "'coordinates' has dimension number 9, but there are 3"))
    #expect(
      try failure(changed(coordinates + 27, 0))
        == .badHeader(
          path: path, offset: coordinates + 24,
          fault: "the record dimension is not the first of 'coordinates'"))
  }

  @Test func `types, tags and places that contradict the format are refused`() throws {
    let coordinates = try coordinates
    #expect(
      try failure(changed(coordinates + 71, 9))
        == .badHeader(
          path: path, offset: coordinates + 68,
          fault: "'coordinates' has the type 9, which CDF-2 lacks"))
    #expect(
      try failure(changed(11, 0x0D))
        == .badHeader(
          path: path, offset: 8, fault: "the dimensions begin with the tag 13 and not 10"))
    #expect(
      try failure(changed(coordinates + 76, 0x80))
        == .badHeader(
          path: path, offset: coordinates + 76, fault: "the place of 'coordinates' is negative"))
    #expect(
      try failure(changed(coordinates + 83, 0))
        == .badHeader(
          path: path, offset: coordinates,
          fault: "'coordinates' begins at byte 256, inside what stands before it"))
    #expect(
      try failure(changed(20, 0x07))
        == .badHeader(path: path, offset: 16, fault: "the name of a dimension is not a name"))
  }

  @Test func `records without a dimension are refused`() throws {
    // The length of 'frame'.
    #expect(
      try failure(changed(31, 1))
        == .badHeader(
          path: path, offset: 4, fault: "3 records are counted, but no dimension is theirs"))
  }

  @Test func `coordinates of whole numbers without a scale are refused`() throws {
    let error = try failure(changed(try coordinates + 71, 4))
    #expect(
      error
        == .type(
          path: path, variable: "coordinates",
          expected: "float or double, or integers with a scale_factor",
          found: "int"))
  }

  @Test func `an HDF5 file that ends too early is refused`() throws {
    ForeignFile(mode: NC_NETCDF4).write(path)
    let whole = try bytes(path)
    #expect(
      try failure(whole.dropLast())
        == .truncatedFile(path: path, needed: whole.count, found: whole.count - 1))
    #expect(try failure(whole.prefix(20)) != nil)
  }
}
