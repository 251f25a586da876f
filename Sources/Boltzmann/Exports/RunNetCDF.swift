import Evaluation
import Foundation
import Molecules
import Runs
import Trajectories

extension ExportedRun {
  /// Writes the run as a NetCDF file by the conventions CF-1.8, as xarray reads it.
  ///
  /// Dimensions: sample, frame (of the reference), residue, bin (of energy), angle. Torsions that a
  /// residue lacks are NaN (`ExportTests`).
  ///
  /// - Parameter name: What errors call the file.
  /// - Throws: `TrajectoryError`.
  func writeNetCDF(
    _ path: String, reportedAs name: String, context: RunContext
  ) throws(TrajectoryError) {
    let columns = columns(context.program)
    try Trajectories.writeNetCDF(
      path: path, reportedAs: name, layout(columns, program: context.program)
    ) { (writer) throws(TrajectoryError) in
      for column in columns {
        switch column.values {
        case .numbers(let numbers):
          try writer.put(column.name, numbers, shape: column.shape)
        case .counts(let counts): try writer.put(column.name, counts, shape: column.shape)
        case .number(let number): try writer.put(column.name, number)
        case .text(let text): try writer.put(column.name, text)
        }
      }
    }
  }

  /// A variable of the file with its values.
  private struct Column {
    enum Values { case numbers([Double]), counts([Int32]), number(Double), text(String) }

    let name: String
    let dimensions: [String]
    let units: String?
    let longName: String
    let values: Values
    var shape: [Int]
    var coordinates: String?
    var bounds: String?
  }

  private var kinds: [String] {
    ["phi", "psi", "omega", "chi1", "chi2", "chi3", "chi4", "chi5"].filter { kind in
      torsions.contains { $0.kind == kind }
    }
  }

  private func columns(_ program: String) -> [Column] {
    let topology = system.topology
    let (rows, residues) = (samples.sample.rows, topology.residueNames.count)
    func numbers(
      _ name: String, _ dimensions: [String], _ shape: [Int], _ units: String, _ longName: String,
      _ values: [Double], coordinates: String? = nil, bounds: String? = nil
    ) -> Column {
      Column(
        name: name, dimensions: dimensions, units: units, longName: longName,
        values: .numbers(values), shape: shape, coordinates: coordinates, bounds: bounds)
    }
    func counts(_ name: String, _ count: Int, from first: Int, _ longName: String) -> Column {
      Column(
        name: name, dimensions: [name], units: nil, longName: longName,
        values: .counts((0..<count).map { Int32($0 + first) }), shape: [count])
    }
    let width = nameLength
    var columns = [
      counts("sample", rows, from: 0, "frame in samples.nc"),
      counts("residue", residues, from: 1, "number of the residue"),
      Column(
        name: "residue_name", dimensions: ["residue", "name_length"], units: nil,
        longName: "name of the residue",
        values: .text(
          topology.residueNames.map { $0.padding(toLength: width, withPad: " ", startingAt: 0) }
            .joined()), shape: [residues, width]),
      Column(
        name: "temperature", dimensions: [], units: "K", longName: "temperature of the target",
        values: .number(system.description.temperature), shape: []),
      numbers(
        "energy", ["sample"], [rows], "1", "reduced potential energy U/kT of the samples",
        samples.energies),
      numbers(
        "log_density", ["sample"], [rows], "1",
        "natural logarithm of the flow's density, inf outside its support",
        weighted.proposals.supportedLogDensities),
      numbers(
        "log_weight", ["sample"], [rows], "1", "natural logarithm of the importance weight",
        weighted.weights.values),
      numbers(
        "weight", ["sample"], [rows], "1", "importance weight, normalized to the sum one",
        samples.sample.weights),
    ]
    for kind in kinds {
      columns.append(
        numbers(
          kind, ["sample", "residue"], [rows, residues], "degree",
          "torsion \(kind) of the samples", table(kind, angles, rows), coordinates: "residue_name"))
    }
    columns.append(
      numbers(
        "angle", ["angle"], [torsionBins], "degree", "torsion at the middle of the bin",
        (0..<torsionBins).map { -180 + 360 * (Double($0) + 0.5) / Double(torsionBins) },
        bounds: "angle_bounds"))
    columns.append(
      numbers(
        "angle_bounds", ["angle", "bounds"], [torsionBins, 2], "degree", "edges of the bins",
        (0..<torsionBins).flatMap { bin in
          [0.0, 1].map { -180 + 360 * (Double(bin) + $0) / Double(torsionBins) }
        }))
    for kind in kinds {
      columns.append(
        numbers(
          "free_energy_\(kind)", ["residue", "angle"], [residues, torsionBins], "1",
          "free energy -ln(p/p_max) along \(kind), kT, reweighted",
          energyProfiles(kind, samples, angles), coordinates: "residue_name"))
    }
    return columns + referenceColumns(numbers) + histogramColumns(numbers)
  }

  private typealias Numbers = (
    _ name: String, _ dimensions: [String], _ shape: [Int], _ units: String, _ longName: String,
    _ values: [Double], _ coordinates: String?, _ bounds: String?
  ) -> Column

