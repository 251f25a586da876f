import Foundation

/// How many members the objects of a JSON text have in all: its colons outside of strings.
///
/// Parsers keep one of two members of the same name without a word, so only the text shows that
/// there were two.
func memberCount(ofJSON text: Data) -> Int {
  var count = 0
  var inString = false
  var escaped = false
  for byte in text {
    if escaped {
      escaped = false
    } else if inString, byte == UInt8(ascii: "\\") {
      escaped = true
    } else if byte == UInt8(ascii: "\"") {
      inString.toggle()
    } else if !inString, byte == UInt8(ascii: ":") {
      count += 1
    }
  }
  return count
}

/// How many members the objects of a parsed JSON value have in all.
func memberCount(of value: Any) -> Int {
  if let object = value as? [String: Any] {
    return object.values.reduce(object.count) { $0 + memberCount(of: $1) }
  }
  if let list = value as? [Any] { return list.reduce(0) { $0 + memberCount(of: $1) } }
  return 0
}
