import Boltzmann
import Foundation
import ImageRuns
import Runs
import TestSupport
import Testing
import Yams

/// The tables of settings against what the configurations hold and refuse.
@Suite struct SettingsTests {
  /// Every key of a value that is no group.
  private func keys(of node: Node, at path: String = "") -> [String] {
    guard let mapping = node.mapping else { return [path] }
    return mapping.flatMap { key, value in
      keys(of: value, at: (path.isEmpty ? "" : path + ".") + (key.string ?? ""))
    }
  }

  private func check<Configuration: LayeredConfiguration>(_ configuration: Configuration) throws {
    let tree = try #require(try Yams.compose(yaml: try yamlText(configuration)))
    #expect(Set(keys(of: tree)) == Set(Configuration.settings.map(\.key)))
    #expect(Set(Configuration.settings.map(\.key)).count == Configuration.settings.count)
    for setting in Configuration.settings {
      #expect(!setting.meaning.isEmpty && setting.meaning.last != ".")
      let refused: [Double] =
        switch setting.limits {
        case .between(let low, let high)?: [low - max(1, low.magnitude), high * 2]
        case .atLeast(let low)?: [low - 1]
        case .above(let low)?: [low, low - 1]
        case .aboveUpTo(let low, let high)?: [low, high * 2]
        case .below(let low, let high)?: [low - 1, high]
        case nil: []
        }
      for value in refused {
        let isWhole = tree.isWhole(setting.key)
        let text = isWhole ? "\(Int(value))" : "\(value)"
        #expect(throws: RunError.self, "\(setting.key)=\(text)") {
          try resolveConfiguration(
            configuration, layers: [try ConfigurationLayer(setting: "\(setting.key)=\(text)")])
        }
      }
    }
  }

  @Test func `every setting is described, and its limits hold`() throws {
    try check(RunConfiguration())
    try check(ImageConfiguration())
    var simulation = SimulationSettings(time: 100, temperatures: [300])
    simulation.hydrogenMass = 3
    try check(simulation)
  }

  /// `TARFLOW_TEST_WRITE=settings` writes the page in place of comparing with it.
  @Test func `docs-settings is what the tables say`() throws {
    let molecule = try resolveConfiguration(
      RunConfiguration(), layers: [.internalCoordinates()]
    ).describedSettings()
    let simulation = try SimulationSettings(time: 10_000, temperatures: [300]).describedSettings()
    let image = try ImageConfiguration().describedSettings()
    let page = """
      # Settings

      `--set KEY=VALUE` changes one setting, `--config FILE` those of a YAML file with the same keys
      in groups. `tarflow-mol settings KEY` describes one on the terminal. The record of a run,
      `config.resolved.yaml`, holds them all.

      ## Of `train`

      The defaults are those of one block in internal coordinates. A system (`defaults:` in
      `system.yaml`), a recipe and `--from energy` can have others. With more blocks, another
      transform, another order, no start token or the Cartesian representation some have others, too,
      unless they are set: `train` says which.

      \(settingsMarkdown(molecule))
      ## Of `simulate`

      The defaults are those of `--time 10ns` at 300 K.

      \(settingsMarkdown(simulation))
      ## Of `image train`

      \(settingsMarkdown(image))
      """
    let file = repositoryFolder.appending(path: "docs/settings.md")
    if ProcessInfo.processInfo.environment["TARFLOW_TEST_WRITE"] == "settings" {
      try Data(page.utf8).write(to: file)
    }
    #expect(
      try String(contentsOf: file, encoding: .utf8) == page,
      "regenerate with TARFLOW_TEST_WRITE=settings swift test --disable-xctest --filter SettingsTests"
    )
  }
}

extension Node {
  /// Whether the value of a key is a whole number.
  fileprivate func isWhole(_ key: String) -> Bool {
    key.split(separator: ".").reduce(Optional(self)) { $0?.mapping?[Node(String($1))] }?.int != nil
  }
}
