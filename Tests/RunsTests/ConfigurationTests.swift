import Foundation
import Runs
import TestSupport
import Testing

private struct Settings: LayeredConfiguration, Equatable {
  enum Kind: String, Codable { case soft, hard }

  struct Network: Codable, Equatable {
    var width = 96
    var layers = 2
    var orders: [[Int]] = []
  }

  var seed: UInt64 = 1
  var kind = Kind.soft
  var flow = Network()

  static let choices = ["kind": ["soft", "hard"]]
  static let settings = [
    Setting("seed", "the seed", .atLeast(0)), Setting("kind", "hard or soft"),
    Setting("flow.width", "how wide", unit: "units", .between(1, 100)),
    Setting("flow.layers", "how deep", .above(0)), Setting("flow.orders", "the orders"),
  ]

  func validate() throws {
    if flow.width < 1 { throw RunError.configuration(source: "settings", problem: "no width") }
  }
}

@Suite struct ConfigurationTests {
  private func resolve(_ layers: ConfigurationLayer...) throws -> Settings {
    try resolveConfiguration(Settings(), layers: layers)
  }

  private func set(_ setting: String) throws -> ConfigurationLayer {
    try ConfigurationLayer(setting: setting)
  }

  private func layer(file text: String) throws -> ConfigurationLayer? {
    try withTemporaryFolder { folder in
      let path = "\(folder)/settings.yaml"
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      guard let layer = try ConfigurationLayer(file: path) else { return nil }
      #expect(layer.source == path)
      return ConfigurationLayer(source: "settings.yaml", settings: layer.settings)
    }
  }

