/// Why a trajectory or restart could not be read or written.
package enum TrajectoryError: Error, Equatable, Sendable {
  /// The operating system does not let us read the file.
  case unreadable(path: String, reason: String)
  /// The file is something other than NetCDF.
  case notNetCDF(path: String, found: String)
  /// libnetcdf refuses.
  case library(path: String, action: String, reason: String)
  /// A variable is absent.
  case missingVariable(path: String, variable: String, found: [String])
  /// A variable has more elements than a file of this size can hold.
  case implausibleSize(path: String, variable: String, shape: [Int], size: Int)
}

extension TrajectoryError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unreadable(let path, let reason):
      "\(path): cannot be read: \(reason)"
    case .notNetCDF(let path, let found):
      "\(path): is not a NetCDF file but \(found)"
    case .library(let path, let action, let reason):
      "\(path): libnetcdf could not \(action): \(reason)"
    case .missingVariable(let path, let variable, let found):
      "\(path): has no variable '\(variable)', only \(found.joined(separator: ", "))"
    case .implausibleSize(let path, let variable, let shape, let size):
      "\(path): '\(variable)' has the shape \(shape), too much for a file of \(size) bytes; the header is damaged"
    }
  }
}
