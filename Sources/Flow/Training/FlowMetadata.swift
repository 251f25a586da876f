import Foundation
import TensorFiles

/// A flow's configuration as the metadata of a checkpoint hold it: JSON, sorted keys in camel case.
func metadataText(_ flow: FlowConfiguration) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys]
  encoder.keyEncodingStrategy = .custom { path in
    let words = (path.last?.stringValue ?? "").split(separator: "_")
    let tail = words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }
    return MetadataKey(stringValue: words.prefix(1).joined() + tail.joined())
  }
  // A file says nothing of what its flow does not have.
  return String(decoding: try encoder.encode(flow), as: UTF8.self)
    .replacingOccurrences(of: "\"contextUnits\":0,", with: "")
    .replacingOccurrences(of: "\"periodic\":false,", with: "")
}

/// The configuration that `metadataText` wrote.
func flowConfiguration(metadata text: String) throws -> FlowConfiguration {
  let decoder = JSONDecoder()
  decoder.keyDecodingStrategy = .custom { path in
    let name = path.last?.stringValue ?? ""
    return MetadataKey(
      stringValue: name.map { $0.isUppercase ? "_\($0.lowercased())" : "\($0)" }.joined())
  }
  return try decodeJSON(FlowConfiguration.self, from: text.utf8, by: decoder)
}

private struct MetadataKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(stringValue: String) { self.stringValue = stringValue }

  init?(intValue: Int) { nil }
}
