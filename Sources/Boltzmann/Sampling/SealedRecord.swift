import Foundation
import Reporting
import TensorFiles

/// What stands before and after the checksum in the first member of a sealed record.
private let seal = (start: "{\n  \"crc32\" : \"", end: "\",\n")

/// A record as JSON that begins with the checksum of the text without it, so that no damage is read
/// as another record (`RecordMutationTests`).
///
/// - Precondition: It has members.
package func sealedJSONText(_ record: some Encodable) throws -> String {
  let text = try jsonText(record)
  precondition(text.hasPrefix("{\n"), "a record without members: \(text.prefix(20))")
  return "\(seal.start)\(Checksum(of: text.utf8))\(seal.end)\(text.dropFirst(2))"
}

/// A record in a JSON file; nil when there is none of this kind, or it is damaged.
func readRecord<Record: Decodable>(_ type: Record.Type, path: String) -> Record? {
  guard let text = try? readText(path: path), !hasBrokenSeal(text) else { return nil }
  let decoder = JSONDecoder()
  decoder.nonConformingFloatDecodingStrategy = .convertFromString(
    positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  return try? decodeJSON(type, from: text.utf8, by: decoder)
}

/// Whether a file is there that is no JSON, or not what was sealed; other JSON is a record of
/// something else.
func isDamagedRecord(path: String) -> Bool {
  guard let data = try? readBytes(path: path) else { return false }
  let text = String(decoding: data, as: UTF8.self)
  return hasBrokenSeal(text) || !isJSON(data)
}

/// Whether a text begins with a checksum that is not its own; records of programs that wrote none
/// have no such beginning.
private func hasBrokenSeal(_ text: String) -> Bool {
  let bytes = text.utf8
  guard bytes.starts(with: seal.start.utf8) else { return false }
  let rest = bytes.dropFirst(seal.start.utf8.count)
  let body = Array("{\n".utf8) + rest.dropFirst(8 + seal.end.utf8.count)
  return !rest.starts(with: Array("\(Checksum(of: body))\(seal.end)".utf8))
}
