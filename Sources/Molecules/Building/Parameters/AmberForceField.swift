/// The protein force fields that a system can be built with.
package enum AmberForceField: String, CaseIterable, Sendable {
  /// Maier et al. 2015, *J. Chem. Theory Comput.* 11, 3696.
  case ff14SB
  /// Lindorff-Larsen et al. 2010, *Proteins* 78, 1950.
  case ff99SBILDN = "ff99SB-ILDN"

  /// Tian et al. 2020, *J. Chem. Theory Comput.* 16, 528; with CMAP.
  case ff19SB

  /// Its parameters, read once.
  package var parameters: AmberParameters {
    switch self {
    case .ff14SB: Self.readFF14SB
    case .ff99SBILDN: Self.readFF99SBILDN
    case .ff19SB: Self.readFF19SB
    }
  }

  private static let readFF14SB = AmberParameters(text: ff14SBText)
  private static let readFF99SBILDN = AmberParameters(text: ff99SBILDNText)
  private static let readFF19SB = AmberParameters(text: ff19SBText)
}
