/// The Coulomb interaction of two charges, `U = k_e q₁ q₂ / r`, in vacuum and without a cut-off.
struct Coulomb: Equatable, Sendable {
  /// `k_e q₁ q₂`, kJ nm/mol, with any 1–4 scaling.
  var product: Double

  init(_ first: Double, _ second: Double, scale: Double = 1) {
    product = Constants.coulomb * first * second * scale
  }

  /// The energy `U`, which is also the slope `−r dU/dr`, kJ/mol, from `1/r`.
  ///
  /// An uncharged pair has none at `r = 0` either, where `0 · ∞` would be NaN.
  @inline(__always)
  func energy(inverseDistance: Double) -> Double {
    product == 0 ? 0 : product * inverseDistance
  }
}
