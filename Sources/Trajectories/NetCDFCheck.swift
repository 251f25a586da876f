import Glibc

/// What is known of a file before libnetcdf sees it.
struct CheckedFile {
  /// With symbolic links resolved: libnetcdf takes some relative names for addresses on the web.
  let absolutePath: String
  /// In bytes.
  let size: Int
}

/// Checks that a file can be read and starts as NetCDF does.
func checkNetCDF(path: String) throws(TrajectoryError) -> CheckedFile {
  guard let resolved = realpath(path, nil) else {
    throw .unreadable(path: path, reason: String(cString: strerror(errno)))
  }
  defer { free(resolved) }
  var status = stat()
  guard stat(resolved, &status) == 0 else {
    throw .unreadable(path: path, reason: String(cString: strerror(errno)))
  }
  return CheckedFile(absolutePath: String(cString: resolved), size: status.st_size)
}
