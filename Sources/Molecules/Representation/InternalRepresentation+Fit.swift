import Kernels

extension InternalRepresentation {
  /// Takes the cuts, means and standard deviations from training data.
  ///
  /// The result does not depend on the number of workers.
  ///
  /// - Parameters:
  ///   - atomsPerToken: The most placements of a token.
  ///   - coordinates: nm, [frames, atoms, 3].
  /// - Throws: `RepresentationError.fewFrames`, `.notFinite`, `.collinear`, and `.constant` for a
  ///   length or angle that does not vary, as in molecular dynamics with constraints.
  package init(
    tree: BondTree, atomsPerToken: Int = 1, topology: Topology, coordinates: [Double],
    execution: Execution
  ) throws(RepresentationError) {
    precondition(
      tree.atoms == topology.atoms, "a tree of \(tree.atoms), a topology of \(topology.atoms) atoms"
    )
    let frames = Frames(coordinates, atoms: tree.atoms)
    try frames.requireDifference()
    let ranges = Self.ranges(of: frames.count)
    let scans = parallelRows(
      ranges.count, width: 1, of: TorsionScan(placements: tree.placements), execution: execution
    ) { index, row in
      for frame in ranges[index] where row[0].defect == nil {
        row[0].add(frames[frame], frame: frame, tree: tree, topology: topology)
      }
    }
    for scan in scans { if let defect = scan.defect { throw defect } }
    let cuts = (0..<tree.placements).map { placement in
      placement == 0 ? 0 : emptiestTorsion(counts: TorsionScan.counts(of: placement, in: scans))
    }

    let sums = parallelRows(
      ranges.count, width: 1, of: CoordinateStatistics(coordinates: 3 * tree.placements),
      execution: execution
    ) { index, row in
      for frame in ranges[index] {
        row[0].add(Self.cut(tree.internalCoordinates(from: frames[frame]), at: cuts))
      }
    }
    var statistics = sums[0]
    for sum in sums.dropFirst() { statistics.add(sum) }
    try Self.requireSpread(statistics.standardDeviation, tree: tree, topology: topology)
    self.tree = tree
    groups = tree.groups(of: atomsPerToken, topology: topology)
    self.cuts = cuts
    means = statistics.mean
    standardDeviations = statistics.standardDeviation
  }

  /// The ranges of frames that are summed on their own, at most 64.
  ///
  /// They are the same for every number of workers, so that sums round alike; another number would
  /// change the last digits.
  private static func ranges(of frames: Int) -> [Range<Int>] {
    let count = min(frames, 64)
    return (0..<count).map { ($0 * frames / count)..<(($0 + 1) * frames / count) }
  }

  private static func requireSpread(
    _ standardDeviations: [Double], tree: BondTree, topology: Topology
  ) throws(RepresentationError) {
    for (index, spread) in standardDeviations.enumerated() {
      let (placement, feature) = (index / 3, index % 3)
      let isLength = feature == 0 || index == 1
      // Constrained bonds still vary by the rounding of the file, 1e-7 nm; free ones by 3e-3 nm.
      guard !(spread > (isLength ? 1e-5 : 1e-4)) else { continue }
      // In placement 0 the lengths belong to the bonds of the first and third atom of the chain.
      let atom = placement > 0 ? tree.order[placement + 2] : tree.order[index == 0 ? 0 : 2]
      let name =
        isLength ? "the bond length" : feature == 1 || index == 2 ? "the angle" : "the torsion"
      throw .constant(
        atom: topology.label(atom), coordinate: name, spread: spread, unit: isLength ? "nm" : "rad")
    }
  }
}

/// What a first pass over some training frames finds: a histogram of every torsion, or a defect.
private struct TorsionScan {
  static let bins = 360
  /// The frames in each bin, [placements, bins].
  var counts: [Int]
  var defect: RepresentationError?

  init(placements: Int) { counts = [Int](repeating: 0, count: placements * Self.bins) }

  mutating func add(
    _ positions: [SIMD3<Double>], frame: Int, tree: BondTree, topology: Topology
  ) {
    do {
      try tree.check(positions, frame: frame, topology: topology)
    } catch {
      defect = error
      return
    }
    let q = tree.internalCoordinates(from: positions)
    for placement in 1..<tree.placements {
      let bin = Int((q[3 * placement + 2] + .pi) / (2 * .pi) * Double(Self.bins))
      counts[placement * Self.bins + min(max(bin, 0), Self.bins - 1)] += 1
    }
  }

  /// The histogram of one placement's torsion over all scans, [bins].
  static func counts(of placement: Int, in scans: [TorsionScan]) -> [Int] {
    (0..<bins).map { bin in scans.reduce(0) { $0 + $1.counts[placement * bins + bin] } }
  }
}