  private func referenceColumns(_ numbers: Numbers) -> [Column] {
    guard let reference else { return [] }
    let (frames, residues) = (reference.sample.rows, system.topology.residueNames.count)
    var columns = [
      Column(
        name: "frame", dimensions: ["frame"], units: nil,
        longName: "frame of the reference trajectory",
        values: .counts((0..<frames).map { Int32($0) }), shape: [frames]),
      numbers(
        "reference_energy", ["frame"], [frames], "1",
        "reduced potential energy U/kT of the reference", reference.energies, nil, nil),
    ]
    for kind in kinds {
      columns.append(
        numbers(
          "reference_\(kind)", ["frame", "residue"], [frames, residues], "degree",
          "torsion \(kind) of the reference", table(kind, referenceAngles, frames), "residue_name",
          nil))
      columns.append(
        numbers(
          "reference_free_energy_\(kind)", ["residue", "angle"], [residues, torsionBins], "1",
          "free energy -ln(p/p_max) along \(kind), kT, of the reference",
          energyProfiles(kind, reference, referenceAngles), "residue_name", nil))
    }
    return columns
  }

  private func histogramColumns(_ numbers: Numbers) -> [Column] {
    guard let histogram else { return [] }
    let edges = histogram.edges
    let bins = edges.count - 1
    return [
      numbers(
        "bin", ["bin"], [bins], "1", "reduced potential energy U/kT at the middle of the bin",
        zip(edges, edges.dropFirst()).map { ($0 + $1) / 2 }, nil, "bin_bounds"),
      numbers(
        "bin_bounds", ["bin", "bounds"], [bins, 2], "1", "edges of the bins",
        zip(edges, edges.dropFirst()).flatMap { [$0, $1] }, nil, nil),
    ]
      + [
        ("reference", histogram.reference), ("proposal", histogram.proposal),
        ("reweighted", histogram.reweighted),
      ].map { name, series in
        numbers(
          "\(name)_density", ["bin"], [bins], "1",
          "probability per kT of the energies, \(name)", series.densities, nil, nil)
      }
  }

  /// A torsion of every residue in degrees, [frames, residues].
  private func table(_ kind: String, _ angles: [[Double]], _ rows: Int) -> [Double] {
    let residues = system.topology.residueNames.count
    var values = [Double](repeating: .nan, count: rows * residues)
    for (torsion, column) in zip(torsions, angles) where torsion.kind == kind {
      for row in 0..<rows { values[row * residues + torsion.residue] = column[row] * 180 / .pi }
    }
    return values
  }

  /// Free energies along a torsion of every residue, [residues, angles].
  private func energyProfiles(
    _ kind: String, _ set: AnalysisSet, _ angles: [[Double]]
  ) -> [Double] {
    var values = [Double](
      repeating: .nan, count: system.topology.residueNames.count * torsionBins)
    for (torsion, column) in zip(torsions, angles) where torsion.kind == kind {
      let bins = column.map { angle in
        angle.isFinite
          ? min(torsionBins - 1, max(0, Int((angle * 180 / .pi + 180) / 360 * Double(torsionBins))))
          : -1
      }
      let shares = binnedPopulations(bins, count: torsionBins, over: set.sample).map(\.value)
      for (bin, energy) in freeEnergies(ofShares: shares).enumerated() {
        values[torsion.residue * torsionBins + bin] = energy ?? .nan
      }
    }
    return values
  }

  /// The characters of the longest name of a residue.
  private var nameLength: Int { max(1, system.topology.residueNames.map(\.utf8.count).max() ?? 1) }

  private func layout(_ columns: [Column], program: String) -> NetCDFLayout {
    func attributes(_ column: Column) -> [NetCDFLayout.Attribute] {
      [.init("long_name", column.longName)]
        + (column.coordinates.map { [.init("coordinates", $0)] } ?? [])
        + (column.bounds.map { [.init("bounds", $0)] } ?? [])
    }
    var dimensions: [NetCDFLayout.Dimension] = []
    var known: Set<String> = []
    for column in columns {
      for (name, length) in zip(column.dimensions, column.shape) where known.insert(name).inserted {
        dimensions.append(.init(name, length))
      }
    }
    return NetCDFLayout(
      attributes: [
        .init("Conventions", "CF-1.8"),
        .init("title", "\(system.description.name): samples of a flow with importance weights"),
        .init("source", source), .init("history", "exported by \(program)"),
        .init(
          "comment",
          "averages over the Boltzmann distribution are sums of weight times the quantity"),
        .init("force_field", system.description.forceField ?? ""),
        .init("implicit_solvent", system.description.implicitSolvent.model),
        .init("effective_samples", "\(samples.sample.effectiveSamples)"),
      ],
      dimensions: dimensions,
      variables: columns.map { column in
        let type: NetCDFLayout.ElementType =
          switch column.values {
          case .numbers, .number: .float64
          case .counts: .int32
          case .text: .character
          }
        return .init(
          column.name, type, column.dimensions, units: column.units, attributes: attributes(column))
      })
  }
}
