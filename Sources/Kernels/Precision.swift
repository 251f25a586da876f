/// The arithmetic of the large matrix products; sums and everything else are in single precision or
/// better.
package enum Precision: String, Codable, Equatable, Sendable, CaseIterable {
  /// bf16 where the CPU has a unit for it, else fp32.
  case auto
  case fp32
  case bf16

  /// `auto` decided for this machine.
  package var resolved: Precision {
    self == .auto ? (MatrixUnit.bestRounding == nil ? .fp32 : .bf16) : self
  }
}
