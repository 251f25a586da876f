import ArgumentParser
import Boltzmann
import Runs

struct MergeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Put the shards of a draw together.",
    discussion: """
      Writes samples.nc, samples.json and weights.csv: byte for byte what `sample` without --shard \
      would have written. Shards of another seed, model, energy or number of conformations are \
      refused.
      """)

  @Argument(
    help: ArgumentHelp(
      "The folders that `sample --shard` wrote, in any order.", valueName: "folder"))
  var folders: [String]

  @Option(help: ArgumentHelp("Where the files go.", valueName: "folder"))
  var output: String

  @OptionGroup var overwrite: OverwriteOption
  @OptionGroup var shared: SharedOptions

  func run() throws {
    let files = try withLock(ofRun: output) {
      try checkFolder(output)
      try overwrite.check(DrawFolder(path: output).files)
      return try mergeSamples(folders, to: output, context: shared.context())
    }
    try printResult(files.map { "\($0)\n" }.joined())
  }
}

extension Shard: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}
