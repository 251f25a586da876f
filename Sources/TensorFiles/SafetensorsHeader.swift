import Foundation

/// The header of a safetensors file, checked against itself and the size of the file.
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
    let text = data.subdata(in: 8..<length)
    guard text.first == UInt8(ascii: "{"),
      let members = try? JSONSerialization.jsonObject(with: text) as? [String: Any]
    else { throw .header(path: path, problem: "not a JSON object") }
    guard let texts = members["__metadata__", default: [String: String]()] as? [String: String]
    else { throw .header(path: path, problem: "__metadata__ is not a map of texts") }
    metadata = texts
    guard memberCount(ofJSON: text) == memberCount(of: members) else {
      throw .header(path: path, problem: "a name occurs twice in one object")
    }
    var entries: [TensorEntry] = []
    for (name, entry) in members.sorted(by: { $0.key < $1.key }) where name != "__metadata__" {
      entries.append(try TensorEntry(entry, name: name, path: path, isLeftOut: isLeftOut(name)))
    }
    entries.sort { ($0.start, $0.end, $0.name) < ($1.start, $1.end, $1.name) }
    self.entries = entries
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

/// One tensor's entry in the header.
struct TensorEntry {
  let name: String
  /// Nil when the tensor is left out.
  let type: ElementType?
  let shape: [Int]
  /// Its bytes, counted from the end of the header.
  let start: Int
  let end: Int

  init(_ entry: Any, name: String, path: String, isLeftOut: Bool) throws(SafetensorsError) {
    func fail(_ problem: String) -> SafetensorsError {
      .tensor(path: path, name: name, problem: problem)
    }
    guard let entry = entry as? [String: Any] else { throw fail("its entry is no JSON object") }
    guard let typeName = entry["dtype"] as? String else { throw fail("has no dtype") }
    type = isLeftOut ? nil : ElementType(rawValue: typeName)
    guard isLeftOut || type != nil else {
      throw fail("has dtype \(typeName), expected F32, F64, F16, BF16, I32 or I64")
    }
    guard let shape = integers(entry["shape"]), shape.allSatisfy({ $0 >= 0 }) else {
      throw fail("its shape is no list of sizes")
    }
    guard let offsets = integers(entry["data_offsets"]), offsets.count == 2, offsets[0] >= 0,
      offsets[0] <= offsets[1]
    else { throw fail("its data_offsets are no ascending pair") }
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

/// A list of whole numbers of a parsed JSON text.
///
/// The parser's `true` passes for 1 in a cast, so it is looked for.
private func integers(_ value: Any?) -> [Int]? {
  guard let numbers = value as? [NSNumber], let integers = value as? [Int],
    numbers.allSatisfy({ String(cString: $0.objCType) != "c" })
  else { return nil }
  return integers
}
