import Evaluation
import Foundation
import Kernels
import Molecules
import Reporting
import Runs
import TensorFiles

/// The axes of a free-energy surface, one or two.
package struct SurfaceAxes: Equatable, Sendable {
  let quantities: [Quantity]

  /// Reads "phi 2" or "phi 2, psi 2".
  ///
  /// - Throws: `RunError.configuration`.
  package init(_ text: String, topology: Topology) throws(RunError) {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard (1...2).contains(parts.count) else {
      throw .configuration(
        source: "surface '\(text)'", problem: "has \(parts.count) axes, expected one or two")
    }
    do throws(DefinitionProblem) {
      let reader = QuantityReader(topology)
      var quantities: [Quantity] = []
      for part in parts { quantities.append(try reader.quantity(part)) }
      self.init(quantities)
    } catch {
      throw .configuration(source: "surface '\(text)'", problem: error.text)
    }
  }

  private init(_ quantities: [Quantity]) { self.quantities = quantities }

  /// φ and ψ of every residue, and their plane where it has both.
  package static func backbone(_ topology: Topology) -> [SurfaceAxes] {
    let reader = QuantityReader(topology)
    return topology.residueNames.indices.flatMap { residue in
      let torsions = ["phi", "psi"].compactMap { kind in
        reader.torsion(kind, of: residue).map {
          Quantity(text: "\(kind) \(residue + 1)", kind: .torsion($0))
        }
      }
      return torsions.map { SurfaceAxes([$0]) }
        + (torsions.count == 2 ? [SurfaceAxes(torsions)] : [])
    }
  }

  /// The name of its file, "phi_2-psi_2.csv".
  package var file: String { names.joined(separator: "-") + ".csv" }

  fileprivate var names: [String] {
    quantities.map { $0.text.replacing(" ", with: "_").replacing(":", with: "_") }
  }
}

/// How many bins a torsion has in surfaces, reports and exports, 10° each.
///
/// Other axes of a surface have as many.
let torsionBins = 36

/// Free-energy surfaces as CSV, by the names of their files.
///
/// A row a bin: its edges in degrees or nm, its share of all conformations, `F = −ln(p/p_max)` in kT,
/// each with its error, and the same of the reference with the difference of `−ln p` in standard
/// errors. Fields are empty where nothing is in the bin.
package func surfaces(
  _ axes: [SurfaceAxes], of set: AnalysisSet, beside reference: AnalysisSet?, context: RunContext
) -> [(file: String, text: String)] {
  let sets = [set] + (reference.map { [$0] } ?? [])
  return axes.map { axes in
    let measured = sets.map {
      values(of: axes.quantities, in: $0.trajectory, execution: context.execution)
    }
    let edges = axes.quantities.indices.map { axis in
      axisEdges(
        axes.quantities[axis],
        zip(sets, measured).flatMap { set, columns in
          zip(set.sample.weights, columns[axis]).filter { $0 > 0 && $1.isFinite }.map(\.1)
        })
    }
    let populations = zip(sets, measured).map { set, columns in
      binnedPopulations(
        bins(columns, axes.quantities, edges),
        count: axes.quantities.reduce(1) { count, _ in count * torsionBins }, over: set.sample)
    }
    return (axes.file, text(axes, edges, populations))
  }
}

private func axisEdges(_ quantity: Quantity, _ values: [Double]) -> [Double] {
  if quantity.isAngle {
    return (0...torsionBins).map { -180 + 360 * Double($0) / Double(torsionBins) }
  }
  // A few proposals of hardly any weight are not to stretch the axis.
  let (low, high) = values.isEmpty ? (0, 1) : (quantile(values, 0.001), quantile(values, 0.999))
  let width = max(high - low, 1e-6)
  return (0...torsionBins).map { low + width * Double($0) / Double(torsionBins) }
}

/// The bin of each row, −1 outside of the axes.
private func bins(_ columns: [[Double]], _ quantities: [Quantity], _ edges: [[Double]]) -> [Int] {
  columns[0].indices.map { row in
    var place = 0
    for axis in columns.indices {
      let value = quantities[axis].isAngle ? columns[axis][row] * 180 / .pi : columns[axis][row]
      let (low, high) = (edges[axis][0], edges[axis][torsionBins])
      guard value >= low, value <= high else { return -1 }
      let bin = min(Int((value - low) / (high - low) * Double(torsionBins)), torsionBins - 1)
      place = place * torsionBins + bin
    }
    return place
  }
}

private func text(
  _ axes: SurfaceAxes, _ edges: [[Double]], _ populations: [[Estimate]]
) -> String {
  let figures = ["population", "population_error", "free_energy_kT", "free_energy_error_kT"]
  let columns =
    axes.names.flatMap { ["\($0)_low", "\($0)_high"] } + figures
    + (populations.count > 1
      ? figures.map { "reference_\($0)" } + ["difference_in_errors"] : [])
  let energies = populations.map { freeEnergies(ofShares: $0.map(\.value)) }
  func fields(_ p: Estimate, _ energy: Double?) -> [String] {
    guard let energy else { return ["0", "", "", ""] }
    return ["\(p.value)", "\(p.error)", "\(energy)", "\(p.error / p.value)"]
  }
  func energy(_ p: Estimate) -> Estimate {
    Estimate(value: -log(p.value), error: p.error / p.value)
  }
  let rows = populations[0].indices.map { bin in
    let places = axes.quantities.count == 1 ? [bin] : [bin / torsionBins, bin % torsionBins]
    var row = places.enumerated().flatMap { axis, place in
      [edges[axis][place], edges[axis][place + 1]].map { "\($0)" }
    }
    for (set, energies) in zip(populations, energies) { row += fields(set[bin], energies[bin]) }
    if populations.count > 1 {
      let (own, other) = (populations[0][bin], populations[1][bin])
      let areKnown = own.value > 0 && other.value > 0
      row.append(areKnown ? energy(own).deviation(from: energy(other)).map { "\($0)" } ?? "" : "")
    }
    return row
  }
  return csvText(columns: columns, rows: rows)
}