  @Test func `the later layer wins, key by key`() throws {
    let file = try #require(try layer(file: "seed: 2\nflow:\n  width: 64\n  orders: [[0, 1]]\n"))
    var expected = Settings()
    #expect(try resolve() == expected)
    (expected.seed, expected.flow.width, expected.flow.orders) = (2, 64, [[0, 1]])
    #expect(try resolve(file) == expected)
    (expected.flow.width, expected.kind, expected.flow.orders) = (32, .hard, [[1, 0], [0, 1]])
    #expect(
      try resolve(
        file, set("flow.width=48"), set("flow.width=32"), set("kind=hard"),
        set("flow.orders=[[1, 0], [0, 1]]")) == expected)
    #expect(try resolve(set("flow.width=32"), file).flow.width == 64)
  }

  @Test func `a file without settings changes nothing`() throws {
    #expect(try layer(file: "# to be filled in\n")?.source == nil)
  }

  @Test(arguments: [
    ("flow.with=3", "unknown key 'flow.with'; did you mean 'width'?"),
    ("flwo.width=3", "unknown key 'flwo'; did you mean 'flow'?"),
    ("flow.qqqqqq=3", "unknown key 'flow.qqqqqq'; known: width, layers, orders"),
    ("sead=1", "unknown key 'sead'; did you mean 'seed'?"),
    ("flow=3", "'flow' holds settings of its own, expected flow.KEY"),
    ("seed.low=3", "'seed' is no single value"), ("seed=", "'seed' is no whole number from 0"),
    ("seed=-3", "'seed' is no whole number from 0"), ("seed=[1]", "'seed' is no single value"),
    ("flow.width=wide", "'flow.width' is no whole number"),
    ("flow.orders=3", "'flow.orders' is no list"),
    ("kind=medium", "'kind' has an unknown value, expected soft, hard"),
  ])
  func `a setting that does not fit is named with its source`(setting: String, problem: String)
    throws
  {
    let good = try set("flow.layers=1")
    #expect(throws: RunError.configuration(source: setting, problem: problem)) {
      try resolve(good, set(setting), good)
    }
    #expect(throws: RunError.configuration(source: "mine", problem: problem)) {
      try resolve(ConfigurationLayer(setting: setting, source: "mine"))
    }
  }

  @Test(arguments: ["", "seed", "=3"])
  func `a setting without a key or a value is refused at once`(setting: String) throws {
    #expect(
      throws: RunError.configuration(source: setting, problem: "expected key=value")
    ) { try set(setting) }
  }

  @Test func `a setting that is no YAML is refused at once`() throws {
    let error = #expect(throws: RunError.self) { try set("seed=[1") }
    #expect(error?.description.hasPrefix("seed=[1: no valid YAML: ") == true)
  }

  @Test(arguments: [
    ("just words\n", "holds no settings, expected lines of KEY: value"),
    ("- seed: 1\n", "holds no settings, expected lines of KEY: value"),
    ("flow:\n  with: 3\n", "unknown key 'flow.with'; did you mean 'width'?"),
    ("flow:\n", "'flow' holds settings of its own, expected flow.KEY"),
    ("seed: many\n", "'seed' is no whole number from 0"),
  ])
  func `a file that does not fit is named`(text: String, problem: String) throws {
    let file = try #require(try layer(file: text))
    #expect(throws: RunError.configuration(source: "settings.yaml", problem: problem)) {
      try resolve(file)
    }
  }

  @Test func `the whole is validated in the end`() throws {
    #expect(throws: RunError.configuration(source: "settings", problem: "no width")) {
      try resolve(set("flow.width=0"))
    }
    #expect(try resolve(set("flow.width=0"), set("flow.width=1")).flow.width == 1)
  }

  @Test(arguments: [
    ("flow.width=101", "flow.width is 101, expected 1 to 100"),
    ("flow.width=9223372036854775807", "flow.width is 9223372036854775807, expected 1 to 100"),
    ("flow.layers=0", "flow.layers is 0, expected above 0"),
  ])
  func `a number has the limits of its table`(setting: String, problem: String) throws {
    #expect(throws: RunError.configuration(source: "configuration", problem: problem)) {
      try resolve(set(setting))
    }
  }

  @Test func `limits hold finite numbers alone`() {
    let cases: [(limits: Setting.Limits, inside: [Double], outside: [Double], text: String)] = [
      (.between(1, 3), [1, 3], [0.9, 3.1], "1 to 3"), (.atLeast(1), [1, 1e300], [0], "1 or more"),
      (.above(1), [1.1], [1, -1e300], "above 1"),
      (.aboveUpTo(0, 1), [1e-300, 1], [0, 1.1], "above 0, up to 1"),
      (.below(0, 1), [0, 0.9], [1, -0.1], "0 to below 1"),
    ]
    for (limits, inside, outside, text) in cases {
      for value in inside { #expect(limits.contains(value), "\(value) in \(text)") }
      for value in outside + [.nan, .infinity, -.infinity] {
        #expect(!limits.contains(value), "\(value) in \(text)")
      }
      #expect("\(limits)" == text)
    }
  }

  @Test func `a layer tells its numbers of the first level`() throws {
    let file = try #require(try layer(file: "seed: 2\nflow: {width: 3}\n"))
    #expect(file.number("seed") == 2 && file.number("flow") == nil && file.number("kind") == nil)
    #expect(try set("time=1.5e3").number("time") == 1_500)
  }

  @Test func `a system's defaults stand under defaults`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/system.yaml"
      try Data("name: x\ndefaults:\n  seed: 7\n".utf8).write(to: URL(fileURLWithPath: path))
      let layer = try #require(try ConfigurationLayer(defaultsOf: path))
      #expect(layer.source == "\(path), defaults")
      #expect(try resolve(layer).seed == 7)
      try Data("name: x\n".utf8).write(to: URL(fileURLWithPath: path))
      #expect(try ConfigurationLayer(defaultsOf: path)?.source == nil)
    }
  }

  @Test func `a key without its group is told the group`() {
    #expect(
      throws: RunError.configuration(
        source: "width=3", problem: "unknown key 'width'; did you mean 'flow.width'?")
    ) { try resolve(set("width=3")) }
  }

  @Test func `settings are described with their defaults`() throws {
    let described = try Settings().describedSettings()
    #expect(described.map(\.setting) == Settings.settings)
    #expect(described.map(\.standard) == ["1", "soft", "96", "2", "[]"])
    #expect(
      described.map(\.values) == ["0 or more", "soft, hard", "1 to 100", "above 0", "list"])
    #expect(
      settingsTable(described).contains("flow.width   96       1 to 100    how wide, units\n"))
    #expect(
      settingsMarkdown(described).contains("| `flow.width` | 96 | 1 to 100 | how wide, units |\n"))
  }
}
