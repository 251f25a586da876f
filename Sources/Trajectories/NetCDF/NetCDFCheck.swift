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
  case .text where isTextTrajectory(start):
    throw .notNetCDF(
      path: path,
      found: "an AMBER trajectory in text form, whose coordinates are rounded to 0.001 Å; simulate "
        + "with ioutfm=1, or convert what was not rounded: cpptraj -p TOPOLOGY -y FILE -x FILE.nc")
  case let other:
    throw .notNetCDF(path: path, found: other.description)
  }
  return checked
}

/// Whether a text is an mdcrd: a title, then coordinates of three decimals in columns of eight.
private func isTextTrajectory(_ start: some Collection<UInt8>) -> Bool {
  let lines = start.split(separator: 0x0A, maxSplits: 2, omittingEmptySubsequences: false)
  guard lines.count > 2, lines[1].count >= 8, lines[1].count % 8 == 0 else { return false }
  let line = String(decoding: lines[1], as: UTF8.self)
  let fields = line.split(separator: " ")
  return !fields.isEmpty
    && fields.allSatisfy { Double($0) != nil && $0.suffix(4).first == "." }
}

/// Resolves symbolic links.
private func absolute(_ path: String) throws(TrajectoryError) -> String {
  guard let resolved = realpath(path, nil) else {
    throw .file(.unreadable(path: path, reason: systemReason()))
  }
  defer { free(resolved) }
  return String(cString: resolved)
}
