import Foundation
import FuzzSupport
import Runs

/// `fuzz READER [libFuzzer's options] [CORPUS]`: gives a reader one damaged file after the other.
///
/// A trap, what a sanitizer sees, more than a second, much more memory than the file, and a message
/// that is not one short line of the program's own words end the program and leave the file.
@main enum Fuzz {
  static func main() {
    let names = fuzzedReaders.keys.sorted().joined(separator: " ")
    guard CommandLine.arguments.count > 1, let found = fuzzedReaders[CommandLine.arguments[1]]
    else {
      FileHandle.standardError.write(
        Data("usage: fuzz READER [-runs=N] [CORPUS]; readers: \(names)\n".utf8))
      exit(64)
    }
    reader = found
    // libFuzzer's own arguments are the others.
    var words = CommandLine.arguments
    words.remove(at: 1)
    for option in ["-timeout=1", "-rss_limit_mb=4096", "-malloc_limit_mb=256"] {
      let name = option.prefix { $0 != "=" }
      if !words.contains(where: { $0.hasPrefix(name) }) { words.append(option) }
    }
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
    var count = Int32(arguments.count)
    arguments.append(nil)
    fuzz_count_allocations()
    arguments.withUnsafeMutableBufferPointer { buffer in
      var start = buffer.baseAddress
      _ = withUnsafeMutablePointer(to: &start) { start in
        start.withMemoryRebound(
          to: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?.self, capacity: 1
        ) { LLVMFuzzerRunDriver(&count, $0, tryOne) }
      }
    }
  }
}

private nonisolated(unsafe) var reader = FuzzedReader { _, _ in }

/// What an input may allocate at a time besides ten times its size.
private let freeBytes = 1 << 20

private func tryOne(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let bytes = Data(UnsafeBufferPointer(start: start, count: count))
  let path = inputFile.write(bytes)
  fuzz_begin()
  do {
    try reader.read(bytes, path)
  } catch {
    check(message: "\(error)", of: bytes)
  }
  let peak = Int(fuzz_peak())
  precondition(
    peak <= 10 * count + freeBytes + reader.freeBytes,
    "FINDING: \(peak) bytes were allocated for an input of \(count)")
  return 0
}

/// Words of systems and languages, which say nothing to the people who read them.
private let foreignWords = [
  "NSCocoaErrorDomain", "NSPOSIXErrorDomain", "Optional(", "Swift.", "DecodingError", "errno",
  "CodingKeys", "Error Domain", "debugDescription",
]

private func check(message: String, of input: Data) {
  // As the program shows it.
  let message = shownText(message)
  precondition(!message.isEmpty, "FINDING: no message")
  precondition(
    !message.unicodeScalars.contains { $0.properties.generalCategory == .control },
    "FINDING: control characters: \(message)")
  // What the file itself holds may be shown.
  for word in foreignWords where message.contains(word) {
    precondition(
      input.range(of: Data(word.utf8)) != nil, "FINDING: '\(word)' in: \(message)")
  }
}

/// The file of the present input: in memory, one for all.
private let inputFile = InputOfFuzzing()

private struct InputOfFuzzing {
  let path: String
  private let descriptor: Int32

  init() {
    path = "/dev/shm/tarflow-mol-fuzz-\(getpid())"
    descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC, 0o600)
    precondition(descriptor >= 0, "\(path): cannot be written")
    atexit { unlink("/dev/shm/tarflow-mol-fuzz-\(getpid())") }
  }

  func write(_ bytes: Data) -> String {
    ftruncate(descriptor, 0)
    let written = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    precondition(written == bytes.count, "\(path): no room")
    return path
  }
}
