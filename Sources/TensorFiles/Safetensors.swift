import Foundation

/// A named array of a safetensors file.
package struct StoredTensor: Equatable, Sendable {
  package var shape: [Int]
  /// The elements in C order, converted to single precision.
  package var values: [Float]

  package init(shape: [Int], values: [Float]) {
    precondition(shape.reduce(1, *) == values.count, "\(values.count) values in shape \(shape)")
    self.shape = shape
    self.values = values
  }
}

/// The contents of a safetensors file: named tensors and text metadata.
///
/// Format: 8 bytes little-endian header length, a JSON header, the elements; little-endian, C order, without holes.
/// - SeeAlso: huggingface/safetensors, README "Format".
package struct Safetensors: Equatable, Sendable {
  package var tensors: [String: StoredTensor] = [:]
  package var metadata: [String: String] = [:]

  package init() {}

  /// Reads a file; F32, F64, F16, BF16, I32 and I64 are converted to single precision.
  /// - Throws: `SafetensorsError`, also for trailing bytes, holes and overlaps.
  package init(path: String) throws(SafetensorsError) {
    let data: Data
    do throws(FileError) { data = try readBytes(path: path) } catch { throw .file(error) }
    try self.init(data, path: path)
  }

  init(_ data: Data, path: String) throws(SafetensorsError) {
    guard data.count >= 8 else { throw .truncated(path: path, expected: 8, found: data.count) }
    let length = data.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= 100_000_000 else {
      throw .header(path: path, problem: "its length is \(length)")
    }
    let start = 8 + Int(length)
    guard data.count >= start else {
      throw .truncated(path: path, expected: start, found: data.count)
    }
    let header = data.subdata(in: 8..<start)
    guard header.first == UInt8(ascii: "{"),
      let entries = try? JSONSerialization.jsonObject(with: header) as? [String: Any]
    else { throw .header(path: path, problem: "not a JSON object") }
    if let texts = entries["__metadata__"] {
      guard let texts = texts as? [String: String] else {
        throw .header(path: path, problem: "__metadata__ is not a map of texts")
      }
      metadata = texts
    }
    guard memberCount(ofJSON: header) == memberCount(of: entries) else {
      throw .header(path: path, problem: "a name occurs twice in one object")
    }
    var parsed: [TensorEntry] = []
    for (name, entry) in entries.sorted(by: { $0.key < $1.key }) where name != "__metadata__" {
      parsed.append(try TensorEntry(entry, name: name, path: path))
    }
    parsed.sort { ($0.start, $0.end, $0.name) < ($1.start, $1.end, $1.name) }
    var next = 0
    for entry in parsed {
      guard entry.start == next else {
        throw .layout(path: path, name: entry.name, expectedStart: next, found: entry.start)
      }
      next = entry.end
    }
    let held = data.count - start
    guard next <= held else {
      throw .truncated(
        path: path, expected: next > .max - start ? .max : start + next, found: data.count)
    }
    guard next == held else {
      throw .trailingBytes(path: path, expected: start + next, found: data.count)
    }
    for entry in parsed {
      let bytes = data.subdata(in: start + entry.start..<start + entry.end)
      tensors[entry.name] = StoredTensor(shape: entry.shape, values: entry.type.floats(bytes))
    }
  }

  /// Writes the file durably: see ``replaceFile(path:wrap:_:)``.
  ///
  /// F32, tensors in the order of their names, the header padded to 8 bytes. Reading gives back every
  /// bit, and writing that again every byte (`SafetensorsTests`).
  /// - Throws: `SafetensorsError.file`.
  package func write(path: String) throws(SafetensorsError) {
    do throws(FileError) {
      try writeFile(path: path) { (file) throws(FileError) in
        try file.write(header)
        // One by one: a checkpoint may take much of the memory.
        for (_, tensor) in sorted { try file.write(tensor.values) }
      }
    } catch {
      throw .file(error)
    }
  }

  private var sorted: [(key: String, value: StoredTensor)] { tensors.sorted { $0.key < $1.key } }

  /// All that comes before the elements.
  private var header: [UInt8] {
    var header: [String: Any] = metadata.isEmpty ? [:] : ["__metadata__": metadata]
    var end = 0
    for (name, tensor) in sorted {
      let start = end
      end += tensor.values.count * MemoryLayout<Float>.size
      header[name] = ["dtype": "F32", "shape": tensor.shape, "data_offsets": [start, end]]
    }
    guard var json = try? JSONSerialization.data(withJSONObject: header, options: [.sortedKeys])
    else {
      preconditionFailure("a header of texts and numbers that is no JSON")
    }
    json.append(contentsOf: [UInt8](repeating: UInt8(ascii: " "), count: (8 - json.count % 8) % 8))
    return withUnsafeBytes(of: UInt64(json.count).littleEndian) { Array($0) } + json
  }
}

