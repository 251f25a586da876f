import Glibc
import TensorFiles

/// What is known of a file before libnetcdf sees it.
struct CheckedFile {
  /// With symbolic links resolved: libnetcdf takes some relative names for addresses on the web.
  let absolutePath: String
  /// In bytes.
  let size: Int
  /// The whole records after those that the header counts.
  var uncountedRecords = 0
}

/// Checks that a file is there, is NetCDF, and holds what its header promises.
func checkNetCDF(path: String) throws(TrajectoryError) -> CheckedFile {
  var bytes = try HeaderBytes(path: path)
  var checked = CheckedFile(absolutePath: try absolute(path), size: bytes.size)
  switch FileKind(start: try bytes.start(512)) {
  case .classicNetCDF:
    let header = try ClassicHeader(&bytes)
    checked.uncountedRecords = try header.checkExtent(path: path, size: bytes.size)
  case .hdf5(let end):
    if let end, end > bytes.size {
      throw .truncatedFile(path: path, needed: end, found: bytes.size)
    }
  case .text:
    throw .notNetCDF(path: path, found: "text")
  case .other(let found):
    throw .notNetCDF(path: path, found: found)
  }
  return checked
}

/// Resolves symbolic links.
private func absolute(_ path: String) throws(TrajectoryError) -> String {
  guard let resolved = realpath(path, nil) else {
    throw .file(.unreadable(path: path, reason: systemReason()))
  }
  defer { free(resolved) }
  return String(cString: resolved)
}
