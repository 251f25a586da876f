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
  /// Whether the metadata of the file hold a checksum of all its bytes, under a key that other
  /// readers of the format ignore.
  package var hasChecksum = false

  private static let checksumKey = "crc32"
  /// What stands in place of the checksum while it is computed.
  private static let noChecksum = "00000000"

  package init() {}

  /// Reads a file; F32, F64, F16, BF16, I32 and I64 are converted to single precision.
  ///
  /// Afterwards every byte of the file belongs to exactly one tensor or the header, and fits the
  /// checksum if there is one. Files of the reference implementation are read bit by bit
  /// (`SafetensorsTests`).
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

  /// The texts of a file alone: its elements are not read, nor is the checksum compared.
  /// - Throws: `SafetensorsError`.
  package static func metadata(path: String) throws(SafetensorsError) -> [String: String] {
    let data: Data
    do {
      try requirePlainFile(path)
      data = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
    } catch {
      throw .file(error as? FileError ?? .unreadable(path: path, reason: systemReason(error)))
    }
    return try SafetensorsHeader(data, path: path, leavingOut: { _ in false }).metadata
  }

  /// Reads the bytes of a file, of which `path` is the name in errors.
  /// - Throws: `SafetensorsError`.
  package init(
    _ data: Data, path: String, leavingOut isLeftOut: (String) -> Bool = { _ in false }
  ) throws(SafetensorsError) {
    let header = try SafetensorsHeader(data, path: path, leavingOut: isLeftOut)
    metadata = header.metadata
    if let expected = metadata.removeValue(forKey: Self.checksumKey) {
      let found = Self.checksum(of: data, header: header.length, written: expected)
      guard found == expected else {
        throw .checksum(path: path, expected: expected, found: found)
      }
      hasChecksum = true
    }
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
        try file.write(checkedHeader)
        // One by one: a checkpoint may take much of the memory.
        for (_, tensor) in sorted { try file.write(tensor.values) }
      }
    } catch {
      throw .file(error)
    }
  }

  private var sorted: [(key: String, value: StoredTensor)] { tensors.sorted { $0.key < $1.key } }

  /// All that comes before the elements, with the checksum if there is one.
  private var checkedHeader: [UInt8] {
    guard hasChecksum else { return header(metadata) }
    var metadata = metadata
    metadata[Self.checksumKey] = Self.noChecksum
    var checksum = Checksum()
    checksum.add(header(metadata))
    for (_, tensor) in sorted { checksum.add(tensor.values) }
    metadata[Self.checksumKey] = "\(checksum)"
    return header(metadata)
  }

  /// The checksum of a file's bytes, without that which is written in its header.
  private static func checksum(of data: Data, header: Int, written: String) -> String {
    var start = data.prefix(header)
    if let place = start.range(of: Data("\"\(checksumKey)\":\"\(written)\"".utf8)) {
      start.replaceSubrange(place, with: Data("\"\(checksumKey)\":\"\(noChecksum)\"".utf8))
    }
    var checksum = Checksum(of: start)
    // In pieces: a checkpoint may take much of the memory.
    var next = data.startIndex + header
    while next < data.endIndex {
      let end = min(next + 1 << 24, data.endIndex)
      checksum.add([UInt8](data[next..<end]))
      next = end
    }
    return "\(checksum)"
  }

  /// All that comes before the elements.
  private func header(_ metadata: [String: String]) -> [UInt8] {
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
