import Foundation

extension ExportedRun {
  /// The torsions as PLUMED's variables: "phi2".
  private var variables: [String] { torsions.map { "\($0.kind)\($0.residue + 1)" } }

  /// A COLVAR file: torsions in rad, and the logarithms of the weights about their largest; samples
  /// without a weight are left out.
  ///
  /// The reweighted histogram of a torsion over 36 bins is that of `analyze` (`ExportTests`).
  var colvar: String {
    let logWeights = samples.sample.logWeights
    let largest = logWeights.max() ?? 0
    var text = "#! FIELDS time \(variables.joined(separator: " ")) logweights\n"
    for row in logWeights.indices where logWeights[row].isFinite {
      let values = angles.map { "\($0[row])" } + ["\(logWeights[row] - largest)"]
      text += "\(row) \(values.joined(separator: " "))\n"
    }
    return text
  }

  /// An input that makes the reweighted free energies from the COLVAR file: along every torsion,
  /// and over φ and ψ.
  var plumedInput: String {
    let temperature = system.description.temperature
    // PLUMED's bins lie about the points of its grid, which are the middles of ours. The variables are
    // not periodic for it, whose grid would have to begin at −π then.
    let middle = Double.pi * (1 - 1 / Double(torsionBins))
    let grid = { (count: Int) in
      func list(_ value: String) -> String {
        [String](repeating: value, count: count).joined(separator: ",")
      }
      return "GRID_MIN=\(list("\(-middle)")) GRID_MAX=\(list("\(middle)")) "
        + "GRID_BIN=\(list("\(torsionBins - 1)"))"
    }
    var lines = [
      "# \(source)", "# Reweighted free energies of the samples in COLVAR, kJ/mol:",
      "#   plumed driver --plumed plumed.dat --noatoms --initial-step 1",
      "# (an average leaves step 0 out). Bins lie about the points of the grid.",
      "# PLUMED 2.9 and older take GRID= in place of ARG= in CONVERT_TO_FES and DUMPGRID.",
      "logw: READ FILE=COLVAR VALUES=logweights IGNORE_TIME",
    ]
    for name in variables { lines.append("\(name): READ FILE=COLVAR VALUES=\(name) IGNORE_TIME") }
    func surface(_ arguments: [String]) {
      let name = arguments.joined(separator: "-")
      let label = arguments.joined()
      lines += [
        "h_\(label): HISTOGRAM ARG=\(arguments.joined(separator: ",")) \(grid(arguments.count)) "
          + "KERNEL=DISCRETE LOGWEIGHTS=logw",
        "f_\(label): CONVERT_TO_FES ARG=h_\(label) TEMP=\(temperature)",
        "DUMPGRID ARG=f_\(label) FILE=fes-\(name).dat",
      ]
    }
    for name in variables { surface([name]) }
    for residue in system.topology.residueNames.indices {
      let pair = ["phi\(residue + 1)", "psi\(residue + 1)"]
      if pair.allSatisfy(variables.contains) { surface(pair) }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
