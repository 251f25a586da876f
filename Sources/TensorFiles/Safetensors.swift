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
/// Format: 8 bytes little-endian header length, a JSON header, the elements; little-endian, C
/// order, without holes.
/// - SeeAlso: huggingface/safetensors, README "Format".
package struct Safetensors: Equatable, Sendable {
  package var tensors: [String: StoredTensor] = [:]
  package var metadata: [String: String] = [:]

  package init() {}

  /// Reads a file; F32, F64, F16, BF16, I32 and I64 are converted to single precision.
  ///
  /// Afterwards every byte of the file belongs to exactly one tensor or the header. Files of the
  /// reference implementation are read bit by bit (`SafetensorsTests`).
  /// - Parameter isLeftOut: Says by its name whether a tensor is left out; it may have any type.
  /// - Throws: `SafetensorsError`, also for trailing bytes, holes, overlaps and a name that occurs
  ///   twice (`BadSafetensorsTests`).
  package init(
    path: String, leavingOut isLeftOut: (String) -> Bool = { _ in false }
  ) throws(SafetensorsError) {
    let data: Data
    do throws(FileError) { data = try readBytes(path: path) } catch { throw .file(error) }
    try self.init(data, path: path, leavingOut: isLeftOut)
  }

  /// Reads the bytes of a file, of which `path` is the name in errors.
  /// - Throws: `SafetensorsError`.
  package init(
    _ data: Data, path: String, leavingOut isLeftOut: (String) -> Bool = { _ in false }
  ) throws(SafetensorsError) {
    let header = try SafetensorsHeader(data, path: path, leavingOut: isLeftOut)
    metadata = header.metadata
    for entry in header.entries {
      guard let type = entry.type else { continue }
      let bytes = data.subdata(in: header.length + entry.start..<header.length + entry.end)
      tensors[entry.name] = StoredTensor(shape: entry.shape, values: type.floats(bytes))
    }
  }

  /// Writes the file durably: see ``replaceFile(path:wrap:_:)``.
  ///
  /// F32, tensors in the order of their names, the header padded to 8 bytes. Reading gives back
  /// every bit, and writing that again every byte (`SafetensorsTests`).
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
