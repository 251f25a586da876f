import Foundation
import Runs

/// Checks that no source is named twice.
/// - Throws: `RunError.configuration`.
func checkNamedOnce(_ sources: [AnalysisSource]) throws(RunError) {
  var known: Set<String> = []
  for source in sources where !known.insert(absolutePath(source.path)).inserted {
    throw .configuration(
      source: source.path, problem: "is named twice, so that it would count twice; name it once")
  }
}

/// Checks that no conformation is in two sources, as after two draws with one seed: no two that are
/// independent have the same energy to the last digit.
///
/// - Parameter energies: Of each source, [sources][rows]; those that are not finite are left out.
/// - Throws: `RunError.badData` naming the second of the two.
func checkIndependent(
  _ sources: [AnalysisSource], energies: [[Double]]
) throws(RunError) {
  guard sources.count > 1 else { return }
  // Within one source they may repeat: annealed proposals descend from each other.
  let sets = energies.map { Set($0.filter(\.isFinite)) }
  for second in sets.indices {
    for first in 0..<second {
      let common = sets[first].intersection(sets[second]).count
      // A single one may be chance among many millions.
      guard common > 1 else { continue }
      let advice =
        sources[second].areProposals
        ? "draw others with another --seed" : "simulate others with another --seed"
      throw .badData(
        path: sources[second].path,
        problem: "holds \(common) of the conformations of \(sources[first].path), which would "
          + "count twice; name one of them, or \(advice)")
    }
  }
}
