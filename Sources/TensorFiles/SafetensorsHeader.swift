import Foundation

/// The header of a safetensors file, checked against itself and the size of the file.
///
/// It is read entry by entry, so that a header of many megabytes takes a small multiple of its own
/// size (`BadSafetensorsTests`).
struct SafetensorsHeader {
  let metadata: [String: String]
  /// In the order of the file, without holes and overlaps.
  let entries: [TensorEntry]
  /// The bytes before the elements.
  let length: Int

  init(
    _ data: Data, path: String, leavingOut isLeftOut: (String) -> Bool
  ) throws(SafetensorsError) {
    if let kind = otherFormat(data) {
      throw .file(.content(path: path, problem: "is no safetensors file but \(kind)"))
    }
    guard data.count >= 8 else { throw .truncated(path: path, expected: 8, found: data.count) }
    let bytes = data.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard bytes <= 100_000_000 else {
      throw .header(path: path, problem: "its length is \(bytes)")
    }
    length = 8 + Int(bytes)
    guard data.count >= length else {
      throw .truncated(path: path, expected: length, found: data.count)
    }
    let text = [UInt8](data[data.startIndex + 8..<data.startIndex + length])
    var members = HeaderMembers(path: path)
    try text.withUnsafeBufferPointer { (text) throws(SafetensorsError) in
      try members.read(text, leavingOut: isLeftOut)
    }
    metadata = members.metadata
    entries = members.entries.sorted { ($0.start, $0.end, $0.name) < ($1.start, $1.end, $1.name) }
    try checkExtent(path: path, size: data.count)
  }

  /// Checks that the tensors fill the file.
  private func checkExtent(path: String, size: Int) throws(SafetensorsError) {
    var next = 0
    for entry in entries {
      guard entry.start == next else {
        throw .layout(path: path, name: entry.name, expectedStart: next, found: entry.start)
      }
      next = entry.end
    }
    guard next <= size - length else {
      throw .truncated(
        path: path, expected: next > .max - length ? .max : length + next, found: size)
    }
    guard next == size - length else {
      throw .trailingBytes(path: path, expected: length + next, found: size)
    }
  }
}

/// The members of a header's object.
private struct HeaderMembers {
  let path: String
  var metadata: [String: String] = [:]
  var entries: [TensorEntry] = []
  private var hasMetadata = false

  /// More texts are of no use to anybody.
  private static let mostTexts = 100_000

  init(path: String) { self.path = path }

  private var noObject: SafetensorsError { .header(path: path, problem: "not a JSON object") }
  private var twice: SafetensorsError {
    .header(path: path, problem: "a name occurs twice in one object")
  }
  private var noTexts: SafetensorsError {
    .header(path: path, problem: "__metadata__ is not a map of texts")
  }

  mutating func read(
    _ text: UnsafeBufferPointer<UInt8>, leavingOut isLeftOut: (String) -> Bool
  ) throws(SafetensorsError) {
    guard text.first == UInt8(ascii: "{") else { throw noObject }
    // What is no JSON at all is said before what is wrong with an entry.
    var check = JSONScanner(text)
    guard (try? check.pass()) != nil, check.isAtEnd() else { throw noObject }
    var scanner = JSONScanner(text)
    try scanner.object(noObject) { (scanner, name) throws(SafetensorsError) in
      if name == "__metadata__" {
        try readMetadata(&scanner)
      } else {
        entries.append(
          try TensorEntry(&scanner, name: name, path: path, isLeftOut: isLeftOut(name)))
      }
    }
    guard Set(entries.lazy.map(\.name)).count == entries.count else { throw twice }
  }

  private mutating func readMetadata(_ scanner: inout JSONScanner) throws(SafetensorsError) {
    if hasMetadata { throw twice }
    hasMetadata = true
    guard scanner.next() == UInt8(ascii: "{") else { throw noTexts }
    try scanner.object(noTexts) { (scanner, key) throws(SafetensorsError) in
      guard scanner.next() == UInt8(ascii: "\""), let text = try? scanner.string() else {
        throw noTexts
      }
      guard metadata.updateValue(text, forKey: key) == nil else { throw twice }
      guard metadata.count <= Self.mostTexts else {
        throw .header(
          path: path, problem: "__metadata__ has more than \(Self.mostTexts) texts")
      }
    }
  }
}

/// One tensor's entry in the header.
struct TensorEntry {
  let name: String
  /// Nil when the tensor is left out.
  let type: ElementType?
  let shape: [Int]
  /// Its bytes, counted from the end of the header.
  let start: Int
  let end: Int

  /// More dimensions than any array has.
  private static let mostDimensions = 64

  /// Reads the entry of a name.
  init(
    _ scanner: inout JSONScanner, name: String, path: String, isLeftOut: Bool
  ) throws(SafetensorsError) {
    func fail(_ problem: String) -> SafetensorsError {
      .tensor(path: path, name: name, problem: problem)
    }
    var typeName: String?
    var (found, range): ([Int]?, [Int]?)
    var seen: Set<String> = []
    let noObject = fail("its entry is no JSON object")
    guard scanner.next() == UInt8(ascii: "{") else { throw noObject }
    try scanner.object(noObject) { (scanner, key) throws(SafetensorsError) in
      guard seen.count < 100, seen.insert(key).inserted else {
        throw .header(path: path, problem: "a name occurs twice in one object")
      }
      do throws(JSONScanner.Failure) {
        switch key {
        case "dtype":
          if scanner.next() == UInt8(ascii: "\"") {
            typeName = try scanner.string()
          } else {
            try scanner.pass()
          }
        case "shape": found = try scanner.sizes(limit: Self.mostDimensions)
        case "data_offsets": range = try scanner.sizes(limit: 2)
        default: try scanner.pass()
        }
      } catch { throw noObject }
    }
    guard let typeName else { throw fail("has no dtype") }
    type = isLeftOut ? nil : ElementType(rawValue: typeName)
    guard isLeftOut || type != nil else {
      throw fail(
        "has dtype \(typeName.prefix(20)), expected F32, F64, F16, BF16, I32 or I64")
    }
    guard let shape = found else { throw fail("its shape is no list of sizes") }
    guard let offsets = range, offsets.count == 2, offsets[0] <= offsets[1] else {
      throw fail("its data_offsets are no ascending pair")
    }
    (self.name, self.shape) = (name, shape)
    (start, end) = (offsets[0], offsets[1])
    // The size of an element of another type is not known.
    guard var size = type?.size else { return }
    for dimension in shape {
      let (product, overflow) = size.multipliedReportingOverflow(by: dimension)
      if overflow { throw fail("its shape \(shape) overflows") }
      size = product
    }
    guard offsets[1] - offsets[0] == size else {
      throw fail("shape \(shape) needs \(size) bytes, data_offsets hold \(offsets[1] - offsets[0])")
    }
  }
}

/// The format of a file that is known by its first bytes and is not this one, in words that fit
/// after "but".
private func otherFormat(_ data: Data) -> String? {
  let start = Array(data.prefix(512))
  if FileKind(start: start) == .safetensors { return nil }
  // A zip archive, or a pickle of protocol 2 to 5.
  if start.starts(with: [0x50, 0x4B, 0x03, 0x04])
    || (start.count > 2 && start[0] == 0x80 && (2...5).contains(start[1]))
  {
    return "a zip archive or pickle, such as PyTorch's .pth; convert it with "
      + "notebooks-export/convert_weights.py"
  }
  return signatureName(of: start)
}
