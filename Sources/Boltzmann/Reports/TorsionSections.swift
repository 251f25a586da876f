import Evaluation
import Foundation
import Kernels
import Molecules
import Reporting

/// Torsions of every frame of a set, [torsions][frames], rad.
func measured(
  _ torsions: [NamedTorsion], in set: AnalysisSet, execution: Execution
) -> [[Double]] {
  values(of: torsions.map(\.quantity), in: set.trajectory, execution: execution)
}

/// How many bins each axis of a Ramachandran map has.
private let mapBins = 48
/// Free energies above this have the last colour, kT.
private let highestEnergy = 8.0
/// Frames that a bin has to have in both sets before their difference is shown.
private let leastCount = 5.0

/// Ramachandran maps of every residue: reference, proposals, reweighted, and the difference.
func ramachandranSection(
  _ torsions: [NamedTorsion], samples: AveragedSample, _ own: [[Double]],
  reference: (sample: AveragedSample, angles: [[Double]])?, topology: Topology
) -> Page.Section {
  let label = QuantityReader(topology).label
  let residues = topology.residueNames.indices.compactMap { residue -> (Int, Int, Int)? in
    guard let phi = torsions.firstIndex(where: { $0.residue == residue && $0.kind == "phi" }),
      let psi = torsions.firstIndex(where: { $0.residue == residue && $0.kind == "psi" })
    else { return nil }
    return (residue, phi, psi)
  }
  let figures = residues.map { residue, phi, psi in
    func shares(_ angles: [[Double]], _ weights: [Double]) -> [Double] {
      planeShares(
        torsions[phi].bins(angles[phi], count: mapBins),
        torsions[psi].bins(angles[psi], count: mapBins), weights)
    }
    let (proposed, weighted) = (
      shares(own, samples.evenWeights), shares(own, samples.weights)
    )
    var maps =
      samples.kind == .chains
      ? [energyMap("simulation", weighted)]
      : [energyMap("proposal", proposed), energyMap("reweighted", weighted)]
    if let reference {
      let expected = shares(reference.angles, reference.sample.weights)
      maps.insert(energyMap("reference", expected), at: 0)
      maps.append(
        differenceMap(
          weighted, expected, effective: samples.independentSamples,
          frames: Double(reference.sample.rows)))
    }
    return Figure(
      "ramachandran-\(residue + 1)", title: "Ramachandran map of \(label(residue))",
      caption:
        "Free energy −ln(p/p_max) in kT over φ and ψ, in bins of "
        + "\((360 / Double(mapBins)).fixed(1))°; empty "
        + "where no conformation is."
        + (reference == nil
          ? ""
          : " The difference is the free energy of the reweighted samples above the reference's, "
            + "where both have at least \(leastCount.fixed(0)) conformations: orange where the "
            + "samples "
            + "are too few, blue where they are too many."),
      .maps(
        HeatMaps(
          x: Axis("φ", unit: "°", tickStep: 90), y: Axis("ψ", unit: "°", tickStep: 90),
          xEdges: torsions[phi].edges(mapBins), yEdges: torsions[psi].edges(mapBins), maps)))
  }
  return Page.Section(
    "Ramachandran maps",
    figures.isEmpty
      ? [.paragraph("No residue of this molecule has both φ and ψ.")] : [.figures(figures)])
}

/// Shares of the weight, [ψ bins, φ bins].
private func planeShares(_ x: [Int], _ y: [Int], _ weights: [Double]) -> [Double] {
  var shares = [Double](repeating: 0, count: mapBins * mapBins)
  var total = 0.0
  for row in weights.indices where weights[row] > 0 && x[row] >= 0 && y[row] >= 0 {
    shares[y[row] * mapBins + x[row]] += weights[row]
    total += weights[row]
  }
  return total > 0 ? shares.map { $0 / total } : shares
}

private func energyMap(_ name: String, _ shares: [Double]) -> HeatMaps.Map {
  HeatMaps.Map(
    name, freeEnergies(ofShares: shares), .viridis, range: 0...highestEnergy,
    quantity: "free energy (kT)")
}

private func differenceMap(
  _ own: [Double], _ expected: [Double], effective: Double, frames: Double
) -> HeatMaps.Map {
  HeatMaps.Map(
    "difference",
    zip(own, expected).map { own, expected in
      own * effective >= leastCount && expected * frames >= leastCount
        ? log(expected / own) + 0 : nil
    }, .diverging, range: -1...1, quantity: "difference of free energies (kT)")
}

/// The free energy along every torsion, with bands that hold 95 of 100 draws.
func torsionSection(
  _ torsions: [NamedTorsion],
  _ sets: [(name: String, tint: Int, sample: AveragedSample, angles: [[Double]])]
) -> Page.Section {
  let all = sets.map { profiles(torsions, of: $0.sample, $0.angles) }
  let figures = torsions.indices.map { torsion in
    let series = zip(sets, all).map { set, profiles in
      let profile = profiles[torsion]
      return Chart.Series(
        set.name, set.tint == Tint.reference ? .dashedLine : .line, colour: set.tint,
        profile.energies, low: profile.low, high: profile.high)
    }
    let edges = torsions[torsion].edges(torsionBins)
    let highest = series.flatMap { $0.values.compactMap { $0 } }.max() ?? 1
    return Figure(
      "free-energy-\(torsions[torsion].name)",
      title: "Free energy along \(torsions[torsion].title)",
      caption: "−ln(p/p_max) in bins of 10°. Bands hold 95 of 100 repetitions: the bootstrap's for "
        + "samples, from standard errors for trajectories and for annealed samples.",
      .chart(
        Chart(
          x: Axis(
            torsions[torsion].title, unit: "°", range: (edges.first ?? 0)...(edges.last ?? 1),
            tickStep: 60),
          y: Axis("free energy", unit: "kT", range: 0...max(1, min(12, highest * 1.15))),
          .bins(edges), series)))
  }
  return Page.Section(
    "Torsions",
    figures.isEmpty
      ? [.paragraph("This molecule has no torsions that have a name.")] : [.figures(figures)])
}

/// Free energies over the bins of a torsion with the bounds of their bands.
struct TorsionProfile {
  let energies, low, high: [Double?]
}

/// The profiles of several torsions of a set, each relative to its own most likely bin.
func profiles(
  _ torsions: [NamedTorsion], of sample: AveragedSample, _ angles: [[Double]]
) -> [TorsionProfile] {
  let bins = zip(torsions, angles).map { $0.bins($1, count: torsionBins) }
  let intervals = bootstrapPopulations(bins, count: torsionBins, over: sample)
  return bins.enumerated().map { torsion, bins in
    let shares = binnedPopulations(bins, count: torsionBins, over: sample)
    let largest = shares.map(\.value).max() ?? 1
    func energy(_ share: Double) -> Double? { freeEnergy(ofShare: share, largest: largest) }
    let bounds = shares.enumerated().map { bin, share in
      intervals?[torsion][bin] ?? share.interval
    }
    return TorsionProfile(
      energies: shares.map { energy($0.value) },
      low: zip(shares, bounds).map { $0.value > 0 ? energy($1.upperBound) : nil },
      high: zip(shares, bounds).map {
        // A band that reaches down to nothing has no upper end; the axis ends it.
        $0.value > 0 ? energy(max($1.lowerBound, largest * exp(-12))) : nil
      })
  }
}
