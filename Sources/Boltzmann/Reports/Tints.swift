/// The colours of a report's series, everywhere the same.
enum Tint {
  static let reference = 0
  static let proposal = 1
  static let reweighted = 2

  /// Those of runs beside each other.
  static func run(_ number: Int) -> Int { [2, 1, 3, 4, 5, 6, 7][number % 7] }
}
