import ArgumentParser
import Foundation
import Runs

/// The program: what the words on the command line mean.
struct TarflowMol: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tarflow-mol",
    abstract: "Learns the Boltzmann distribution of a peptide and draws reweighted conformations.",
    discussion: """
      Exit codes: 0 done, 64 wrong usage, 65 unusable data, 66 missing input, 69 not supported \
      here, 70 diverged or internal error, 73 output exists, 74 output cannot be written, 75 stopped but \
      resumable, 78 wrong configuration.
      """,
    version: programVersion,
    subcommands: [
      TrainCommand.self, BenchmarkCommand.self, SampleCommand.self, MergeCommand.self,
      MixCommand.self, ReweightCommand.self,
      EvaluateCommand.self, AnalyzeCommand.self, ReportCommand.self, ExportCommand.self,
      SimulateCommand.self,
      BuildCommand.self,
      EnergyCommand.self,
      ImageCommand.self, InspectCommand.self, SettingsCommand.self, DoctorCommand.self,
      SelfTestCommand.self,
    ])
}

@main
enum Main {
  static func main() {
    // A closed pipe is an error of write, not the end of the program.
    signal(SIGPIPE, SIG_IGN)
    do {
      try checkCommand(CommandLine.arguments.dropFirst(), of: TarflowMol.self)
      var command = try TarflowMol.parseAsRoot()
      try checkLaunch(of: command)
      endOnSignals()
      try command.run()
      leaveRanks()
    } catch {
      let (known, usage) = (exitStatus(of: error), TarflowMol.exitCode(for: error))
      // Help and the version.
      if usage == .success { TarflowMol.exit(withError: error) }
      // Wrong usage is ArgumentParser's to word.
      let isUsage = known == nil && usage != .failure
      let code = isUsage ? usage.rawValue : (known ?? .internalError).rawValue
      printMessage(
        isUsage
          ? "\(TarflowMol.fullMessage(for: error))\n"
          : "Error: \(shownText(shortened(errorText(error))))\n")
      endAllRanks(code)
      exit(code)
    }
  }
}
