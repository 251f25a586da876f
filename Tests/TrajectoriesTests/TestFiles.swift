import CNetCDF
import Foundation
import TestSupport
import Testing
import Trajectories

/// The path of a file of the package.
func file(_ name: String) -> String {
  repositoryFolder.appending(path: name).path(percentEncoded: false)
}

/// A folder that is gone when the last reference goes.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory
      .appending(path: "tarflow-trajectories-\(UUID().uuidString)").path(percentEncoded: false)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file in the folder.
  func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file, and gives its path.
  func write(_ bytes: some Sequence<UInt8>, _ name: String = "file.nc") throws -> String {
    try Data(bytes).write(to: URL(filePath: file(name)))
    return file(name)
  }

  var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
  }
}

/// The bytes of a file.
func bytes(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: path))) }

/// A trajectory as another program might write it: every deviation from the convention is one
/// property.
struct ForeignFile {
  var mode = NC_64BIT_OFFSET
  var type = NC_FLOAT
  var conventions: String? = "AMBER"
  var frames = 3
  var atoms = 2
  var axes = 3
  var isFrameFixed = false
  var hasFrames = true
  var unit: String? = "angstrom"
  var scale: Double?
  var offset: Double?
  var timeUnit: String? = "picosecond"
  var hasTime = true
  var hasBox = false
  var coordinates = "coordinates"
  /// The value of element `index` as it is stored.
  var value: (_ index: Int) -> Double = { Double($0) / 4 - 1 }

  /// Writes the file by libnetcdf alone.
  func write(_ path: String) { withNetCDFLibrary { create(path) } }

  private func create(_ path: String) {
    var id: Int32 = 0
    expect(nc_create(path, NC_CLOBBER | mode, &id))
    var (frame, atom, spatial): (Int32, Int32, Int32) = (0, 0, 0)
    expect(nc_def_dim(id, "frame", isFrameFixed ? frames : 0, &frame))
    expect(nc_def_dim(id, "atom", atoms, &atom))
    expect(nc_def_dim(id, "spatial", axes, &spatial))
    text(id, NC_GLOBAL, "Conventions", conventions)
    text(id, NC_GLOBAL, "ConventionVersion", "1.0")
    text(id, NC_GLOBAL, "program", "a test")
    var (x, time, box): (Int32, Int32, Int32) = (0, 0, 0)
    if hasTime {
      expect(nc_def_var(id, "time", NC_FLOAT, 1, [frame], &time))
      text(id, time, "units", timeUnit)
    }
    let dimensions = hasFrames ? [frame, atom, spatial] : [atom, spatial]
    expect(nc_def_var(id, coordinates, type, Int32(dimensions.count), dimensions, &x))
    text(id, x, "units", unit)
    if let scale { expect(nc_put_att_double(id, x, "scale_factor", NC_DOUBLE, 1, [scale])) }
    if let offset { expect(nc_put_att_double(id, x, "add_offset", NC_DOUBLE, 1, [offset])) }
    if hasBox { expect(nc_def_var(id, "cell_lengths", NC_DOUBLE, 2, [frame, spatial], &box)) }
    expect(nc_enddef(id))
    let count = (hasFrames ? frames : 1) * atoms * axes
    let shape = hasFrames ? [frames, atoms, axes] : [atoms, axes]
    expect(nc_put_vara_double(id, x, [0, 0, 0], shape, (0..<count).map(value)))
    let steps = (0..<frames).map { 0.5 * Double($0) }
    if hasTime { expect(nc_put_vara_double(id, time, [0], [frames], steps)) }
    if hasBox {
      let lengths = [Double](repeating: 30, count: frames * axes)
      expect(nc_put_vara_double(id, box, [0, 0], [frames, axes], lengths))
    }
    expect(nc_close(id))
  }

  private func text(_ id: Int32, _ owner: Int32, _ name: String, _ text: String?) {
    if let text { expect(nc_put_att_text(id, owner, name, text.utf8.count, text)) }
  }

  private func expect(_ status: Int32) {
    #expect(status == NC_NOERR, "\(String(cString: nc_strerror(status)))")
  }
}
