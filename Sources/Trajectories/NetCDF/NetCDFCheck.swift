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
  let start = try bytes.start(512)
  switch FileKind(start: start) {
  case .classicNetCDF(1), .classicNetCDF(2), .classicNetCDF(5):
    let header = try ClassicHeader(&bytes)
    checked.uncountedRecords = try header.checkExtent(path: path, size: bytes.size)
  case .hdf5:
    if let end = hdf5End(start: start), end > bytes.size {
      throw .truncatedFile(path: path, needed: end, found: bytes.size)
    }
  case let other:
    throw .notNetCDF(path: path, found: other.description)
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
