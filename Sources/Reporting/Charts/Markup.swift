import Foundation

/// A text as the content or an attribute of an element.
package func escaped(_ text: String) -> String {
  var result = ""
  for character in text.unicodeScalars {
    switch character {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "\n", "\t": result.unicodeScalars.append(character)
    // XML has no other control characters.
    case let character where character.value < 32: result += " "
    default: result.unicodeScalars.append(character)
    }
  }
  return result
}

/// A length in a drawing, to a tenth of a pixel.
func px(_ value: Double) -> String {
  let text = value.fixed(1)
  let short = text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  return short == "-0" ? "0" : short
}

/// About how wide a text is in pixels, at the size of a chart's texts.
func textWidth(_ text: String) -> Double { 7.2 * Double(text.count) }
