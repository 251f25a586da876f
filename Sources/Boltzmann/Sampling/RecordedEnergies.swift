import Foundation
import Runs
import TensorFiles

/// The reduced energies in a table of weights, which tell whether it is of the conformations beside
/// it: no two conformations have the same.
struct RecordedEnergies {
  /// kT, [rows]; nil where there is none.
  private let energies: [Double?]
  private let table: String
  private let samples: String

  /// - Returns: nil where the table has no energies, or those of another energy than that of the
  ///   system, so that nothing can be compared.
  /// - Parameter isOwn: Whether the samples were weighed for this system as far as is known; what
  ///   the record beside the table says counts more.
  init?(
    _ rows: WeightsTable.Rows, of table: String, samples: String, system: MolecularSystem,
    isOwn: Bool
  ) throws {
    guard let energies = rows.energies else { return nil }
    let recorded = Weighting.energy(ofTable: table)
    let own = try ModelTarget(of: system).notes
    guard recorded.map({ $0 == own }) ?? isOwn else { return nil }
    (self.energies, self.table, self.samples) = (energies, table, samples)
  }

  /// Checks that they are the energies of the conformations.
  ///
  /// A program repeats its own to the last digit. Another that wrote the coordinates again has
  /// rounded them to single precision once more, which changes a strained conformation's energy by
  /// 3e-5 of itself at most.
  /// - Throws: `RunError.badData` naming the first row that does not fit, with both values.
  func check(_ found: [Double]) throws(RunError) {
    for (row, (recorded, found)) in zip(energies, found).enumerated() {
      guard let recorded, !Self.fit(recorded, found) else { continue }
      throw .badData(
        path: table,
        problem: "line \(row + 2): reduced_energy is \(Self.text(recorded)), but frame \(row) of "
          + "\(samples) has \(Self.text(found)) kT; do the files belong together, and is this their "
          + "system? draw again, or leave that column out to weigh them anyhow")
    }
  }

  private static func fit(_ recorded: Double, _ found: Double) -> Bool {
    guard recorded.isFinite, found.isFinite else {
      // Sums near the largest number may end on either side of it.
      let other = recorded.isFinite ? recorded : found
      return !other.isFinite || other.magnitude > 1e30
    }
    return abs(recorded - found) <= 0.01 + 1e-4 * max(recorded.magnitude, found.magnitude)
  }

  private static func text(_ energy: Double) -> String {
    energy.magnitude < 1e6 ? String(format: "%.2f", energy) : String(format: "%.4g", energy)
  }
}