/// One entry of the header.
private struct TensorEntry {
  let name: String
  let type: ElementType
  let shape: [Int]
  let start: Int
  let end: Int

  init(_ entry: Any, name: String, path: String) throws(SafetensorsError) {
    func fail(_ problem: String) -> SafetensorsError {
      .tensor(path: path, name: name, problem: problem)
    }
    guard let entry = entry as? [String: Any] else { throw fail("its entry is no JSON object") }
    guard let typeName = entry["dtype"] as? String else { throw fail("has no dtype") }
    guard let type = ElementType(rawValue: typeName) else {
      throw fail("has dtype \(typeName), expected F32, F64, F16, BF16, I32 or I64")
    }
    guard let shape = integers(entry["shape"]), shape.allSatisfy({ $0 >= 0 }) else {
      throw fail("its shape is no list of sizes")
    }
    guard let offsets = integers(entry["data_offsets"]), offsets.count == 2, offsets[0] >= 0,
      offsets[0] <= offsets[1]
    else { throw fail("its data_offsets are no ascending pair") }
    var size = type.size
    for dimension in shape {
      let (product, overflow) = size.multipliedReportingOverflow(by: dimension)
      if overflow { throw fail("its shape \(shape) overflows") }
      size = product
    }
    guard offsets[1] - offsets[0] == size else {
      throw fail("shape \(shape) needs \(size) bytes, data_offsets hold \(offsets[1] - offsets[0])")
    }
    (self.name, self.type, self.shape) = (name, type, shape)
    (start, end) = (offsets[0], offsets[1])
  }
}

/// A list of whole numbers of a parsed JSON text; the parser's `true` passes for 1 in a cast, so it is looked for.
private func integers(_ value: Any?) -> [Int]? {
  guard let numbers = value as? [NSNumber], let integers = value as? [Int],
    numbers.allSatisfy({ String(cString: $0.objCType) != "c" })
  else { return nil }
  return integers
}

/// The element types that are read.
private enum ElementType: String {
  case float32 = "F32"
  case float64 = "F64"
  case float16 = "F16"
  case bfloat16 = "BF16"
  case int32 = "I32"
  case int64 = "I64"

  var size: Int {
    switch self {
    case .float16, .bfloat16: 2
    case .float32, .int32: 4
    case .float64, .int64: 8
    }
  }

  /// The elements in single precision; the bytes need not be aligned.
  func floats(_ bytes: Data) -> [Float] {
    bytes.withUnsafeBytes { raw in
      (0..<raw.count / size).map { index in
        let offset = index * size
        switch self {
        case .float32: return raw.loadUnaligned(fromByteOffset: offset, as: Float.self)
        case .float64: return Float(raw.loadUnaligned(fromByteOffset: offset, as: Double.self))
        case .int32: return Float(raw.loadUnaligned(fromByteOffset: offset, as: Int32.self))
        case .int64: return Float(raw.loadUnaligned(fromByteOffset: offset, as: Int64.self))
        case .bfloat16:
          let bits = UInt32(raw.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
          return Float(bitPattern: bits << 16)
        case .float16:
          return halfToFloat(raw.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
        }
      }
    }
  }
}

/// An IEEE half-precision number, given by its bits.
private func halfToFloat(_ bits: UInt16) -> Float {
  let sign: Float = bits >> 15 == 0 ? 1 : -1
  let exponent = Int(bits >> 10 & 31)
  let fraction = Float(bits & 1023) / 1024
  switch exponent {
  case 0: return sign * fraction * 0x1p-14
  case 31: return fraction == 0 ? sign * .infinity : .nan
  default: return sign * Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction)
  }
}
