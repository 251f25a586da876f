/// SplitMix64: the same numbers in every run (Steele, Lea and Flood 2014).
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A vector with components between −1 and 1.
  mutating func vector() -> SIMD3<Double> {
    SIMD3(
      .random(in: -1...1, using: &self), .random(in: -1...1, using: &self),
      .random(in: -1...1, using: &self))
  }
}
