import Foundation
import TestSupport
import Testing
import Trajectories

/// `export --to`.
@Suite struct ExportCommandTests {
  /// A run with some samples that have no weight, exported with all that there is.
  private func exported() throws -> (run: URL, folder: URL) {
    let run = try TinyRun.shared().copy()
    let folder = try temporaryFolder().appending(path: "out")
    let outcome = try tarflowMol(
      "export", run.path, "--to", folder.path, "--plumed", "--notebook", "--models", "5")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let names = [
      "topology.prmtop", "samples.nc", "weights.csv", "ensemble.dcd", "ensemble.pdb", "run.nc",
      "COLVAR", "plumed.dat", "run.ipynb", "histograms.csv", "checksums.sfv",
    ]
    #expect(outcome.output == names.map { "\(folder.path)/\($0)\n" }.joined())
    return (run, folder)
  }

  private func table(_ file: URL) throws -> [[Double]] {
    try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
      .filter { !$0.hasPrefix("#") }
      .map { $0.split(whereSeparator: { $0 == " " || $0 == "," }).compactMap { Double($0) } }
      .filter { !$0.isEmpty }
  }

  @Test func `files hold the samples, and ensembles those of equal weight`() throws {
    let (run, folder) = try exported()
    #expect(try folder.bytes("samples.nc") == run.bytes("samples.nc"))
    #expect(try folder.bytes("weights.csv") == run.bytes("weights.csv"))
    let samples = try readTrajectory(path: "\(folder.path)/samples.nc").trajectory
    let ensemble = try readTrajectory(path: "\(folder.path)/ensemble.dcd", expectedAtoms: 33)
    #expect(ensemble.trajectory.frames == 64 && ensemble.notes.isEmpty)
    // Every member is a sample, and more of them than one weight carries.
    let size = 3 * 33
    let known = Set((0..<64).map { Array(samples.coordinates[$0 * size..<($0 + 1) * size]) })
    for frame in 0..<64 {
      #expect(
        known.contains(Array(ensemble.trajectory.coordinates[frame * size..<(frame + 1) * size])))
    }
    let pdb = try String(contentsOf: folder.appending(path: "ensemble.pdb"), encoding: .utf8)
    #expect(pdb.contains("too coarse for energies"))
    #expect(pdb.ranges(of: "MODEL ").count == 5 && pdb.ranges(of: "ENDMDL").count == 5)
    #expect(pdb.ranges(of: "ATOM  ").count == 5 * 33)
  }

  @Test func `the NetCDF file has weights, torsions and free energies, with what they are`() throws
  {
    let (_, folder) = try exported()
    let file = try NetCDFFile(path: "\(folder.path)/run.nc")
    let weights = try file.doubles("weight").values
    #expect(weights.count == 64 && abs(weights.reduce(0, +) - 1) < 1e-12)
    let rows = try table(folder.appending(path: "weights.csv"))
    #expect(try file.doubles("log_weight").values == rows.map { $0[3] })
    #expect(try file.doubles("energy").values == rows.map { $0[2] })
    let psi = try file.doubles("psi").values
    #expect(psi.count == 64 * 3 && psi.allSatisfy { $0.isNaN || abs($0) <= 180 })
    // The last residue has no ψ.
    #expect((0..<64).allSatisfy { psi[3 * $0 + 2].isNaN && !psi[3 * $0].isNaN })
  }

  @Test func `a histogram of the COLVAR file is the free energy of an analysis, bin by bin`() throws
  {
    let (run, folder) = try exported()
    let surfaces = run.appending(path: "surfaces")
    #expect(try tarflowMol("analyze", run.path, "--surfaces", surfaces.path).status == 0)
    let colvar = folder.appending(path: "COLVAR")
    let fields = try #require(
      String(contentsOf: colvar, encoding: .utf8).split(separator: "\n").first
    ).split(separator: " ").dropFirst(2).map(String.init)
    let rows = try table(colvar)
    let input = try String(contentsOf: folder.appending(path: "plumed.dat"), encoding: .utf8)
    for (name, surface) in [("phi2", "phi_2"), ("psi1", "psi_1")] {
      let column = try #require(fields.firstIndex(of: name))
      var shares = [Double](repeating: 0, count: 36)
      for row in rows {
        let bin = Int((row[column] + .pi) / (2 * .pi) * 36)
        shares[min(bin, 35)] += exp(row[row.count - 1])
      }
      let largest = shares.max() ?? 1
      let text = try String(contentsOf: surfaces.appending(path: "\(surface).csv"), encoding: .utf8)
      let wanted = text.split(separator: "\n").dropFirst().map {
        Double($0.split(separator: ",", omittingEmptySubsequences: false)[4])
      }
      for (share, energy) in zip(shares, wanted) {
        #expect((share > 0) == (energy != nil))
        if let energy { #expect(abs(-log(share / largest) - energy) < 1e-9) }
      }
      #expect(input.contains("ARG=\(name) GRID_MIN=-3.054"))
    }
    #expect(input.contains("ARG=phi2,psi2"))
  }

  @Test func `the notebook is JSON with code, and nothing is overwritten unasked`() throws {
    let (run, folder) = try exported()
    let parsed = try JSONSerialization.jsonObject(with: folder.bytes("run.ipynb"))
    let cells = try #require((parsed as? [String: Any])?["cells"] as? [[String: Any]])
    #expect(cells.count == 5)
    let refused = try tarflowMol("export", run.path, "--to", folder.path)
    #expect(refused.status == 73 && refused.errorLines.count == 1)
    let itself = try tarflowMol("export", run.path, "--to", run.path, "--overwrite")
    #expect(itself.status == 73 && itself.errors.contains("it is a run, whose files"))
    #expect(!FileManager.default.fileExists(atPath: "\(run.path)/checksums.sfv"))
    #expect(try tarflowMol("export", run.path, "--plumed").status == 64)
    #expect(try tarflowMol("export", run.path, "--models", "5").status == 64)
    #expect(try tarflowMol("export", run.path, "--to", folder.path, "--output", "x").status == 64)
  }

  @Test func `a histogram and its settings are two files`() throws {
    let (run, folder) = (try TinyRun.shared().copy(), try temporaryFolder())
    let place = folder.appending(path: "h.csv").path
    let outcome = try tarflowMol("export", run.path, "--output", place)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try folder.bytes("h.csv") == run.bytes("histograms.csv"))
    let settings = try JSONSerialization.jsonObject(with: folder.bytes("h.json")) as? [String: Any]
    #expect(settings?["samples"] as? Int == 64)
    let json = folder.appending(path: "other.json").path
    let refused = try tarflowMol("export", run.path, "--output", json)
    #expect(refused.status == 64 && refused.errors.contains("name a CSV file"))
    #expect(!FileManager.default.fileExists(atPath: json))
  }

  @Test(arguments: ["samples.nc", "ensemble.dcd"])
  func `no damage gives other frames`(name: String) throws {
    let (_, folder) = try exported()
    let place = folder.appending(path: name)
    let expected = try readTrajectory(path: place.path).trajectory
    let whole = [UInt8](try folder.bytes(name))
    let other = [UInt8](try folder.bytes("run.nc"))
    var refused = 0
    let count = try forEachMutation(of: whole, splicedWith: other, limit: 200) { change, bytes in
      try Data(bytes).write(to: place)
      guard let found = try? readTrajectory(path: place.path).trajectory else {
        refused += 1
        return
      }
      #expect(found == expected, "\(change)")
    }
    #expect(refused > count * 9 / 10)
  }

  @Test func `a damaged table of an export is refused`() throws {
    let (_, folder) = try exported()
    let table = folder.appending(path: "weights.csv")
    let text = try String(contentsOf: table, encoding: .utf8)
    // The last digit of a density, which no other check sees.
    let digits = try #require(text.firstMatch(of: /\n0,(-?[0-9.]+)/)?.output.1)
    let last = digits.last == "1" ? "2" : "1"
    try Data(text.replacing(digits, with: digits.dropLast() + last, maxReplacements: 1).utf8)
      .write(to: table)
    let outcome = try tarflowMol(
      "evaluate", "--samples", "\(folder.path)/samples.nc", "--weights", table.path, "--reference",
      systemsFolder.appending(path: "AL3/reference.nc").path, "--system", "AL3", "--systems",
      systemsFolder.path)
    #expect(outcome.status == 65)
    #expect(
      outcome.errors.hasPrefix("Error: \(table.path): is not what checksums.sfv beside it was"))
  }

  @Test func `an export that fails leaves the one before as it was`() throws {
    let (run, folder) = try exported()
    let before = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    let kept = try before.map { try folder.bytes($0) }
    // Nothing can be written over a folder, the last of the files.
    let last = folder.appending(path: "histograms.csv")
    try FileManager.default.removeItem(at: last)
    try FileManager.default.createDirectory(at: last, withIntermediateDirectories: true)
    #expect(try tarflowMol("reweight", run.path, "--clip", "0.1").status == 0)
    let outcome = try tarflowMol(
      "export", run.path, "--to", folder.path, "--models", "4", "--overwrite")
    #expect(outcome.status == 74, "\(outcome.errors)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == before)
    for (name, data) in zip(before, kept) where name != "histograms.csv" {
      #expect(try folder.bytes(name) == data, "\(name)")
    }
  }
}
