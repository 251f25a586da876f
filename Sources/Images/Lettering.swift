import Foundation

/// A line of text as rows of pixels, in letters of five by eight.
///
/// Letters lose their accents, and what there is no drawing for is a question mark.
/// (`LetteringTests`)
struct Lettering: Equatable {
  /// [height, width]: whether a pixel is set.
  let pixels: [[Bool]]

  /// The rows of a letter, of which the last is for what hangs below the line.
  static let height = 8
  /// The columns of a letter, with the one that parts it from the next.
  static let advance = 6

  init(_ text: String) {
    let letters = text.folding(options: .diacriticInsensitive, locale: nil).map { letter in
      glyphs[letter] ?? glyphs["?"] ?? []
    }
    pixels = (0..<Self.height).map { row in
      letters.flatMap { letter in
        (0..<Self.advance).map { column in column < 5 && letter[row] >> (4 - column) & 1 == 1 }
      }
    }
  }

  var width: Int { pixels[0].count }
}

/// The eight rows of each letter; the highest of five bits is the left one.
private let glyphs: [Character: [Int]] = {
  let words = drawings.split(whereSeparator: \.isWhitespace)
  var glyphs: [Character: [Int]] = [" ": [Int](repeating: 0, count: Lettering.height)]
  for index in stride(from: 0, to: words.count - 1, by: 2) {
    glyphs[Character(String(words[index]))] = words[index + 1].compactMap {
      Int(String($0), radix: 32)
    }
  }
  return glyphs
}()

/// A letter and its rows from the top, each a digit of base 32.
private let drawings = """
  0 ehjlphe0  1 4c4444e0  2 eh1248v0  3 v2421he0  4 26aiv220  5 vgu11he0  6 68guhhe0  7 v1248880
  8 ehhehhe0  9 ehhf12c0  A ehhvhhh0  B uhhuhhu0  C ehggghe0  D sihhhis0  E vgguggv0  F vgguggg0
  G ehgnhhf0  H hhhvhhh0  I e44444e0  J 72222ic0  K hikokih0  L ggggggv0  M hrllhhh0  N hhpljhh0
  O ehhhhhe0  P uhhuggg0  Q ehhhlid0  R uhhukih0  S fgge11u0  T v4444440  U hhhhhhe0  V hhhhha40
  W hhhllla0  X hha4ahh0  Y hhha4440  Z v1248gv0  a 00e1fhf0  b ggmphhu0  c 00egghe0  d 11djhhf0
  e 00ehvge0  f 698s8880  g 00fhhf1e  h ggmphhh0  i 40c444e0  j 206222ic  k ggikoki0  l c44444e0
  m 00qllhh0  n 00mphhh0  o 00ehhhe0  p 00uhhugg  q 00fhhf11  r 00mpggg0  s 00fge1u0  t 88s88960
  u 00hhhjd0  v 00hhha40  w 00hhlla0  x 00ha4ah0  y 00hhhf1e  z 00v248v0  . 00000cc0  , 00000c48
  - 000v0000  _ 0000000v  / 01248g00  + 044v4400  : 0cc0cc00  ( 24888420  ) 84222480  ' 44800000
  & cik8lid0  % op248j30  # aavavaa0  = 00v0v000  ? eh124040
  """
