import TensorFiles

/// Why a trajectory or restart could not be read or written.
package enum TrajectoryError: Error, Equatable, Sendable {
  /// The file cannot be opened or written.
  case file(FileError)
  /// The file is something other than NetCDF.
  case notNetCDF(path: String, found: String)
  /// libnetcdf refuses.
  case library(path: String, action: String, reason: String)

  /// The file ends inside its header, in the part that is named; byte counts.
  case truncatedHeader(path: String, part: String, needed: Int, found: Int)
  /// The header contradicts the format or itself at a byte.
  case badHeader(path: String, offset: Int, fault: String)
  /// An HDF5 file ends too early; byte counts.
  case truncatedFile(path: String, needed: Int, found: Int)
  /// The file ends before the last value of a variable; byte counts.
  case truncatedVariable(path: String, variable: String, needed: Int, found: Int)
  /// The file ends before the last frame; frame counts, and the size in bytes.
  case truncatedFrames(path: String, expected: Int, found: Int, size: Int)
  /// The header counts no frames, or leaves the count open (nil), though frames are there.
  case uncountedFrames(path: String, counted: Int?, found: Int)
  /// A variable has more elements than a file of this size can hold.
  case implausibleSize(path: String, variable: String, shape: [Int], size: Int)

  /// A variable is absent.
  case missingVariable(path: String, variable: String, found: [String])
  /// A variable has another shape than it should.
  case shape(path: String, variable: String, expected: String, found: [Int])
  /// A variable has another type than it should.
  case type(path: String, variable: String, expected: String, found: String)
  /// The `Conventions` attribute is absent (nil) or names something else.
  case conventions(path: String, expected: String, found: String?)
  /// The unit of a variable is not known.
  case unit(path: String, variable: String, expected: String, found: String)
  /// There is no frame.
  case noFrames(path: String)
  /// Frames were asked for that are not there.
  case framesOutOfRange(path: String, requested: Range<Int>, found: Int)
  /// The atom count differs from the topology's.
  case atomCount(path: String, expected: Int, found: Int)
  /// A coordinate is not a finite number, or was never written; frame and atom count from 0
  /// here, the atom from 1 in the message, as the topology's.
  case badCoordinate(path: String, frame: Int, atom: Int, found: String)
  /// A line of a restart in text form is not what it should be; lines count from 1.
  case badLine(path: String, line: Int, expected: String, found: String)
}

extension TrajectoryError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .file(let error):
      error.description
    case .notNetCDF(let path, let found):
      "\(path): is not a NetCDF file but \(found)"
    case .library(let path, let action, let reason):
      "\(path): libnetcdf could not \(action): \(reason)"
    case .truncatedHeader(let path, let part, let needed, let found):
      "\(path): ends inside its header, in \(part): \(needed) bytes needed, \(found) there; "
        + "the copy is incomplete"
    case .badHeader(let path, let offset, let fault):
      "\(path): the header is damaged at byte \(offset): \(fault)"
    case .truncatedFile(let path, let needed, let found):
      "\(path): has \(found) of \(needed) bytes; the copy is incomplete"
    case .truncatedVariable(let path, let variable, let needed, let found):
      "\(path): ends inside '\(variable)': \(needed) bytes needed, \(found) there; "
        + "the copy is incomplete"
    case .truncatedFrames(let path, let expected, let found, let size):
      "\(path): has \(found) whole frame\(found == 1 ? "" : "s") in \(size) bytes, "
        + "but its header counts \(expected); the copy is incomplete"
    case .uncountedFrames(let path, let counted, let found):
      "\(path): \(counted == nil ? "leaves the number of frames open" : "counts 0 frames"), "
        + "but holds \(found); its writer did not close it; recover them in a copy, whose header "
        + "the right number goes into: " + recovery(of: path, frames: found)
    case .implausibleSize(let path, let variable, let shape, let size):
      "\(path): '\(variable)' has the shape \(shape), too much for a file of \(size) bytes; "
        + "the header is damaged"
    case .missingVariable(let path, let variable, let found):
      "\(path): has no variable '\(variable)', only \(listed(found))"
        + (found.contains("compressedpos")
          ? "; it is of cpptraj's lossy form (icompress), whose rounding makes it unfit: write it "
            + "again from the source, without icompress" : "")
    case .shape(let path, let variable, let expected, let found):
      "\(path): '\(variable)' should have the shape \(expected), but has \(found)"
    case .type(let path, let variable, let expected, let found):
      "\(path): '\(variable)' should be \(expected), but is \(found)"
    case .conventions(let path, let expected, let found):
      "\(path): " + conventionsFault(expected: expected, found: found)
    case .unit(let path, let variable, let expected, let found):
      "\(path): '\(variable)' is in '\(found)'; known units are \(expected)"
    case .noFrames(let path):
      "\(path): holds no frames"
    case .framesOutOfRange(let path, let requested, let found):
      "\(path): has \(found) frames, but frames \(requested) are wanted"
    case .atomCount(let path, let expected, let found):
      "\(path): has \(found) atoms, but the topology has \(expected); is it of another molecule, "
        + "or does it still hold the solvent?"
    case .badCoordinate(let path, let frame, let atom, let found):
      "\(path): atom \(atom + 1) of frame \(frame) has the coordinate \(found) "
        + "(atoms count from 1, frames from 0)"
    case .badLine(let path, let line, let expected, let found):
      "\(path):\(line): expected \(expected), found \(found)"
    }
  }
}

private func listed(_ names: [String]) -> String {
  names.isEmpty ? "an empty file" : names.map { "'\($0)'" }.joined(separator: ", ")
}

/// The command that writes the number of frames into the header of a file.
private func recovery(of path: String, frames: Int) -> String {
  let kind = try? FileKind(path: path)
  let file = try? OpenFile(path: path)
  let start = (try? file?.read(1, at: 0, path: path)) ?? []
  let (offset, width) =
    switch kind {
    case .dcd: (8, 4)
    case .classicNetCDF(5): (4, 8)
    default: (4, 4)
    }
  let isLittleEndian = kind == .dcd && start.first != 0
  let digits = (0..<width).map { place in
    let octal = String(frames >> (8 * (width - 1 - place)) & 0xFF, radix: 8)
    return "\\" + String(repeating: "0", count: 3 - octal.count) + octal
  }
  let number = (isLittleEndian ? digits.reversed() : digits).joined()
  return "printf '\(number)' | dd of=COPY bs=1 seek=\(offset) conv=notrunc"
}

private func conventionsFault(expected: String, found: String?) -> String {
  switch (expected, found) {
  case ("AMBER", "AMBERRESTART"):
    "is an AMBER restart, one conformation; a trajectory is wanted"
  case ("AMBERRESTART", "AMBER"):
    "is an AMBER trajectory; a restart, one conformation, is wanted"
  case (_, let found?):
    "follows the convention '\(found)'; '\(expected)' is wanted"
  case (_, nil):
    "has no attribute 'Conventions'; an AMBER file says '\(expected)' there"
  }
}
