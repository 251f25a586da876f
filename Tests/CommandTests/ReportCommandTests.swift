import Foundation
import FoundationXML
import TestSupport
import Testing

/// `report`, and the pages that other commands write.
@Suite struct ReportCommandTests {
  private func isWellFormed(_ page: URL) throws -> Bool {
    XMLParser(data: try Data(contentsOf: page)).parse()
  }

  private func column(_ name: String, of file: URL) throws -> [Double?] {
    let rows = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let place = try #require(rows.first?.firstIndex(of: name))
    return rows.dropFirst().map { Double($0[place]) }
  }

  @Test func `a training leaves a page, and the same page is made again from its folder`() throws {
    let run = try TinyRun.shared().copy()
    let page = run.appending(path: "report.html")
    let before = try Data(contentsOf: page)
    #expect(try isWellFormed(page))
    let text = String(decoding: before, as: UTF8.self)
    for part in [
      "AL3 at 310.0 K", "64 conformations", "Ramachandran map of ALA2", "Pareto k",
      "TarFlow + SNIS (SBG), published", "config.resolved.yaml", "Log-determinant of each block",
      "Learning rate, over time", "the training frames are in no order of time",
    ] {
      #expect(text.contains(part), "\(part)")
    }
    let drawings = run.appending(path: "drawings")
    let outcome = try tarflowMol("report", run.path, "--svg", drawings.path)
    #expect(outcome.status == 0 && outcome.output == "\(page.path)\n", "\(outcome.errors)")
    #expect(try isWellFormed(drawings.appending(path: "ramachandran-2.svg")))
    // The copy has another name, which its page says.
    let again = String(decoding: try Data(contentsOf: page), as: UTF8.self)
    #expect(again == text.replacing("run complete", with: "run run"))
  }

  @Test func `free energies of the page are those of an analysis, bin by bin`() throws {
    let run = try TinyRun.shared().copy()
    let surfaces = run.appending(path: "surfaces")
    let outcome = try tarflowMol("analyze", run.path, "--surfaces", surfaces.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    for (torsion, surface) in [("phi-2", "phi_2"), ("psi-2", "psi_2")] {
      let table = surfaces.appending(path: "\(surface).csv")
      let drawn = run.appending(path: "report/free-energy-\(torsion).csv")
      #expect(try column("reweighted", of: drawn) == column("free_energy_kT", of: table))
      #expect(try column("reference", of: drawn) == column("reference_free_energy_kT", of: table))
    }
  }

  @Test func `several runs are compared in one page`() throws {
    let (first, second) = (try TinyRun.shared().copy(), try TinyRun.shared().copy())
    let page = try temporaryFolder().appending(path: "both.html")
    let outcome = try tarflowMol("report", first.path, second.path, "--output", page.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try isWellFormed(page))
    let folder = page.deletingPathExtension()
    let columns = try String(
      contentsOf: folder.appending(path: "energy-linear.csv"), encoding: .utf8
    ).prefix { $0 != "\n" }
    #expect(columns.split(separator: ",").count == 5)
    #expect(try column("step", of: folder.appending(path: "loss.csv")) == [3, 6])
    let refused = try tarflowMol("report", first.path, second.path, "--output", page.path)
    #expect(refused.status == 73)
  }

  @Test func `a simulation leaves a page`() throws {
    let folder = try temporaryFolder().appending(path: "md")
    let outcome = try Child([
      "simulate", "AL2", "--systems", systemsFolder.path, "--time", "0.4ps", "--equilibration",
      "0.1ps", "--chains", "2", "--temperatures", "300,400", "--save-every", "0.02ps",
      "--exchange-every", "20fs", "--timestep", "2fs", "--output", folder.path,
    ]).outcome()
    #expect(outcome.status == 0, "\(outcome.errors)")
    let page = folder.appending(path: "report.html")
    #expect(try isWellFormed(page))
    let text = try String(contentsOf: page, encoding: .utf8)
    for part in [
      "2 chains of 400 fs", "Replica exchange", "first half", "chain 2", "Autocorrelation",
      "Ramachandran map of ALA2: simulation",
    ] {
      #expect(text.contains(part), "\(part)")
    }
    // Nothing proposes the frames of a simulation.
    #expect(!text.contains("Ramachandran map of ALA2: proposal"))
    let again = try tarflowMol("report", folder.path)
    #expect(again.status == 0)
    #expect(try Data(text.utf8) == Data(contentsOf: page))
  }

  @Test func `frames in order of time span the plane of slow coordinates`() throws {
    let folder = try temporaryFolder()
    let (simulation, run) = (folder.appending(path: "md"), folder.appending(path: "run"))
    let simulated = try Child([
      "simulate", "AL2", "--systems", systemsFolder.path, "--time", "3ps", "--equilibration",
      "0.5ps", "--chains", "2", "--friction", "20", "--save-every", "0.02ps", "--output",
      simulation.path,
    ]).outcome()
    #expect(simulated.status == 0, "\(simulated.errors)")
    let frames = simulation.appending(path: "trajectory.nc").path
    let trained = try Child(
      [
        "train", "AL2", "--systems", systemsFolder.path, "--training", frames, "--output", run.path,
      ] + TinyRun.settings
    ).outcome()
    #expect(trained.status == 0, "\(trained.errors)")
    let text = try String(contentsOf: run.appending(path: "report.html"), encoding: .utf8)
    #expect(text.contains("Plane of the two slowest coordinates (TICA)"))
    let plane = run.appending(path: "report/slow-plane.csv")
    #expect(try column("training: free energy (kT)", of: plane).contains(0))
    #expect(try column("reweighted: free energy (kT)", of: plane).contains(0))

    try FileManager.default.removeItem(atPath: frames)
    let again = try tarflowMol("report", run.path)
    #expect(again.status == 0, "\(again.errors)")
    #expect(
      try String(contentsOf: run.appending(path: "report.html"), encoding: .utf8)
        .contains("the training frames are no longer there"))
  }

