/// Proposals with their weights, and the reference that they are compared with.
package struct EvaluationInput: Sendable {
  /// Reduced energies `u = U/kT` of the proposals, [samples], kT; non-finite where there is none.
  package var energies: [Double]
  /// The importance weights of the proposals, [samples].
  package var weights: LogWeights
  /// Reduced energies of the reference, [frames], kT, all finite.
  package var referenceEnergies: [Double]
  /// All φ and ψ of the proposals, [samples, torsions], rad; those of broken frames may be NaN.
  package var torsions: TorsionAngles?
  /// All φ and ψ of the reference, [frames, torsions], rad.
  package var referenceTorsions: TorsionAngles?
  /// Which of the torsions are whose φ and ψ.
  package var residues: [ResidueTorsions]
  /// `log q` of the reference's frames, [frames], nats, with the constant that the proposals' have;
  /// non-finite where the flow has none, nil if not known.
  package var referenceLogDensities: [Double]?
  /// The reference's frames of each chain in the order of time, [chains], for its errors; nil where
  /// nothing says which chain a frame is of.
  package var referenceChains: [[Int]]?
  /// The handedness of the stereocentres.
  package var chirality: IsomerSigns
  /// Which amides are cis, 1, and which trans, −1.
  package var amides: IsomerSigns

  package init(
    energies: [Double], weights: LogWeights, referenceEnergies: [Double],
    torsions: TorsionAngles? = nil, referenceTorsions: TorsionAngles? = nil,
    residues: [ResidueTorsions] = [], referenceLogDensities: [Double]? = nil,
    referenceChains: [[Int]]? = nil,
    chirality: IsomerSigns = .none, amides: IsomerSigns = .none
  ) {
    self.energies = energies
    self.weights = weights
    self.referenceEnergies = referenceEnergies
    self.torsions = torsions
    self.referenceTorsions = referenceTorsions
    self.residues = residues
    self.referenceLogDensities = referenceLogDensities
    self.referenceChains = referenceChains
    self.chirality = chirality
    self.amides = amides
  }

  /// The same beside so many frames of the reference, one of each stretch of it, or all where there
  /// are no more: a simulation's frames stand in the order of time, and its first are no sample of it.
  func thinned(toReference count: Int) -> EvaluationInput {
    guard count < referenceEnergies.count else { return self }
    let frames = stratifiedIndices(count: referenceEnergies.count, points: count)
    var input = self
    input.referenceEnergies = frames.map { referenceEnergies[$0] }
    input.referenceTorsions = referenceTorsions.map { $0.torsions > 0 ? $0.rows(frames) : $0 }
    input.referenceLogDensities = referenceLogDensities.map { all in frames.map { all[$0] } }
    input.referenceChains = referenceChains.map { thinnedChains($0, to: frames) }
    input.chirality = chirality.reference(frames)
    input.amides = amides.reference(frames)
    return input
  }

  /// The frames of a stretch of the reference that T-W2 compares: an even subset of at most `points`
  /// frames in which no chain is missing.
  ///
  /// A stride over chains that take turns, as in the file of a simulation, may meet some of them only:
  /// it then goes through one chain after the other.
  func torusFrames(_ stretch: Range<Int>, points: Int) -> [Int] {
    let strided = stridedIndices(count: stretch.count, points: points).map {
      stretch.lowerBound + $0
    }
    let chains = (referenceChains ?? []).map { $0.filter(stretch.contains) }.filter { !$0.isEmpty }
    let picked = Set(strided)
    guard chains.contains(where: picked.isDisjoint) else { return strided }
    let frames = Array(chains.joined())
    return stridedIndices(count: frames.count, points: points).map { frames[$0] }
  }
}
