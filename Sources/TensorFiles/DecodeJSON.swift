import Foundation

/// Decodes a JSON text that may be damaged, as `JSONDecoder` does.
///
/// Foundation's decoder ends the program where a text ends with the first bracket that is too deep
/// for it, as 513 of them in a row. Nothing ends with a bracket that a newline follows
/// (`DecodeJSONTests`).
/// - Throws: `DecodingError`.
package func decodeJSON<Value: Decodable>(
  _ type: Value.Type, from text: some Sequence<UInt8>, by decoder: JSONDecoder = JSONDecoder()
) throws -> Value {
  try decoder.decode(type, from: closed(text))
}

/// Whether a text is JSON, of whatever kind.
package func isJSON(_ text: some Sequence<UInt8>) -> Bool {
  (try? JSONSerialization.jsonObject(with: closed(text))) != nil
}

/// The text with a newline at its end.
private func closed(_ text: some Sequence<UInt8>) -> Data {
  var data = Data(text)
  data.append(10)
  return data
}
