/// The layout of an AMBER NetCDF trajectory: an unlimited `frame`, float32, no box; the form that
/// mdtraj, MDAnalysis, ParmEd, chemfiles and cpptraj all read.
///
/// - Parameter areSamples: Whether the frames are samples, which have an index in place of a time:
///   the convention leaves the time away where there is none, and MDAnalysis refuses one that is not
///   in picoseconds.
/// - Parameter texts: The attributes of the file; empty ones are left out, and the others are cut
///   after 80 bytes, the convention's limit.
/// - SeeAlso: ambermd.org/netcdf/nctraj.xhtml, version 1.0 revision C.
func amberLayout(
  atoms: Int, areSamples: Bool = false, hasForces: Bool = false, hasChains: Bool = false,
  hasTemperatures: Bool = false, texts: [(name: String, text: String)]
) -> NetCDFLayout {
  let perAtom = ["frame", "atom", "spatial"]
  var layout = NetCDFLayout(
    attributes: texts.filter { !$0.text.isEmpty }.map { .init($0.name, cut($0.text)) },
    dimensions: [.init("frame", nil), .init("spatial", 3), .init("atom", atoms)],
    variables: [
      .init("spatial", .character, ["spatial"]),
      areSamples
        ? .init(
          sampleIndex, .int32, ["frame"],
          attributes: [.init("long_name", "index of the independent sample; there is no time")])
        : .init("time", .float32, ["frame"], units: "picosecond"),
      .init("coordinates", .float32, perAtom, units: "angstrom"),
    ])
  if hasForces {
    layout.variables.append(
      .init("forces", .float32, perAtom, units: "kilocalorie/mole/angstrom"))
  }
  if hasChains { layout.variables.append(.init("chain", .int32, ["frame"])) }
  if hasTemperatures {
    layout.variables.append(.init("temp0", .float64, ["frame"], units: "kelvin"))
  }
  return layout
}

/// Creates an AMBER NetCDF file that blocks are written to, its axes named.
/// - Throws: ``TrajectoryError`` when the disk or libnetcdf refuses.
func createAmberFile(
  _ place: String, reportedAs path: String, _ layout: NetCDFLayout
) throws(TrajectoryError) -> NetCDFWriter {
  try withNetCDFLibrary { () throws(TrajectoryError) in
    let writer = try NetCDFWriter(creating: place, reportedAs: path, layout)
    do throws(TrajectoryError) {
      try writer.put("spatial", "xyz")
    } catch {
      writer.abort()
      throw error
    }
    return writer
  }
}

/// The variable that samples have in place of the time.
let sampleIndex = "sample"

/// The attributes of a trajectory of this program.
func amberTexts(
  program: String, programVersion: String, title: String
) -> [(name: String, text: String)] {
  [
    ("title", title), ("application", "tarflow-mol"), ("program", program),
    ("programVersion", programVersion), ("Conventions", "AMBER"), ("ConventionVersion", "1.0"),
  ]
}

/// A text of at most 80 bytes, without its last characters if need be.
func cut(_ text: String) -> String {
  var text = text
  while text.utf8.count > 80 { text.removeLast() }
  return text
}
