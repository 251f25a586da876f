import Foundation

/// What the operating system says of an error, or else Foundation, in one line.
package func systemReason(_ error: any Error) -> String {
  let error = error as NSError
  if let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError { return systemReason(cause) }
  return error.domain == NSPOSIXErrorDomain
    ? systemReason(code: Int32(error.code)) : error.localizedDescription
}

/// What the operating system says of an error number, by default of its last refusal.
package func systemReason(code: Int32 = errno) -> String { String(cString: strerror(code)) }
