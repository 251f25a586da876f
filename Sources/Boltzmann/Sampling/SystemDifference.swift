import Runs

extension MolecularSystem {
  /// In what a run of this system is none of another one, in words; nil if it is one: they have one
  /// name and one energy.
  ///
  /// - Throws: `RunError.missing` where a topology is not there.
  package func difference(from other: MolecularSystem) throws -> String? {
    let (own, wanted) = (description.name, other.description.name)
    if own != wanted { return "is a run of \(own), not of \(wanted)" }
    return try ModelTarget(of: other).difference(from: ModelTarget(of: self).notes).map {
      "is a run of another \(wanted): its \($0.key) is \($0.found), that of \(other.folder) is "
        + $0.wanted
    }
  }
}
