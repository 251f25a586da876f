/// Whether a character acts on a terminal in place of being shown: a control character, or one that
/// changes the direction of the text after it.
package func isControl(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0..<0x20, 0x7F..<0xA0: true
  // Embeddings, overrides and isolates of directions; separators of lines and paragraphs.
  case 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0x61C: true
  default: false
  }
}

/// A text as a terminal may show it: what would act on the terminal is replaced by U+FFFD, the
/// replacement character.
///
/// - Parameter kept: Characters that stay, such as line feeds.
package func shownText(_ text: String, keeping kept: Set<Unicode.Scalar> = []) -> String {
  // Almost every text has none.
  guard text.unicodeScalars.contains(where: { isControl($0) && !kept.contains($0) }) else {
    return text
  }
  var shown = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    shown.append(isControl(scalar) && !kept.contains(scalar) ? "\u{FFFD}" : scalar)
  }
  return String(shown)
}