  @Test func `no file is replaced unasked, and no run is written into`() throws {
    let run = try TinyRun.shared().copy()
    let (folder, drawings) = (try temporaryFolder(), try temporaryFolder())
    let page = folder.appending(path: "page.html")
    let report = ["report", run.path, "--output", page.path, "--svg", drawings.path]
    let data = folder.appending(path: "page")
    try FileManager.default.createDirectory(at: data, withIntermediateDirectories: true)
    for mine in [
      data.appending(path: "ramachandran-2.csv"), drawings.appending(path: "ramachandran-2.svg"),
    ] {
      try Data("mine".utf8).write(to: mine)
      let refused = try Child(report).outcome()
      #expect(refused.status == 73 && refused.errors.contains(mine.path), "\(refused.errors)")
      #expect(try Data(contentsOf: mine) == Data("mine".utf8))
      #expect(!FileManager.default.fileExists(atPath: page.path))
      try FileManager.default.removeItem(at: mine)
    }
    // What the report does not write is in nobody's way.
    let others = [data.appending(path: "data.csv"), drawings.appending(path: "logo.svg")]
    for other in others { try Data("mine".utf8).write(to: other) }
    #expect(try Child(report).outcome().status == 0)
    #expect(try Child(report + ["--overwrite"]).outcome().status == 0)
    for other in others { #expect(try Data(contentsOf: other) == Data("mine".utf8)) }
    let inRun = try tarflowMol(
      "report", run.path, "--output", "\(run.path).html", "--overwrite")
    #expect(inRun.status == 73 && inRun.errors.contains("it is a run, whose files"))
  }

  @Test func `a table that is not what a list of checksums says is refused`() throws {
    let run = try TinyRun.shared().copy()
    let table = run.appending(path: "weights.csv")
    try Data("weights.csv 00000000\n".utf8).write(to: run.appending(path: "checksums.sfv"))
    let page = try Data(contentsOf: run.appending(path: "report.html"))
    let outcome = try tarflowMol("report", run.path)
    #expect(outcome.status == 65)
    #expect(
      outcome.errors.hasPrefix("Error: \(table.path): is not what checksums.sfv beside it was"))
    #expect(try Data(contentsOf: run.appending(path: "report.html")) == page)
  }

  @Test func `what cannot be reported is refused in one line`() throws {
    let run = try TinyRun.shared().copy()
    #expect(try tarflowMol("report", run.path, run.path).status == 64)
    #expect(try tarflowMol("report", run.path, "--output", "page.txt").status == 64)
    let missing = try tarflowMol("report", "\(run.path)/nothing")
    #expect(missing.status == 66 && missing.errors.contains("no such run folder"))
    try FileManager.default.removeItem(at: run.appending(path: "weights.csv"))
    let incomplete = try tarflowMol("report", run.path)
    #expect(incomplete.status == 66 && incomplete.errors.contains("weights.csv"))
  }
}
