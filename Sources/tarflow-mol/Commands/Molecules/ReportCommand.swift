import ArgumentParser
import Boltzmann
import ImageRuns
import Kernels
import Reporting
import Runs

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write a page that shows the results of a run, of a simulation, or of several runs.",
    discussion: """
      One HTML file with pictures, readable without a network, and the numbers of every figure as \
      CSV in a folder beside it: report.html and report/ in the run's folder by default. `train`, \
      `evaluate`, `benchmark`, `simulate` and `image train` write it by themselves. Of several runs \
      of one molecule it is a comparison.
      """)

  @Argument(help: ArgumentHelp("Run folders, or the folder of a simulation.", valueName: "run"))
  var paths: [String]

  @Option(
    help: ArgumentHelp(
      "The page; report.html in the folder of a single run by default.", valueName: "page.html"))
  var output: String?

  @Option(
    help: ArgumentHelp("Write every figure as a file of its own, too.", valueName: "folder"))
  var svg: String?

  @OptionGroup var other: RunSystemOption
  @OptionGroup var overwrite: OverwriteOption
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if paths.count > 1, output == nil {
      throw ValidationError("a comparison has no folder of its own; add --output page.html")
    }
    if let output, !output.hasSuffix(".html") {
      throw ValidationError("--output is '\(output)', expected a name that ends in .html")
    }
  }

  func run() throws {
    try overwrite.check([output])
    if let output { try checkNoRun(dataFolder(ofPage: output)) }
    let context = shared.context()
    let simulation = paths.count == 1 ? try? SimulationFolder(existing: paths[0]) : nil
    if paths.count > 1 {
      for path in paths {
        try checkMolecule(path) {
          "only runs of one molecule are compared; report it alone: tarflow-mol report \($0)"
        }
      }
    }
    if other.isGiven, simulation != nil || isImageRun(paths[0]) {
      throw ValidationError("--system and --systems are for runs of molecules")
    }
    if simulation == nil { try loadBLAS() }
    let page: Page
    if let simulation {
      page = try simulationReport(of: simulation, context: context)
    } else if paths.count == 1, isImageRun(paths[0]) {
      page = try imageReport(of: try RunFolder(existing: paths[0]), context: context)
    } else {
      let runs = try paths.map { try RunFolder(existing: $0) }
      let records = try other.records(of: runs, log: shared.log)
      for (run, record) in zip(runs, records) {
        record.warnOfUnfinishedTraining(in: run, log: shared.log)
      }
      page =
        runs.count == 1
        ? try runReport(of: runs[0], record: records[0], context: context)
        : try comparisonReport(of: runs, records: records, context: context)
    }
    let path = output ?? RunFolder(path: paths[0]).report
    // How the tables and drawings of a page are called is known only now. The page of a run or a
    // simulation in its own folder is made again.
    var files = output.map { reportPaths(of: page, to: $0) } ?? []
    if let svg { files += drawingPaths(of: page, to: svg) }
    try overwrite.check(files)
    try writeReport(page, to: path)
    if let svg { try writeDrawings(of: page, to: svg) }
    try printResult("\(path)\n")
  }
}
