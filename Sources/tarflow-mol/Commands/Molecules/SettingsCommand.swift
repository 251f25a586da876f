import ArgumentParser
import Boltzmann
import ImageRuns
import Runs

struct SettingsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "settings",
    abstract: "Say what the settings of --set and --config are, with their defaults.",
    discussion: """
      The defaults are those of a training on a molecule in internal coordinates; a system, a \
      recipe or --from energy can have others, which the record of a run shows.
      """)

  /// What can be set.
  enum Kind: String, ExpressibleByArgument, CaseIterable { case molecule, simulation, image }

  @Argument(help: "A setting such as training.batch, or a group such as flow; all by default.")
  var key: String?

  @Option(help: "Whose settings: of train, simulate or image train.")
  var of = Kind.molecule

  @Flag(help: "Write the table in Markdown.")
  var markdown = false

  func run() throws {
    let all =
      switch of {
      case .molecule:
        try resolveConfiguration(RunConfiguration(), layers: [.internalCoordinates()])
          .describedSettings()
      case .simulation:
        try SimulationSettings(time: 10_000, temperatures: [300]).describedSettings()
      case .image: try ImageConfiguration().describedSettings()
      }
    let chosen = all.filter { described in
      key.map { described.setting.key == $0 || described.setting.key.hasPrefix("\($0).") } ?? true
    }
    guard !chosen.isEmpty else {
      throw RunError.configuration(
        source: "settings",
        problem: "unknown key '\(key ?? "")'"
          + advice(for: key ?? "", among: all.map(\.setting.key)))
    }
    try printResult(markdown ? settingsMarkdown(chosen) : settingsTable(chosen))
  }

  /// The nearest key or group, or else the groups.
  private func advice(for key: String, among keys: [String]) -> String {
    let groups = Set(keys.compactMap { $0.contains(".") ? $0.split(separator: ".").first : nil })
      .map(String.init).sorted()
    if let whole = keys.first(where: { $0.hasSuffix(".\(key)") }) {
      return "; did you mean '\(whole)'?"
    }
    let nearest = suggestion(for: key, among: keys + groups)
    guard nearest.isEmpty else { return nearest }
    return (groups.isEmpty ? "" : "; groups: \(groups.joined(separator: ", "))")
      + "; without a key all are listed"
  }
}
