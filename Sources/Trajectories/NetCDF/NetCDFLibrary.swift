import CNetCDF
import Glibc
import Synchronization

private let library = Mutex(())

/// Runs `body` while no other thread is inside libnetcdf, which keeps state of its own and has no
/// lock.
///
/// Not to be nested.
package func withNetCDFLibrary<Result: Sendable, Failure: Error>(
  _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
  try library.withLock { (_) throws(Failure) in
    silenceHDF5()
    return try body()
  }
}

/// Keeps HDF5 from printing its errors, of which libnetcdf makes many on purpose.
///
/// libnetcdf silences it too, but only on the thread that comes first, and HDF5 keeps the setting
/// per thread. It is looked up because we use HDF5 only through libnetcdf.
private func silenceHDF5() {
  typealias SetAuto = @convention(c) (Int64, UnsafeRawPointer?, UnsafeRawPointer?) -> Int32
  guard let symbol = dlsym(nil, "H5Eset_auto2") else { return }
  _ = unsafeBitCast(symbol, to: SetAuto.self)(0, nil, nil)
}

/// Throws what libnetcdf says about a status other than success.
func checkStatus(
  _ status: Int32, _ path: String, _ action: String
) throws(TrajectoryError) {
  guard status != NC_NOERR else { return }
  throw .library(path: path, action: action, reason: String(cString: nc_strerror(status)))
}
