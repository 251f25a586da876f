import Foundation

/// About a hundred whole numbers from 1 to a count, at equal ratios, ascending.
func logarithmicPlaces(_ count: Int) -> [Int] {
  guard count > 0 else { return [] }
  let steps = 120.0
  let places = (0...Int(steps)).map { Int(pow(Double(count), Double($0) / steps).rounded()) }
  return Set(places + [1, count]).filter { (1...count).contains($0) }.sorted()
}
