/// The colours of series, by Okabe and Ito, which readers with any colour vision tell apart; darker
/// on white and lighter on black, so that lines stand out from the page.
///
/// - SeeAlso: Okabe and Ito 2002, *Color Universal Design*.
enum Palette {
  static let light = [
    "#6b6b6b", "#d55e00", "#0072b2", "#008a64", "#b3568f", "#8a6d00", "#2f8fc4", "#1a1a1a",
  ]
  static let dark = [
    "#b5b5b5", "#f0a030", "#56b4e9", "#2fc89b", "#e39ac6", "#f0e442", "#8fd0f5", "#f2f2f2",
  ]

  static func variables(_ colours: [String]) -> String {
    colours.enumerated().map { "--c\($0):\($1)" }.joined(separator: ";")
  }
}

/// Colours for the values of a map, from low to high.
package enum ColourMap: Equatable, Sendable {
  /// From yellow, the low values, over green to dark violet.
  case viridis
  /// Blue, white, vermilion: below zero, zero, above.
  case diverging

  /// Colours at equal distances, from which all others are interpolated.
  ///
  /// Viridis is in the public domain (CC0), by Smith and van der Walt.
  private var anchors: [(Double, Double, Double)] {
    switch self {
    case .viridis:
      [
        (253, 231, 37), (181, 222, 43), (110, 206, 88), (53, 183, 121), (31, 158, 137),
        (38, 130, 142), (49, 104, 142), (62, 73, 137), (72, 40, 120), (68, 1, 84),
      ]
    case .diverging:
      [
        (0, 78, 140), (60, 140, 195), (160, 203, 228), (246, 246, 246), (247, 192, 150),
        (226, 120, 50), (160, 62, 0),
      ]
    }
  }

  /// The colour at a share of the range, 0 to 1, as red, green and blue.
  package func colour(at share: Double) -> (UInt8, UInt8, UInt8) {
    let anchors = anchors
    let place = min(max(share, 0), 1) * Double(anchors.count - 1)
    let index = min(Int(place), anchors.count - 2)
    let (a, b, t) = (anchors[index], anchors[index + 1], place - Double(index))
    func mix(_ a: Double, _ b: Double) -> UInt8 { UInt8((a + (b - a) * t).rounded()) }
    return (mix(a.0, b.0), mix(a.1, b.1), mix(a.2, b.2))
  }
}
